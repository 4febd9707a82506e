using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Search.Decisions;

/// <summary>What a search does with what it reaches.</summary>
internal interface ISearchVisitor
{
    /// <summary>What is wrong with the execution that was visited last; null if nothing is.</summary>
    Break? Broken { get; }

    /// <summary>Whether <see cref="MayMatter"/> may ever say no.</summary>
    bool LeavesEarly { get; }

    /// <summary>Whether the claim can still break in some completion of the state. A state where it cannot is left at once.</summary>
    bool MayMatter(ExecutionState state);

    /// <summary>Takes a complete, consistent execution.</summary>
    /// <returns>False to stop the search here.</returns>
    bool Visit(ExecutionState state);
}

/// <summary>Leaves no branch early and takes every execution.</summary>
internal sealed class EverythingMatters : ISearchVisitor
{
    public static readonly EverythingMatters Instance = new();

    public Break? Broken => null;

    public bool LeavesEarly => false;

    public bool MayMatter(ExecutionState state) => true;

    public bool Visit(ExecutionState state) => true;
}
