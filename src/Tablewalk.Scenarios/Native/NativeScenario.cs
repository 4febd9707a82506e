using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>Takes what one round of a scenario came to. The arena is what the threads and the final predicate left, and nobody uses it.</summary>
/// <param name="results">What each thread returned. Valid during the call only.</param>
/// <param name="broken">The claims that broke in this round.</param>
/// <returns>Whether there are enough rounds.</returns>
public delegate bool RoundReader(ReadOnlySpan<ulong> results, ImmutableArray<string> broken);

/// <summary>Runs a closed scenario type on real threads, round after round, each from the state that its set-up made.</summary>
/// <remarks>One run at a time: what <see cref="Cpu.BugOn"/> finds is counted for the process.</remarks>
public static unsafe class NativeScenario
{
    private static readonly long[] s_looksForPages = [1, 100, 10_000]; // and at the end: the sooner one is found, the less is void
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // a round takes microseconds

    /// <summary>Runs rounds until there are enough of them.</summary>
    /// <param name="scenario">The type.</param>
    /// <param name="isEnough">Asked between rounds, with the number of those that are done, and in how many of them each claim broke.</param>
    /// <returns>In how many rounds each claim broke.</returns>
    /// <exception cref="InvalidOperationException">A round did not come to its end.</exception>
    public static ImmutableSortedDictionary<string, long> Run(Type scenario, Func<long, IReadOnlyDictionary<string, long>, bool> isEnough)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(isEnough);
        Arena arena = new();
        nint state = (nint)MethodsWith<SetupAttribute>(scenario).Single().Invoke(null, [arena])!;
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        long rounds = 0;
        bool OnRound(ReadOnlySpan<ulong> results, ImmutableArray<string> broken)
        {
            foreach (string claim in broken)
            {
                counts[claim] = counts.GetValueOrDefault(claim) + 1;
            }

            return isEnough(++rounds, counts);
        }

        void OnRestart()
        {
            counts.Clear();
            rounds = 0;
        }

        if (RunOrHindrance(scenario, arena, state, OnRound, OnRestart) is { } hindrance)
        {
            throw new InvalidOperationException(hindrance);
        }

        arena.Dispose();
        return counts.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Runs rounds until there are enough of them, or one does not come to its end.</summary>
    /// <param name="scenario">The type.</param>
    /// <param name="arena">The arena that its set-up was run in; afterwards it is what it was, unless there was a hindrance.</param>
    /// <param name="state">What the set-up returned.</param>
    /// <param name="onRound">Takes each round, on one thread or another.</param>
    /// <param name="onRestart">Told when all rounds so far are void: a page was found that the threads write to, and that was not restored between rounds.</param>
    /// <param name="patience">How long a round may take; 10 s if null.</param>
    /// <param name="cancellation">Ends the run where a round does not end.</param>
    /// <returns>Why a round did not come to its end; null if each did. Then threads may be at it still, and the arena is theirs.</returns>
    public static string? RunOrHindrance(
        Type scenario, Arena arena, nint state, RoundReader onRound, Action onRestart, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(arena);
        ArgumentNullException.ThrowIfNull(onRound);
        ArgumentNullException.ThrowIfNull(onRestart);
        ArenaSnapshot snapshot = new(arena);
        MethodInfo[] methods = MethodsWith<ThreadAttribute>(scenario);
        MethodInvoker? final = MethodsWith<FinalAttribute>(scenario).SingleOrDefault() is { } method ? MethodInvoker.Create(method) : null;
        int finalParameters = MethodsWith<FinalAttribute>(scenario).SingleOrDefault()?.GetParameters().Length ?? 0;
        object?[] finalArguments = new object?[finalParameters];
        long rounds = 0;
        NativeClaims.Reset();

        bool EndRound(ulong[] results)
        {
            if (final is not null)
            {
                finalArguments[0] = state;
                for (int i = 1; i < finalParameters; i++)
                {
                    finalArguments[i] = results[i - 1];
                }

                final.Invoke(null, finalArguments);
            }

            bool isEnough = onRound(results, NativeClaims.Take());
            snapshot.Restore();
            rounds++;
            if ((isEnough || s_looksForPages.Contains(rounds)) && snapshot.FindsMore())
            {
                onRestart();
                rounds = 0;
                return false;
            }

            return isEnough;
        }

        AlignedThreads threads = new(
            [.. methods.Select(static method => method.GetCustomAttribute<ThreadAttribute>()!.Name)], [.. methods.Select(method => CodeOf(method, state))], EndRound, patience ?? s_patience);
        return threads.RunOrHindrance(cancellation);
    }

    private static Func<ulong> CodeOf(MethodInfo method, nint state)
    {
        var code = (delegate*<nint, ulong>)method.MethodHandle.GetFunctionPointer();
        return () => code(state);
    }

    private static MethodInfo[] MethodsWith<TAttribute>(Type type)
        where TAttribute : Attribute =>
        [.. type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(static method => method.GetCustomAttribute<TAttribute>() is not null)
            .OrderBy(static method => method.MetadataToken)];
}
