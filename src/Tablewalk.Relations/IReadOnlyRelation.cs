namespace Tablewalk.Relations;

/// <summary>A binary relation over the events 0 to <see cref="EventCount"/> - 1 that can be asked but not changed.</summary>
public interface IReadOnlyRelation
{
    /// <summary>How many events it is over.</summary>
    int EventCount { get; }

    /// <summary>Whether it relates <paramref name="from"/> to <paramref name="to"/>.</summary>
    bool Contains(int from, int to);
}
