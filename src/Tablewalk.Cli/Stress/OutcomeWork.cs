using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Explore.Outcomes;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>How native outcomes are compared with allowed ones.</summary>
/// <param name="Rounds">How many rounds to run.</param>
/// <param name="Jobs">Workers of the search.</param>
/// <param name="Timeout">The most that a case may take; null for any. The rounds take half of it at most.</param>
internal sealed record OutcomeOptions(long Rounds, int Jobs, TimeSpan? Timeout);

/// <summary>
/// One case: runs its threads natively, round after round, asks the search for each outcome that came, and then for all others. Both are over one arena, so an
/// address means the same in both.
/// </summary>
#pragma warning disable CA1001 // Do gives the arena back, unless threads that it cannot end are still at it.
internal sealed class OutcomeWork(
    CheckCase check, Type native, ModelCatalog models, OutcomeOptions options, Limit limit, ProgressLine progress, Action<OutcomeRow> onRow) : IWork
#pragma warning restore CA1001
{
    private const long RoundsBetweenLooks = 1000;

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Headway _headway = new(limit, progress);
    private readonly OutcomeTally _tally = new();
    private readonly Lock _telling = new(); // the arena is there for whoever has it, or there is a row
    private readonly Arena _arena = new();
    private Ir.Program? _program;
    private AllowedOutcomes? _allowed;
    private OutcomeRow? _row;
    private bool _isArenaInUse; // by threads that may still be at a round
    private volatile bool _isDecided;

    public void Do(Action<Action> tell)
    {
        progress.Begin($"{check.Scenario.Name} {check.Claim} {check.Architecture} {check.Model} {check.VariantText}");
        try
        {
            OutcomeRow row = Compare();
            tell(() => onRow(row));
        }
        catch (CatException broken)
        {
            throw ModelCatalog.Refusal(broken);
        }
        finally
        {
            lock (_telling)
            {
                _row ??= RowOf(isListWhole: false, _headway.Reason);
                if (!_isArenaInUse)
                {
                    _arena.Dispose();
                }
            }
        }
    }

    public void GiveUp(Action<Action> tell, int told)
    {
        lock (_telling)
        {
            OutcomeRow row = _row ?? RowOf(isListWhole: false, _headway.Reason);
            tell(() => onRow(row));
        }
    }

    private OutcomeRow Compare()
    {
        _headway.Enter("reading the model");
        Model model = models.Load(check.Model);
        _program = CheckRunner.Prepare(CheckRunner.TypeOf(check), check.Scenario.Name, _arena, _headway, limit.Token);
        var memory = new ArenaMemory(_arena);
        _allowed = new AllowedOutcomes(_program, memory, model, options.Jobs);
        if (RunNatively((nint)_program.Threads[0].Arguments[0], memory) is { } hindrance)
        {
            return RowOf(isListWhole: false, hindrance) with { HasHindrance = true };
        }

        _headway.Enter("looking for the outcomes that came");
        try
        {
            _allowed.Find(_tally.Seen, _headway, limit.Token);
            _isDecided = true;
            _headway.Enter("looking for all outcomes");
            _allowed.FindAll(_headway, limit.Token);
        }
        catch (NotSupportedException full)
        {
            return RowOf(isListWhole: false, full.Message);
        }

        return RowOf(isListWhole: true, reason: null);
    }

    // Returns why a round did not end; null if all did.
    private string? RunNatively(nint state, ArenaMemory memory)
    {
        _headway.Enter("running natively");
        Stopwatch watch = Stopwatch.StartNew();
        string? hindrance = NativeScenario.RunOrHindrance(
            native,
            _arena,
            state,
            (results, broken) =>
            {
                long rounds = _tally.Add(_allowed!.OfRun([.. results], broken, memory));
                if (rounds % RoundsBetweenLooks == 0)
                {
                    progress.Say($"{check.Scenario.Name} {check.Claim} {check.Architecture}: {Counts.Number(rounds)} rounds");
                }

                return rounds >= options.Rounds || limit.IsReached || watch.Elapsed * 2 >= options.Timeout;
            },
            _tally.Clear,
            cancellation: limit.Token);
        _isArenaInUse = hindrance is not null;
        limit.Token.ThrowIfCancellationRequested();
        return hindrance;
    }

    private OutcomeRow RowOf(bool isListWhole, string? reason)
    {
        var teller = new OutcomeTeller(_arena);
        ImmutableArray<OutcomeCount> outcomes = _tally.Against(_allowed?.Found ?? [], _isDecided, teller);
        return new OutcomeRow(
            check,
            _program is null ? [] : [.. _program.Threads.Select(thread => thread.Name)],
            _tally.Rounds,
            [.. outcomes.Select(teller.Tell)],
            isListWhole,
            _allowed?.MayTouchOutside == true,
            reason,
            _watch.Elapsed.TotalSeconds);
    }
}
