using System.Collections.Immutable;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;

namespace Tablewalk.Litmus.Tests.Oracle;

/// <summary>
/// A litmus test in the form that the naive enumerator takes: named locations of 8 bytes. That is the same test if all accesses have one size and each
/// variable is accessed as a whole.
/// </summary>
internal sealed record WidenedProgram(Program Program, FlatMemory Memory)
{
    /// <summary>Widens a test; null if it is not of that form.</summary>
    public static WidenedProgram? OfOrNull(LitmusProgram test)
    {
        var instructions = test.Program.Threads.SelectMany(t => t.Code.Blocks).SelectMany(b => b.Body).ToArray();
        var sizes = instructions.Select(SizeOrNull).OfType<AccessSize>().Distinct().ToArray();
        if (sizes.Length > 1 || instructions.Any(i => i is AtomicUpdate { Operation: AtomicOperation.MaxSigned or AtomicOperation.MinSigned }))
        {
            return null;
        }

        var variables = VariablesOf(test, instructions);
        var memory = new FlatMemory([.. variables.Values]);
        ulong Moved(ulong value) => variables.TryGetValue(value, out var name) ? memory.AddressOf(name) : value;
        foreach (var (address, name) in variables)
        {
            if (!test.Memory.TryRead(address, sizes is [AccessSize.Double] ? 8 : 4, out var value))
            {
                return null;
            }

            memory[name] = Moved(value);
        }

        var threads = test.Program.Threads.Select(t => t with
        {
            Arguments = [.. t.Arguments.Select(Moved)],
            Code = t.Code with { Blocks = [.. t.Code.Blocks.Select(b => b with { Body = [.. b.Body.Select(i => Widened(i, Moved))] })] },
        });
        return new(new Program([.. threads], null, []), memory);
    }

    // Every variable's address is an argument of some thread, a constant of the code or the value of another variable.
    private static Dictionary<ulong, string> VariablesOf(LitmusProgram test, Instruction[] instructions)
    {
        var variables = new Dictionary<ulong, string>();
        var work = new Queue<ulong>(test.Program.Threads.SelectMany(t => t.Arguments)
            .Concat(instructions.SelectMany(i => i.Operands()).Where(o => o.IsConstant).Select(o => o.Constant)));
        while (work.TryDequeue(out var value))
        {
            if (!variables.ContainsKey(value) && test.Memory.TryRead(value, 1, out _) && test.Memory.NameOf(value, 1) is var name && !name.Contains('+'))
            {
                variables.Add(value, name);
                if (test.Memory.TryRead(value, 8, out var pointed))
                {
                    work.Enqueue(pointed);
                }
            }
        }

        return variables;
    }

    private static AccessSize? SizeOrNull(Instruction instruction) => instruction switch
    {
        Load l => l.Size,
        Store s => s.Size,
        StoreExclusive s => s.Size,
        AtomicUpdate a => a.Size,
        _ => null,
    };

    private static Instruction Widened(Instruction instruction, Func<ulong, ulong> moved)
    {
        var widened = instruction switch
        {
            Load l => l with { Size = AccessSize.Double },
            Store s => s with { Size = AccessSize.Double },
            StoreExclusive s => s with { Size = AccessSize.Double },
            AtomicUpdate a => a with { Size = AccessSize.Double },
            _ => instruction,
        };
        return widened.MapOperands(o => o.IsConstant ? Operand.Of(moved(o.Constant)) : o);
    }
}
