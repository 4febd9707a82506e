using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>Looks for executions that come to calls of intrinsics which none has come to yet, and leaves what comes to no such call.</summary>
/// <remarks>Leaves everything once it has been asked often enough: what is not reached by then counts as not reached.</remarks>
internal sealed class CallVisitor : ISearchVisitor
{
    private readonly FlatCode[] _codes;
    private readonly bool[] _isReached; // by call; shared with the visitors of a search that begins again
    private readonly int[][] _calls; // by thread and step: the call, or -1
    private readonly int[][][] _ahead; // by thread and block: the calls that may be made from its start on
    private long _left;

    /// <summary>Looks for calls.</summary>
    /// <param name="codes">The threads.</param>
    /// <param name="wanted">The calls, each once.</param>
    /// <param name="isReached">By call: whether one came to it; written.</param>
    /// <param name="most">How often it may be asked before it has seen enough.</param>
    public CallVisitor(FlatCode[] codes, IReadOnlyList<IntrinsicCall> wanted, bool[] isReached, long most)
    {
        (_codes, _isReached, _left) = (codes, isReached, most);
        var numbers = wanted.Select((call, number) => (call, number)).ToDictionary(n => n.call, n => n.number);
        _calls = [.. codes.Select(code => CallsOf(code, numbers))];
        _ahead = [.. codes.Select((code, t) => CallsAhead(code, _calls[t]))];
    }

    public Break? Broken => null;

    public bool LeavesEarly => true;

    public bool MayMatter(ExecutionState state)
    {
        if (state.WildAccess is not null || _left-- <= 0)
        {
            return false;
        }

        for (var t = 0; t < _codes.Length; t++)
        {
            if (state.Threads[t].Status != ThreadStatus.Finished && Array.Exists(_ahead[t][_codes[t].BlockOf(state.Threads[t].Step)], IsNew))
            {
                return true;
            }
        }

        return CallsIn(state).Any(IsNew);
    }

    public bool Visit(ExecutionState state)
    {
        if (state.WildAccess is null)
        {
            foreach (var call in CallsIn(state))
            {
                _isReached[call] = true;
            }
        }

        return true;
    }

    private bool IsNew(int call) => !_isReached[call];

    private IEnumerable<int> CallsIn(ExecutionState state)
    {
        for (var e = 0; e < state.EventCount; e++)
        {
            if (state.Thread[e] is >= 0 and var t && _calls[t][state.Step[e]] is >= 0 and var call)
            {
                yield return call;
            }
        }

        foreach (var claim in state.Claims)
        {
            if (_calls[claim.Thread][claim.Step] is >= 0 and var call)
            {
                yield return call;
            }
        }
    }

    private static int[] CallsOf(FlatCode code, Dictionary<IntrinsicCall, int> numbers) =>
        [.. code.Procedure.Blocks.SelectMany(block => block.Body.Append(block.End)).Select(i => i.Call is { } call && numbers.TryGetValue(call, out var number) ? number : -1)];

    private static int[][] CallsAhead(FlatCode code, int[] calls)
    {
        var blocks = code.Procedure.Blocks;
        HashSet<int>[] ahead = [.. blocks.Select((b, i) => calls.AsSpan(code.StartOf(i), b.Body.Length).ToArray().Where(call => call >= 0).ToHashSet())];
        for (var isDone = false; !isDone;)
        {
            isDone = true;
            for (var b = blocks.Length - 1; b >= 0; b--)
            {
                var before = ahead[b].Count;
                foreach (var next in blocks[b].End.Targets())
                {
                    ahead[b].UnionWith(ahead[next]);
                }

                isDone &= ahead[b].Count == before;
            }
        }

        return [.. ahead.Select(calls => calls.ToArray())];
    }
}
