using System.Collections.Immutable;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Outcomes;

/// <summary>A program as the search for outcomes needs it, and the outcomes of its runs.</summary>
internal sealed class OutcomeCode
{
    /// <summary>What every claim is called in <see cref="Program"/>, so that the search keeps an eye on all of them.</summary>
    public const string AnyClaim = "(any claim)";

    private readonly FlatStep[][] _steps; // by thread; where a claim broke is told by the step
    private readonly FlatCode? _final;
    private readonly ImmutableArray<ulong> _finalArguments;

    public OutcomeCode(Program program)
    {
        _steps = [.. program.Threads.Select(thread => FlatCode.From(thread.Code).Steps)];
        _final = program.Final is null ? null : FlatCode.From(program.Final);
        _finalArguments = program.FinalArguments;
        FinalMayRead = program.Final?.Blocks.Any(block => block.Body.Any(i => i is Load)) == true;
        FinalClaims = [.. program.Final?.Blocks.SelectMany(block => block.Body).OfType<BugOn>().Select(bug => bug.Claim) ?? []];
        Program = program with { Threads = [.. program.Threads.Select(thread => thread with { Code = Reach.Rewrite(thread.Code, bug => bug with { Claim = AnyClaim }) })] };
    }

    /// <summary>The program in which all claims of threads are <see cref="AnyClaim"/>. Its steps are those of the original.</summary>
    public Program Program { get; }

    /// <summary>Whether the final predicate depends on more than the threads' results.</summary>
    public bool FinalMayRead { get; }

    /// <summary>The claims that the final predicate may break.</summary>
    public ImmutableHashSet<string> FinalClaims { get; }

    /// <summary>The claim that a thread may break at a step.</summary>
    public string ClaimAt(int thread, int step) => _steps[thread][step].Claim!;

    /// <summary>The outcome of a complete execution that touches nothing outside of memory.</summary>
    public Outcome Of(ExecutionState state) => Of(
        [.. state.Threads.Select(thread => FinalState.KnownValue(state, thread.Result))],
        (address, sizeBytes) => FinalState.ReadMemory(state, address, sizeBytes),
        state.Claims.Where(claim => FinalState.KnownValue(state, claim.Condition) != 0).Select(claim => ClaimAt(claim.Thread, claim.Step)));

    /// <summary>The outcome of threads with these results, which left this memory behind.</summary>
    /// <param name="results">What each thread returned.</param>
    /// <param name="memory">Reads final memory.</param>
    /// <param name="broken">The claims that threads broke; those that the final predicate breaks come to it.</param>
    public Outcome Of(ImmutableArray<ulong> results, Func<ulong, int, ulong> memory, IEnumerable<string> broken)
    {
        var (reads, brokenAfterwards) = RunFinal(results, memory);
        return new(results, reads, broken.Concat(brokenAfterwards));
    }

    /// <summary>What the final predicate reads, and the claims that it breaks.</summary>
    public (ImmutableArray<FinalRead> Reads, IReadOnlyCollection<string> Broken) RunFinal(ImmutableArray<ulong> results, Func<ulong, int, ulong> memory)
    {
        if (_final is null)
        {
            return ([], []);
        }

        var run = new RecordingRun(memory, ImmutableArray.CreateBuilder<FinalRead>(), []);
        ulong[] arguments = [.. _finalArguments, .. results];
        FinalPredicate.Run(_final, arguments.AsSpan(0, Math.Min(arguments.Length, _final.Procedure.Parameters.Length)), ref run);
        return (run.Reads.DrainToImmutable(), run.Broken);
    }

    private readonly struct RecordingRun(Func<ulong, int, ulong> memory, ImmutableArray<FinalRead>.Builder reads, List<string> broken) : IFinalRun
    {
        public ImmutableArray<FinalRead>.Builder Reads => reads;

        public List<string> Broken => broken;

        public ulong Load(ulong address, int sizeBytes)
        {
            var value = memory(address, sizeBytes);
            reads.Add(new(address, sizeBytes, value));
            return value;
        }

        public bool TakeBreak(int step, string claim)
        {
            broken.Add(claim);
            return true;
        }
    }
}
