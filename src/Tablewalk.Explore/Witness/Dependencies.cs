using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Witness;

/// <summary>What the events of an execution depend on, also where its model does not ask about it.</summary>
internal static class Dependencies
{
    /// <summary>The events that an event's address and value are computed from, and those that picked them.</summary>
    public static IEnumerable<int> InputsOf(ExecutionState state, int e)
    {
        var taints = state.DependsOn[e];
        return Members(state, taints.Address, taints.AddressPick, taints.Data, taints.DataPick);
    }

    /// <summary>The events that decided that an event's thread came to it.</summary>
    public static IEnumerable<int> DecidersOf(ExecutionState state, int e) => Members(state, state.DependsOn[e].Control, state.DependsOn[e].ControlPick);

    /// <summary>The members of some sets, each once, in order.</summary>
    public static SortedSet<int> Members(ExecutionState state, params ReadOnlySpan<int> sets)
    {
        var members = new SortedSet<int>();
        foreach (var set in sets)
        {
            var row = state.Taints.Row(set);
            for (var e = ExecutionState.Next(row, -1); e >= 0; e = ExecutionState.Next(row, e))
            {
                members.Add(e);
            }
        }

        return members;
    }
}
