using Tablewalk.Explore.Witness;

namespace Tablewalk.Report;

/// <summary>One row of a race table: a step, or neighbouring steps of one CPU and one source line that are told together.</summary>
/// <param name="First">The first of the steps: it has the CPU, the source line and the mark that all of them share.</param>
/// <param name="Action">What they do, such as <c>RMW PTE1..PTE3: A+1..A+3 cont clean -> none</c>.</param>
internal sealed record RaceRow(Step First, string Action);

/// <summary>
/// Folds the steps of a counterexample to rows: the read and the write of an atomic update, fences of one statement, and what a loop does to
/// consecutive locations, if it does the same to all.
/// </summary>
internal sealed class RaceRows
{
    // About a page of text.
    private const int LongTable = 40;

    private readonly Counterexample _counterexample;
    private readonly int[] _rowOf; // by step; 0 until it has one
    private readonly bool _isInWords;

    private RaceRows(Counterexample counterexample, bool isInWords = false) =>
        (_counterexample, _rowOf, _isInWords) = (counterexample, new int[counterexample.Steps.Length], isInWords);

    /// <summary>The rows of a distilled counterexample, in order; what always goes together is told in words.</summary>
    public static List<RaceRow> InWords(Counterexample counterexample) => new RaceRows(counterexample, isInWords: true).Fold(static _ => true);

    /// <summary>The rows, in order. Steps of a claim over the final state have none.</summary>
    /// <param name="counterexample">The steps.</param>
    /// <param name="quiet">How many rows a long table leaves out: accesses in which no CPU can have met another.</param>
    public static List<RaceRow> Of(Counterexample counterexample, out int quiet)
    {
        List<RaceRow> all = new RaceRows(counterexample).Fold(static _ => true);
        quiet = 0;
        if (all.Count <= LongTable)
        {
            return all;
        }

        // Of the CPU whose claim breaks all that others touch, too, is told, as it is what the others are told for.
        int teller = counterexample.Steps.LastOrDefault(static step => step.Kind == StepKind.Claim)?.Cpu ?? -1;
        ILookup<string, Step> steps = counterexample.Steps.Where(StepText.HasValue).ToLookup(static step => step.Location, StringComparer.Ordinal);
        List<RaceRow> rows = new RaceRows(counterexample).Fold(unit => unit.Location.Length == 0
            || (steps[unit.Location].Select(static step => step.Cpu).Distinct().Count() > 1
                && (unit.First.Cpu == teller || steps[unit.Location].Any(static step => step.Kind == StepKind.Write))));
        quiet = all.Count - rows.Count;
        return rows;
    }

    private List<RaceRow> Fold(Predicate<Unit> isShown)
    {
        List<Unit> units = Units().FindAll(isShown);
        var groups = new List<List<Unit>>();
        for (int i = 0; i < units.Count;)
        {
            int end = _isInWords ? EndOfWords(units, i) : i + 1;
            while (end < units.Count && IsRepetition(units[i..(end + 1)]))
            {
                end++;
            }

            groups.Add(units[i..end]);
            foreach (int step in groups[^1].SelectMany(unit => unit.Steps))
            {
                _rowOf[step] = groups.Count;
            }

            i = end;
        }

        return [.. groups.Select(group => new RaceRow(group[0].First, TextOf(group)))];
    }

    // Where the longest part ends that begins here and has words for it; behind the first unit if there are none.
    private int EndOfWords(List<Unit> units, int start)
    {
        int end = units.FindIndex(start, unit => unit.First.Cpu != units[start].First.Cpu || OriginOf(unit).Length > 0);
        for (end = end < 0 ? units.Count : end; end > start + 1; end--)
        {
            if (Bookkeeping.TextOrNull(units[start..end]) is not null)
            {
                return end;
            }
        }

        return start + 1;
    }

    private List<Unit> Units()
    {
        var units = new List<Unit>();
        for (int i = 0; i < _counterexample.Steps.Length;)
        {
            Step step = _counterexample.Steps[i];
            int parts = PartsOfUpdateAt(i);
            int fences = RunLength(i, next => next.Kind == StepKind.Fence);
            if (parts > 0)
            {
                units.AddRange(Enumerable.Range(i, parts).Select(read => Update(read, read + parts)));
                i += 2 * parts;
            }
            else if (fences > 1)
            {
                string operations = string.Join(", ", _counterexample.Steps.Skip(i).Take(fences).Select(StepText.Event));
                units.Add(new Unit([.. Enumerable.Range(i, fences)], step, operations, "", []));
                i += fences;
            }
            else
            {
                if (step.Kind != StepKind.Claim || step.Cpu >= 0)
                {
                    units.Add(Single(i));
                }

                i++;
            }
        }

        return units;
    }

    private Unit Single(int index)
    {
        Step step = _counterexample.Steps[index];
        return step.Kind == StepKind.Claim ? new([index], step, $"BUG: {_counterexample.Claim}", "", [])
            : StepText.HasValue(step) ? new([index], step, step.Operation, step.Location, [StepText.Value(step)])
            : new([index], step, StepText.Event(step), "", []);
    }

    private Unit Update(int read, int write)
    {
        Step first = _counterexample.Steps[read];
        return new([read, write], first, StepText.Update, first.Location, [StepText.Value(first), StepText.Value(_counterexample.Steps[write])]);
    }

    // How many parts an atomic update that begins here has, if all of it stands here: the reads of its parts, then their writes. 0 if not.
    private int PartsOfUpdateAt(int index)
    {
        int reads = RunLength(index, step => step.Operation == StepText.UpdateRead);
        for (int parts = 1; parts <= reads && index + (2 * parts) <= _counterexample.Steps.Length; parts++)
        {
            bool isWhole = Enumerable.Range(index, parts).All(read =>
                _counterexample.Steps[read + parts] is { Operation: StepText.UpdateWrite } write
                && AreNeighbours(_counterexample.Steps[read], write)
                && write.Location == _counterexample.Steps[read].Location);
            if (isWhole)
            {
                return parts;
            }
        }

        return 0;
    }

    private int RunLength(int index, Func<Step, bool> belongs) => _counterexample.Steps
        .Skip(index)
        .TakeWhile(step => belongs(step) && AreNeighbours(_counterexample.Steps[index], step))
        .Count();

    // May share a row if nothing stands between them.
    private static bool AreNeighbours(Step first, Step second) =>
        first.Cpu == second.Cpu && first.Early == second.Early && first.Source is not null && first.Source == second.Source;

    private bool IsRepetition(List<Unit> units) =>
        units.TrueForAll(unit => AreNeighbours(units[0].First, unit.First) && unit.Operation == units[0].Operation)
        && Counting.FoldCountingOrNull([.. units.Select(unit => unit.Location)]) is not null
        && Enumerable.Range(0, units[0].Values.Length).All(v => Counting.FoldOrNull([.. units.Select(unit => unit.Values[v])]) is not null)
        && units.TrueForAll(unit => OriginOf(unit) == OriginOf(units[0]) && _counterexample.Steps[unit.Steps[0]].ReadsFrom < unit.Steps[0]);

    private string TextOf(List<Unit> units)
    {
        Unit first = units[0];
        if (first.Values.Length == 0)
        {
            return _isInWords && Bookkeeping.TextOrNull(units) is { } orders ? orders : first.Operation;
        }

        if (_isInWords && Bookkeeping.TextOrNull(units) is { } words)
        {
            return words;
        }

        string location = Counting.FoldOrNull([.. units.Select(unit => unit.Location)])!;
        string[] values = [.. first.Values.Select((_, v) => Counting.FoldOrNull([.. units.Select(unit => unit.Values[v])])!)];
        return values.Length == 1
            ? $"{first.Operation} {location} = {values[0]}{OriginOf(first)}"
            : $"{first.Operation} {location}: {values[0]}{OriginOf(first)} -> {values[1]}";
    }

    // Where a read's value came from, unless it is the nearest write above, which is what a reader takes for granted.
    private string OriginOf(Unit unit)
    {
        int index = unit.Steps[0];
        Step read = _counterexample.Steps[index];
        if (read.Kind != StepKind.Read)
        {
            return "";
        }

        int nearest = index - 1;
        while (nearest >= 0 && !(_counterexample.Steps[nearest].Kind == StepKind.Write && _counterexample.Steps[nearest].Location == read.Location))
        {
            nearest--;
        }

        return nearest == read.ReadsFrom ? "" : read.ReadsFrom < 0 ? " (initial value)" : $" (from {_rowOf[read.ReadsFrom]})";
    }
}

/// <summary>Steps that are always told together.</summary>
/// <param name="Steps">Their indices; of an update, the read first.</param>
/// <param name="First">The first of them.</param>
/// <param name="Operation">What they do.</param>
/// <param name="Location">What they do it to; empty if it is no access.</param>
/// <param name="Values">The value read or written; of an update both.</param>
internal sealed record Unit(int[] Steps, Step First, string Operation, string Location, string[] Values);
