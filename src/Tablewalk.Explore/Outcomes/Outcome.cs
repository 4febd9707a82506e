using System.Collections.Immutable;

namespace Tablewalk.Explore.Outcomes;

/// <summary>What can be seen of a run that has ended, whoever ran it: two are the same if all of it is.</summary>
public sealed class Outcome : IEquatable<Outcome>
{
    private readonly int _hash;

    /// <summary>Puts one together.</summary>
    /// <param name="results">What each thread returned.</param>
    /// <param name="reads">What the final predicate read, in its order.</param>
    /// <param name="broken">The claims that broke, in any order.</param>
    public Outcome(ImmutableArray<ulong> results, ImmutableArray<FinalRead> reads, IEnumerable<string> broken)
    {
        (Results, Reads, Broken) = (results, reads, [.. broken.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        var hash = new HashCode();
        foreach (var result in Results)
        {
            hash.Add(result);
        }

        foreach (var read in Reads)
        {
            hash.Add(read);
        }

        foreach (var claim in Broken)
        {
            hash.Add(claim, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>What each thread returned.</summary>
    public ImmutableArray<ulong> Results { get; }

    /// <summary>What the final predicate read, in its order.</summary>
    public ImmutableArray<FinalRead> Reads { get; }

    /// <summary>The claims that broke, in threads or in the final predicate; each once, in ordinal order.</summary>
    public ImmutableArray<string> Broken { get; }

    /// <inheritdoc/>
    public bool Equals(Outcome? other) => other is not null
        && Results.AsSpan().SequenceEqual(other.Results.AsSpan())
        && Reads.AsSpan().SequenceEqual(other.Reads.AsSpan())
        && Broken.AsSpan().SequenceEqual(other.Broken.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Outcome);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;
}

/// <summary>A load of the final predicate.</summary>
/// <param name="Address">Where.</param>
/// <param name="SizeBytes">How much.</param>
/// <param name="Value">What it found, zero-extended.</param>
public readonly record struct FinalRead(ulong Address, int SizeBytes, ulong Value);
