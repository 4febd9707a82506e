using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>Looks for an execution that breaks one claim, and tells the search where none can come any more.</summary>
internal sealed class ClaimVisitor : ISearchVisitor
{
    private readonly Program _program;
    private readonly string _claim;
    private readonly Outlook[] _outlooks;
    private readonly Outlook? _finalOutlook;
    private readonly FlatCode? _final;
    private readonly KnownBits[] _results;
    private readonly bool _isExhaustive;
    private readonly Action<ExecutionState>? _onComplete;

    public ClaimVisitor(Program program, FlatCode[] codes, FlatCode? final, string claim, bool isExhaustive, Action<ExecutionState>? onComplete = null)
    {
        _onComplete = onComplete;
        _program = program;
        _claim = claim;
        _isExhaustive = isExhaustive;
        _outlooks = codes.Select(c => new Outlook(c, claim)).ToArray();
        _final = final is not null && final.Flow.ReachesClaim(claim)[0] ? final : null;
        _finalOutlook = _final is null ? null : new Outlook(_final, claim);
        _results = new KnownBits[codes.Length];
    }

    /// <summary>How the execution that was visited last breaks the claim.</summary>
    public Break? Broken { get; private set; }

    public bool LeavesEarly => !_isExhaustive;

    public bool MayMatter(ExecutionState state)
    {
        if (_isExhaustive || state.WildAccess is not null)
        {
            return true;
        }

        foreach (var instance in state.Claims)
        {
            if (!state.Values.Bits(instance.Condition).IsZero)
            {
                return true;
            }
        }

        for (var t = 0; t < _outlooks.Length; t++)
        {
            ref readonly var thread = ref state.Threads[t];
            if (thread.Status == ThreadStatus.Finished)
            {
                _results[t] = state.Values.Bits(thread.Result);
            }
            else if (!_outlooks[t].ReachesClaim(thread.Step) && _final is null)
            {
                _results[t] = KnownBits.Nothing;
            }
            else
            {
                var registers = _outlooks[t].Registers;
                for (var r = 0; r < registers.Length; r++)
                {
                    registers[r] = state.Values.Bits(state.Registers[t][r].Value);
                }

                if (_outlooks[t].MayBreak(thread.Step))
                {
                    return true;
                }

                _results[t] = _outlooks[t].Result;
            }
        }

        return _final is not null && FinalMayBreak(_final);
    }

    public bool Visit(ExecutionState state)
    {
        _onComplete?.Invoke(state);
        if (state.WildAccess is { } wild)
        {
            Broken = new(wild.Thread, wild.Step, BreakKind.WildAccess);
            return false;
        }

        foreach (var instance in state.Claims)
        {
            if (FinalState.KnownValue(state, instance.Condition) != 0)
            {
                Broken = new(instance.Thread, instance.Step, BreakKind.Claim);
                return false;
            }
        }

        if (_final is not null)
        {
            var arguments = new List<ulong>(_program.FinalArguments);
            foreach (var thread in state.Threads)
            {
                arguments.Add(FinalState.KnownValue(state, thread.Result));
            }

            var given = arguments.Take(_final.Procedure.Parameters.Length).ToArray();
            if (FinalState.Run(state, _final, given, _claim) is >= 0 and var step)
            {
                Broken = new(-1, step, BreakKind.Claim);
                return false;
            }
        }

        return true;
    }

    private bool FinalMayBreak(FlatCode final)
    {
        var registers = _finalOutlook!.Registers;
        registers.Fill(KnownBits.Of(0));
        var parameters = final.Procedure.Parameters;
        for (var p = 0; p < parameters.Length; p++)
        {
            var fromThread = p - _program.FinalArguments.Length;
            registers[parameters[p].Index] = fromThread < 0 ? KnownBits.Of(_program.FinalArguments[p]) : _results[fromThread];
        }

        return _finalOutlook.MayBreak(0);
    }
}
