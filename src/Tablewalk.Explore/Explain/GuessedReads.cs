using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>
/// Programs whose loads guess what they will read: the code after them goes on with the guess, and an execution in which a guess was wrong does not count. With the
/// dependency on the read kept, that reaches executions in which threads wait for each other's values in a circle; without it, it shows what the
/// dependency forbids.
/// </summary>
/// <remarks>
/// Errs: may miss executions in which a read gets a value that is not among those to guess. Loads in loops do not guess, since each round would
/// be another.
/// </remarks>
internal static class GuessedReads
{
    /// <summary>The claim that every guess is right.</summary>
    public const string Claim = "(guessed right)";

    /// <summary>The loads that may guess: thread, block and place.</summary>
    public static IEnumerable<(int Thread, int Block, int Index)> LoadsOf(Program program) =>
        from t in Enumerable.Range(0, program.Threads.Length)
        let code = program.Threads[t].Code
        from b in Enumerable.Range(0, code.Blocks.Length)
        where !Flow.IsInLoop(code, b)
        from i in Enumerable.Range(0, code.Blocks[b].Body.Length)
        where code.Blocks[b].Body[i] is Load { Order: not LoadOrder.Walk } or AtomicUpdate { HasNoReturn: false }
        select (t, b, i);

    /// <summary>The program in which one load guesses.</summary>
    /// <param name="program">The program.</param>
    /// <param name="load">The load.</param>
    /// <param name="values">What may be guessed.</param>
    /// <param name="keepsDependency">Whether what is computed from the guess depends on the read all the same.</param>
    public static Program Guess(Program program, (int Thread, int Block, int Index) load, ImmutableArray<ulong> values, bool keepsDependency)
    {
        var code = program.Threads[load.Thread].Code;
        var instruction = code.Blocks[load.Block].Body[load.Index];
        var (destination, size, next) = instruction switch
        {
            Load l => (l.Destination, l.Size, code.RegisterCount),
            AtomicUpdate a => (a.Destination, a.Size, code.RegisterCount),
            _ => throw new ArgumentException($"{IrPrinter.Print(instruction)} is no load", nameof(load)),
        };
        Register New() => new(next++);
        var read = New();
        var added = new List<Instruction>
        {
            instruction switch { Load l => l with { Destination = read }, _ => (AtomicUpdate)instruction with { Destination = read } },
        };
        Operand Compute(Operation operation, Operand left, Operand right)
        {
            var to = New();
            added.Add(new Compute(to, operation, left, right));
            return to;
        }

        ImmutableArray<ulong> choices = [.. values.Select(v => Operation.ZeroExtend.Evaluate(v, (ulong)size * 8)).Distinct()];
        var choice = New();
        added.Add(new Choose(choice, choices.Length));
        var guess = Operand.Of(choices[0]);
        for (var i = 1; i < choices.Length; i++)
        {
            var isThis = Compute(Operation.Equal, choice, Operand.Of((ulong)i));
            guess = Compute(Operation.Add, guess, Compute(Operation.Multiply, isThis, Operand.Of(unchecked(choices[i] - choices[0]))));
        }

        added.Add(new BugOn(Compute(Operation.NotEqual, read, guess), Claim));
        added.Add(new Compute(
            destination, keepsDependency ? Operation.Add : Operation.Copy, guess, keepsDependency ? Compute(Operation.And, read, Operand.Of(0)) : Operand.Of(0)));
        return Rewriting.Replace(program, load, [.. added.Select(a => a with { Source = instruction.Source })], next);
    }
}
