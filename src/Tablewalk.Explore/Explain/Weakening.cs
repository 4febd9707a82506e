using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>What a weakening takes away.</summary>
public enum WeakeningKind
{
    /// <summary>A fence, a section edge or a wait.</summary>
    Removal,

    /// <summary>The ordering of an access.</summary>
    Order,

    /// <summary>That a read-modify-write is one.</summary>
    Atomicity,

    /// <summary>The dependencies on a read.</summary>
    Dependency,

    /// <summary>A way that a branch may go.</summary>
    Branch,
}

/// <summary>A program with one thing less to rest on.</summary>
/// <param name="Thread">The index of the thread.</param>
/// <param name="Kind">What is taken away.</param>
/// <param name="Subject">From what, in a word: <c>CmpXchg</c>, <c>SmpMb</c>.</param>
/// <param name="Change">How: <c>full -> relaxed</c>, <c>removed</c>.</param>
/// <param name="Source">The source line; null where none is known.</param>
/// <param name="Program">The weaker program.</param>
public sealed record Weakening(int Thread, WeakeningKind Kind, string Subject, string Change, SourceLocation? Source, Program Program)
{
    /// <summary>The source lines of others that go with it: branches that lead to one place.</summary>
    public ImmutableArray<SourceLocation> Others { get; init; } = [];
}

/// <summary>All ways to weaken a program at one instruction.</summary>
public static class Weakenings
{
    /// <summary>Fences, orders, sections, waits and the atomicity of updates, in the order of threads and code.</summary>
    public static IEnumerable<Weakening> Of(Program program)
    {
        ArgumentNullException.ThrowIfNull(program);
        for (var t = 0; t < program.Threads.Length; t++)
        {
            var blocks = program.Threads[t].Code.Blocks;
            foreach (var section in blocks.SelectMany(b => b.Body).OfType<SectionEdge>().Where(e => e.IsEntry).DistinctBy(e => e.Section))
            {
                yield return new(t, WeakeningKind.Removal, SubjectOf(section), "removed", section.Source, WithoutSections(program, t, section.Section));
            }

            for (var b = 0; b < blocks.Length; b++)
            {
                for (var i = 0; i < blocks[b].Body.Length; i++)
                {
                    var (at, old) = ((t, b, i), blocks[b].Body[i]);
                    foreach (var (kind, change, instructions, registers) in Of(old, program.Threads[t].Code.RegisterCount))
                    {
                        ImmutableArray<Instruction> sourced = [.. instructions.Select(n => n with { Source = old.Source })];
                        yield return new(t, kind, SubjectOf(old), change, old.Source, Rewriting.Replace(program, at, sourced, registers));
                    }
                }
            }
        }
    }

    // An exit without its entry would be no section's, so all of a kind go together.
    private static Program WithoutSections(Program program, int thread, SectionKind kind)
    {
        var code = program.Threads[thread].Code;
        code = code with { Blocks = [.. code.Blocks.Select(b => b with { Body = b.Body.RemoveAll(i => i is SectionEdge e && e.Section == kind) })] };
        return program with { Threads = program.Threads.SetItem(thread, program.Threads[thread] with { Code = code }) };
    }

    private static IEnumerable<(WeakeningKind Kind, string Change, ImmutableArray<Instruction> Instructions, int Registers)> Of(Instruction old, int registers)
    {
        switch (old)
        {
            case Fence or Wait or Invalidate:
                yield return (WeakeningKind.Removal, "removed", [], registers);
                break;
            case Load { Order: LoadOrder.Acquire or LoadOrder.AcquirePc or LoadOrder.AcquireRelease } l:
                yield return (WeakeningKind.Order, $"{Name(l.Order)} -> once", [l with { Order = LoadOrder.Once }], registers);
                break;
            case Store { Order: StoreOrder.Release or StoreOrder.AcquireRelease } s:
                yield return (WeakeningKind.Order, $"{Name(s.Order)} -> once", [s with { Order = StoreOrder.Once }], registers);
                break;
            case StoreExclusive s:
                if (s.Order != StoreOrder.Once)
                {
                    yield return (WeakeningKind.Order, $"{Name(s.Order)} -> once", [s with { Order = StoreOrder.Once }], registers);
                }

                ImmutableArray<Instruction> plain = [new Store(s.Address, s.Value, s.Size, s.Order), new Compute(s.Status, Operation.Copy, Operand.Of(0), Operand.Of(0))];
                yield return (WeakeningKind.Atomicity, "exclusive -> plain", plain, registers);
                break;
            case AtomicUpdate a:
                if (a.Order != AtomicOrder.Relaxed)
                {
                    yield return (WeakeningKind.Order, $"{Name(a.Order)} -> relaxed", [a with { Order = AtomicOrder.Relaxed }], registers);
                }

                if (OperationOrNull(a.Operation) is { } operation)
                {
                    var (read, written) = (new Register(registers), new Register(registers + 1));
                    ImmutableArray<Instruction> parts =
                    [
                        new Load(read, a.Address, a.Size, a.Order is AtomicOrder.Acquire or AtomicOrder.Full ? LoadOrder.Acquire : LoadOrder.Once),
                        operation == Operation.Copy ? new Compute(written, operation, a.Value, Operand.Of(0)) : new Compute(written, operation, read, a.Value),
                        new Store(a.Address, written, a.Size, a.Order is AtomicOrder.Release or AtomicOrder.Full ? StoreOrder.Release : StoreOrder.Once),
                        new Compute(a.Destination, Operation.Copy, read, Operand.Of(0)),
                    ];
                    yield return (WeakeningKind.Atomicity, "atomic -> load and store", parts, registers + 2);
                }

                break;
        }
    }

    private static Operation? OperationOrNull(AtomicOperation operation) => operation switch
    {
        AtomicOperation.Exchange => Operation.Copy,
        AtomicOperation.Add or AtomicOperation.Or or AtomicOperation.And or AtomicOperation.Xor => operation.AsOperation(),
        _ => null,
    };

    private static string SubjectOf(Instruction instruction) => instruction switch
    {
        Fence f => f.Kind.ToString(),
        SectionEdge e => e.Section == SectionKind.IrqOff ? "irq-off section" : "RCU read section",
        Wait w => w.Kind == WaitKind.Ipi ? "IPI wait" : "grace period",
        Invalidate => "TLB invalidation",
        Load => "load",
        Store => "store",
        StoreExclusive => "store-exclusive",
        AtomicUpdate { Operation: AtomicOperation.CompareExchange } => "CmpXchg",
        AtomicUpdate { Operation: AtomicOperation.Exchange } => "Xchg",
        AtomicUpdate a => $"Fetch{a.Operation}",
        _ => throw new ArgumentOutOfRangeException(nameof(instruction), instruction, "has nothing to weaken"),
    };

    private static string Name<T>(T order)
        where T : struct, Enum => string.Concat(order.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : $"{c}"));
}
