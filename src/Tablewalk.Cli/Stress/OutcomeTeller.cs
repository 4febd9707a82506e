using System.Globalization;
using Tablewalk.Explore.Outcomes;
using Tablewalk.Mm;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>
/// Puts outcomes into words and into an order. An address in the arena counts as its offset, so that where the arena lies reaches no report. The arena must be there,
/// whatever it holds.
/// </summary>
internal sealed class OutcomeTeller(Arena arena) : IComparer<Outcome>
{
    /// <summary>An outcome in words.</summary>
    public ToldOutcome Tell(OutcomeCount count) => new(
        [.. count.Outcome.Results.Select(Number)], [.. count.Outcome.Reads.Select(Tell)], count.Outcome.Broken, count.Rounds, count.Standing);

    /// <inheritdoc/>
    public int Compare(Outcome? x, Outcome? y)
    {
        foreach ((ulong one, ulong other) in WordsOf(x!).Zip(WordsOf(y!)))
        {
            if (one != other)
            {
                return one.CompareTo(other);
            }
        }

        return string.CompareOrdinal(string.Join(' ', x!.Broken), string.Join(' ', y!.Broken));
    }

    private (string Location, string Value) Tell(FinalRead read) =>
        (arena.NameOf(read.Address, read.SizeBytes), arena.Describe(read.Address, read.SizeBytes, read.Value) ?? Number(read.Value));

    private string Number(ulong value) =>
        arena.TryOffsetOf(value, out ulong offset) ? string.Create(CultureInfo.InvariantCulture, $"arena+0x{offset:x}") : StepText.Number(value);

    private IEnumerable<ulong> WordsOf(Outcome outcome) =>
        outcome.Results.Concat(outcome.Reads.SelectMany(read => (ulong[])[read.Address, read.Value])).Select(word => arena.TryOffsetOf(word, out ulong offset) ? offset : word);
}
