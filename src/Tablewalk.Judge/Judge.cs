using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Cat;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Report;

namespace Tablewalk.Judge;

/// <summary>Asks whether lock-free code can go wrong, in any order of events that a memory model allows: for tests, and for programs of one's own.</summary>
/// <remarks>
/// <para><b>A scenario</b> is a closed type with one static method marked <see cref="SetupAttribute"/>, one for each CPU marked <see cref="ThreadAttribute"/>, perhaps one marked
/// <see cref="FinalAttribute"/>, and a <c>Cpu.BugOn</c> for each claim. Nothing else is registered anywhere. A static class is no type argument in C#: make it a sealed class, or give its
/// <see cref="Type"/>.</para>
/// <para><b>Architecture and model.</b> An architecture without a model stands for its own: <c>arm64</c> for <c>armv8</c>, <c>x86_64</c> and <c>x86_pae</c> for <c>x86-tso</c>. A model is one of
/// <see cref="ModelCatalog.Names"/>, or the path of a file in the cat language. What holds under <c>armv8</c> need not be asked of <c>x86-tso</c> if it asks of no MMU.</para>
/// <para><b>Limits.</b> The time is that of each claim's search; set-up and lifting come before it. An inconclusive verdict is never a pass. Cancellation throws.</para>
/// <para><b>Errors.</b> What cannot be judged throws <see cref="InputException"/>: a name that there is not, a type that is no scenario, code outside the subset, an assembly that was not built for
/// it, a claim that nothing puts to the test. <c>docs/errors.md</c> has the codes, with remedies.</para>
/// <para>Members may be called by several threads. A set-up is called once for each claim, and once to see what claims there are.</para>
/// </remarks>
#pragma warning disable MA0049 // Judge.Holds<MyRing>() is what a test says, and the part is named after what it does as all are
public static class Judge
#pragma warning restore MA0049
{
    private static readonly ModelCatalog s_models = new();

    /// <summary>Checks every claim of a scenario.</summary>
    /// <typeparam name="TScenario">The scenario.</typeparam>
    /// <inheritdoc cref="Check(Type, string, string?, TimeSpan?, int?, CancellationToken)"/>
    public static ImmutableArray<Judgement> Check<TScenario>(
        string architecture = "arm64", string? model = null, TimeSpan? timeout = null, int? jobs = null, CancellationToken cancellation = default) =>
        Check(typeof(TScenario), architecture, model, timeout, jobs, cancellation);

    /// <summary>Checks every claim of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="architecture">One of <see cref="Architectures.Names"/>.</param>
    /// <param name="model">Another memory model than the architecture's, by name or by file.</param>
    /// <param name="timeout">The most that the search for each claim may take; null for any.</param>
    /// <param name="jobs">Worker threads, at least 1; null for one for each processor. The answer does not depend on it.</param>
    /// <param name="cancellation">Ends the check by an exception.</param>
    /// <returns>A verdict for each claim, in the order in which the code names them: threads first. At least one.</returns>
    /// <exception cref="InputException">The scenario cannot be judged, or not so.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> or <paramref name="jobs"/> is not positive.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImmutableArray<Judgement> Check(
        Type scenario, string architecture = "arm64", string? model = null, TimeSpan? timeout = null, int? jobs = null, CancellationToken cancellation = default)
    {
        var question = Question.Of(scenario, architecture, model, timeout, jobs, cancellation);
        return [.. question.Claims().Select(question.Answer)];
    }

    /// <summary>Does nothing if every claim of a scenario holds, and throws if one does not or a limit came first.</summary>
    /// <typeparam name="TScenario">The scenario.</typeparam>
    /// <inheritdoc cref="Holds(Type, string, string?, TimeSpan?, int?, CancellationToken)"/>
    public static void Holds<TScenario>(
        string architecture = "arm64", string? model = null, TimeSpan? timeout = null, int? jobs = null, CancellationToken cancellation = default) =>
        Holds(typeof(TScenario), architecture, model, timeout, jobs, cancellation);

    /// <summary>Does nothing if every claim of a scenario holds, and throws if one does not or a limit came first.</summary>
    /// <exception cref="JudgeException">A claim does not hold. The message is the race table, or why there is no answer.</exception>
    /// <inheritdoc cref="Check(Type, string, string?, TimeSpan?, int?, CancellationToken)"/>
    public static void Holds(
        Type scenario, string architecture = "arm64", string? model = null, TimeSpan? timeout = null, int? jobs = null, CancellationToken cancellation = default)
    {
        ImmutableArray<Judgement> others =
            [.. Check(scenario, architecture, model, timeout, jobs, cancellation).Where(judgement => judgement.Verdict is not Verdict.Holds)];
        if (!others.IsEmpty)
        {
            throw new JudgeException($"expected every claim of {others[0].Scenario} to hold", others);
        }
    }

    /// <summary>Returns the verdict if a claim of a scenario is violated, and throws if it holds or a limit came first: the control of a test that says that something holds.</summary>
    /// <typeparam name="TScenario">The scenario.</typeparam>
    /// <inheritdoc cref="IsViolated(Type, string, string, string?, TimeSpan?, int?, CancellationToken)"/>
    public static Judgement IsViolated<TScenario>(
        string claim, string architecture = "arm64", string? model = null, TimeSpan? timeout = null, int? jobs = null, CancellationToken cancellation = default) =>
        IsViolated(typeof(TScenario), claim, architecture, model, timeout, jobs, cancellation);

    /// <summary>Returns the verdict if a claim of a scenario is violated, and throws if it holds or a limit came first: the control of a test that says that something holds.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="claim">The claim, as a <c>Cpu.BugOn</c> names it. Other claims are not looked at.</param>
    /// <param name="architecture">One of <see cref="Architectures.Names"/>.</param>
    /// <param name="model">Another memory model than the architecture's, by name or by file.</param>
    /// <param name="timeout">The most that the search may take; null for any.</param>
    /// <param name="jobs">Worker threads, at least 1; null for one for each processor. The answer does not depend on it.</param>
    /// <param name="cancellation">Ends the check by an exception.</param>
    /// <returns>The verdict, with its counterexample.</returns>
    /// <exception cref="JudgeException">The claim is not violated, or nobody knows.</exception>
    /// <exception cref="InputException">The scenario cannot be judged, or not so, or it makes no such claim.</exception>
    /// <exception cref="ArgumentException"><paramref name="claim"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> or <paramref name="jobs"/> is not positive.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Judgement IsViolated(
        Type scenario,
        string claim,
        string architecture = "arm64",
        string? model = null,
        TimeSpan? timeout = null,
        int? jobs = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(claim);
        var question = Question.Of(scenario, architecture, model, timeout, jobs, cancellation);
        ImmutableArray<string> claims = question.Claims();
        if (!claims.Contains(claim))
        {
            throw new InputException(InputError.NoSuch(question.Name, JudgeErrorCodes.UnknownClaim, $"unknown claim '{claim}'", claim, claims));
        }

        Judgement judgement = question.Answer(claim);
        return judgement.Verdict is Verdict.Violated
            ? judgement
            : throw new JudgeException($"expected {claim} of {question.Name} to be violated", [judgement]);
    }

    /// <summary>What is asked of a scenario, all names in it known.</summary>
    private sealed record Question(Type Scenario, string Name, string Architecture, string Model, CheckOptions Options, CancellationToken Cancellation)
    {
        public static Question Of(Type scenario, string architecture, string? model, TimeSpan? timeout, int? jobs, CancellationToken cancellation)
        {
            ArgumentNullException.ThrowIfNull(scenario);
            if (timeout is { } time)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeout));
            }

            if (jobs is { } workers)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1, nameof(jobs));
            }

            if (!Architectures.Names.Contains(architecture))
            {
                throw new InputException(InputError.NoSuch(
                    $"architecture {architecture}", JudgeErrorCodes.UnknownArchitecture, $"unknown architecture '{architecture}'", architecture, Architectures.Names));
            }

            model ??= Architectures.ModelOf(architecture);
            s_models.Load(model); // before the set-up runs: a wrong name is told at once
            return new Question(scenario, TypeNames.Of(scenario), architecture, model, new CheckOptions(jobs ?? Environment.ProcessorCount, timeout), cancellation);
        }

        public ImmutableArray<string> Claims() => CheckRunner.ClaimsOf(Scenario, Name, Cancellation);

        public Judgement Answer(string claim)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                CheckResult result = CheckRunner.Run(Scenario, Name, claim, s_models.Load(Model), Options, cancellation: Cancellation);
                if (result.Verdict is Verdict.Inconclusive)
                {
                    Cancellation.ThrowIfCancellationRequested(); // if that is the reason
                }

                return new(new ResultRow(Name, claim, Architecture, Model, [], result, watch.Elapsed.TotalSeconds));
            }
            catch (CatException broken)
            {
                throw ModelCatalog.Refusal(broken); // on one of the scenario's executions
            }
        }
    }
}
