using Tablewalk.Explore.Witness;
using Tablewalk.Ir;

namespace Tablewalk.Scenarios.Tests.Distilling;

/// <summary>Changes to the program of a table after which it must not show the violation any more.</summary>
internal static class Reductions
{
    /// <summary>One read of each thread, the last, must get another value than its row says.</summary>
    public static IEnumerable<(Program Program, string What)> WithAnotherValue(Program reduced)
    {
        for (int t = 0; t < reduced.Threads.Length; t++)
        {
            Procedure code = reduced.Threads[t].Code;
            for (int b = code.Blocks.Length - 1; b >= 0; b--)
            {
                int i = code.Blocks[b].Body.ToList().FindLastIndex(static step => step is Compute { Operation: Operation.Equal });
                if (i >= 0)
                {
                    var asShown = (Compute)code.Blocks[b].Body[i];
                    Block changed = code.Blocks[b] with { Body = code.Blocks[b].Body.SetItem(i, asShown with { Right = asShown.Right.Constant ^ 0x5A5A }) };
                    yield return (WithBlock(reduced, t, b, changed), $"CPU {t}");
                    break;
                }
            }
        }
    }

    /// <summary>The stores of a CPU to a place are taken away, where another CPU reads such a value there that it has from nowhere else.</summary>
    public static IEnumerable<(Program Program, string What)> WithoutWrites(Counterexample shown, IInitialMemory memory)
    {
        Program reduced = shown.Reduced!;
        Dictionary<string, (ulong Address, int SizeBytes)> places = PlacesOf(reduced, memory);
        foreach (Step read in shown.Steps.Where(static step => step.Kind == StepKind.Read && step.ReadsFrom >= 0))
        {
            Step write = shown.Steps[read.ReadsFrom];
            bool isElsewhere = shown.Steps.Any(step => step.Kind == StepKind.Write && step.Location == write.Location && step.Value == write.Value && step != write);
            if (write.Cpu == read.Cpu || isElsewhere || !places.TryGetValue(read.Location, out var place)
                || !memory.TryRead(place.Address, place.SizeBytes, out ulong initial) || initial == read.Value)
            {
                continue;
            }

            Procedure code = reduced.Threads[write.Cpu].Code;
            bool IsOne(Instruction step) => step switch
            {
                Store store => store.Address.IsConstant && store.Address.Constant == place.Address,
                Poison poison => poison.Address.IsConstant && poison.Address.Constant == place.Address,
                _ => false,
            };
            if (code.Blocks.Any(block => block.Body.Any(IsOne)))
            {
                Procedure without = code with { Blocks = [.. code.Blocks.Select(block => block with { Body = block.Body.RemoveAll(step => IsOne(step)) })] };
                yield return (reduced with { Threads = reduced.Threads.SetItem(write.Cpu, reduced.Threads[write.Cpu] with { Code = without }) }, $"CPU {write.Cpu} {write.Location}");
            }
        }
    }

    private static Dictionary<string, (ulong Address, int SizeBytes)> PlacesOf(Program reduced, IInitialMemory memory)
    {
        var places = new Dictionary<string, (ulong Address, int SizeBytes)>(StringComparer.Ordinal);
        foreach (Instruction step in reduced.Threads.SelectMany(static thread => thread.Code.Blocks).SelectMany(static block => block.Body))
        {
            if (step is Load { Address.IsConstant: true } load)
            {
                places[memory.NameOf(load.Address.Constant, (int)load.Size)] = (load.Address.Constant, (int)load.Size);
            }
        }

        return places;
    }

    private static Program WithBlock(Program program, int thread, int block, Block changed)
    {
        Procedure code = program.Threads[thread].Code;
        return program with { Threads = program.Threads.SetItem(thread, program.Threads[thread] with { Code = code with { Blocks = code.Blocks.SetItem(block, changed) } }) };
    }
}
