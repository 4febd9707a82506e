using System.Collections.Immutable;

namespace Tablewalk.Explore.Analysis;

/// <summary>A write that a thread may make: the step and the cell.</summary>
internal readonly record struct PossibleWrite(int Step, ulong Cell);

/// <summary>A way from one place to another, or out of the procedure, and the writes on it in program order.</summary>
/// <param name="Target">The place reached; null where the thread ends.</param>
/// <param name="End">The first step that is not on it.</param>
/// <param name="Writes">The writes.</param>
internal sealed record Passage(Place? Target, int End, ImmutableArray<PossibleWrite> Writes);

/// <summary>A point in a thread's code together with what is known there of its registers.</summary>
internal class Place(int firstStep)
{
    /// <summary>Its number among the places of a thread, once that has been walked through.</summary>
    public int Index { get; set; } = -1;

    /// <summary>The step that comes next there.</summary>
    public int FirstStep { get; } = firstStep;

    /// <summary>The ways out of it.</summary>
    public List<Passage> Passages { get; } = [];
}
