using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>The predicate over the final state does more than load and compute, or does not end.</summary>
/// <param name="place">Where it does; null if that is the whole.</param>
/// <param name="message">What it does.</param>
public sealed class FinalPredicateException(SourceLocation? place, string message) : NotSupportedException(message)
{
    /// <summary>Where it does; null if that is the whole.</summary>
    public SourceLocation? Place { get; } = place;
}
