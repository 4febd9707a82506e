using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Outcomes;

/// <summary>
/// Looks for outcomes, and tells the search where none can come that is not known yet. What is certain of a result or a claim of a partial execution is told in
/// three values, as <see cref="ClaimVisitor"/> tells whether a claim may break; of what the final predicate reads nothing is certain before the end.
/// </summary>
internal sealed class OutcomeVisitor : ISearchVisitor
{
    private const string NoClaim = "";

    private readonly OutcomeCode _code;
    private readonly OutcomeHunt _hunt;
    private readonly Outlook[] _claims; // by thread
    private readonly Outlook[] _ends; // by thread: what it returns, whatever breaks before
    private readonly KnownBits[] _results;
    private readonly List<string> _broken = [];

    public OutcomeVisitor(FlatCode[] codes, OutcomeCode code, OutcomeHunt hunt)
    {
        (_code, _hunt) = (code, hunt);
        _claims = [.. codes.Select(c => new Outlook(c, OutcomeCode.AnyClaim))];
        _ends = [.. codes.Select(c => new Outlook(c, NoClaim))];
        _results = new KnownBits[codes.Length];
    }

    public Break? Broken => null;

    public bool LeavesEarly => true;

    public bool MayMatter(ExecutionState state)
    {
        if (state.WildAccess is not null)
        {
            return _hunt.IsForAll && !_hunt.IsOutsideMet;
        }

        if (_hunt.IsForAll && _code.FinalMayRead)
        {
            return true;
        }

        var isCertain = LookAhead(state);
        return !_hunt.IsForAll ? _hunt.MayFind(_results, _broken)
            : !isCertain || !Array.TrueForAll(_results, result => result.IsConstant)
            || !_hunt.Has(_code.Of([.. _results.Select(result => result.Ones)], (_, _) => 0, _broken)); // it reads nothing
    }

    public bool Visit(ExecutionState state)
    {
        if (state.WildAccess is not null)
        {
            _hunt.TakeOutside();
        }
        else
        {
            _hunt.Take(_code.Of(state));
        }

        return true;
    }

    // What is certain of results and of claims that broke. Returns whether no other claim may break in a thread.
    private bool LookAhead(ExecutionState state)
    {
        var isCertain = true;
        _broken.Clear();
        foreach (var claim in state.Claims)
        {
            var condition = state.Values.Bits(claim.Condition);
            isCertain &= condition.IsZero || condition.IsNonzero;
            if (condition.IsNonzero)
            {
                _broken.Add(_code.ClaimAt(claim.Thread, claim.Step));
            }
        }

        for (var t = 0; t < _results.Length; t++)
        {
            ref readonly var thread = ref state.Threads[t];
            if (thread.Status == ThreadStatus.Finished)
            {
                _results[t] = state.Values.Bits(thread.Result);
                continue;
            }

            isCertain = isCertain && !MayBreak(_claims[t], state, t);
            _ = MayBreak(_ends[t], state, t);
            _results[t] = _ends[t].Result;
        }

        return isCertain;
    }

    private static bool MayBreak(Outlook outlook, ExecutionState state, int t)
    {
        var registers = outlook.Registers;
        for (var r = 0; r < registers.Length; r++)
        {
            registers[r] = state.Values.Bits(state.Registers[t][r].Value);
        }

        return outlook.MayBreak(state.Threads[t].Step);
    }
}
