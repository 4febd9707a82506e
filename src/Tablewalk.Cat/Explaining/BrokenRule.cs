using System.Collections.Immutable;

namespace Tablewalk.Cat;

/// <summary>How an execution breaks a constraint.</summary>
/// <param name="Constraint">The constraint.</param>
/// <param name="Steps">
/// Of an acyclic or irreflexive constraint: a shortest cycle, each step beginning where the one before ended. Of an empty one: the first pair
/// that should not be, by each part of an intersection in turn. None if the constraint is about a set, or demands the opposite.
/// </param>
public sealed record BrokenRule(Constraint Constraint, ImmutableArray<RuleStep> Steps);

/// <summary>An edge of a broken rule, and why the model has it.</summary>
/// <param name="From">The event it leads from.</param>
/// <param name="To">The event it leads to.</param>
/// <param name="Names">The model's names for it, from the widest (<c>lob</c>) to the narrowest (<c>bob</c>).</param>
/// <param name="Rule">What of the narrowest relation it is, as the model has it: <c>po ; [dmb.full] ; po</c>; empty where the name says all.</param>
/// <param name="Through">The events that a sequence in <paramref name="Rule"/> passes through.</param>
public sealed record RuleStep(int From, int To, ImmutableArray<string> Names, string Rule, ImmutableArray<int> Through)
{
    /// <summary>The narrowest name, or the rule where it has no name.</summary>
    public string Label => Names.IsEmpty ? Rule : Names[^1];
}
