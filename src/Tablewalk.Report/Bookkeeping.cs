using Tablewalk.Explore.Witness;

namespace Tablewalk.Report;

/// <summary>What of neighbouring steps of one CPU is told in words, as it is of the same kind each time.</summary>
/// <remarks>It goes by the names that <c>Tablewalk.Mm</c> gives to places; where they are others, the steps stand one by one.</remarks>
internal static class Bookkeeping
{
    private const string Refcount = ".refcount";
    private const string Flags = ".flags";
    private const string Next = ".next_free";
    private const string Zone = "zone->";
    private const string FirstFree = "zone->first_free";
    private const string FirstFresh = "zone->next_fresh";
    private const string Deferred = "deferred frees";
    private const string Poison = "poison";
    private const string None = "none";

    /// <summary>The words; null if the steps are nothing that has words of its own.</summary>
    public static string? TextOrNull(List<Unit> units) => units.Count < 2 || units.Exists(unit => unit.First.Cpu != units[0].First.Cpu || unit.First.Early != units[0].First.Early)
        ? null
        : OrdersOrNull(units) ?? FreeingOrNull(units) ?? FreeListOrNull(units) ?? DeferringOrNull(units) ?? HalvesOrNull(units);

    // Fences, flushes and waits, one after the other.
    private static string? OrdersOrNull(List<Unit> units) =>
        units.TrueForAll(static unit => unit.First.Kind is StepKind.Fence or StepKind.Wait && unit.Values.Length == 0)
            ? string.Join(", ", units.Select(static unit => unit.Operation))
            : null;

    // The last reference goes, and the memory is written over.
    private static string? FreeingOrNull(List<Unit> units)
    {
        Unit first = units[0];
        if (first.Operation != StepText.Update || !first.Location.EndsWith(Refcount, StringComparison.Ordinal) || first.Values[1] != "0"
            || !units.Skip(1).All(static unit => unit.First.Kind == StepKind.Write && (unit.Values is [Poison] || (unit.Location.EndsWith(Flags, StringComparison.Ordinal) && unit.Values is [None]))))
        {
            return null;
        }

        string poisoned = string.Join(", ", units.Skip(1).Where(static unit => unit.Values is [Poison]).Select(static unit => unit.Location).Distinct());
        return $"frees {first.Location[..^Refcount.Length]}: refcount {first.Values[0]} -> 0{(poisoned.Length == 0 ? "" : ", poisons " + poisoned)}";
    }

    // A zone's list of free folios, under its lock: a folio goes there, or comes from there.
    private static string? FreeListOrNull(List<Unit> units)
    {
        if (!units.TrueForAll(static unit => unit.Location.Contains(Zone, StringComparison.Ordinal) || unit.Location.EndsWith(Next, StringComparison.Ordinal)))
        {
            return null;
        }

        string zone = units.Select(static unit => unit.Location).First(static location => location.Contains(Zone, StringComparison.Ordinal)).Split("->")[0];
        string? put = ValueOrNull(units, StepKind.Write, FirstFree);
        string? taken = ValueOrNull(units, StepKind.Read, FirstFree);
        string? fresh = ValueOrNull(units, StepKind.Read, FirstFresh) ?? ValueOrNull(units, StepKind.Write, FirstFresh);
        bool isBoth = put is not null and not None && taken is not null and not None; // nobody could tell the one from the other
        return isBoth ? null
            : put is not null and not None ? $"puts {put} on the free list of the {zone}"
            : taken is not null and not None ? $"takes {taken} from the free list of the {zone}"
            : fresh is not null ? $"takes a new page from the {zone} (next_fresh = {fresh})"
            : null;
    }

    // An entry of two halves, which are read one after the other with fences between.
    private static string? HalvesOrNull(List<Unit> units)
    {
        string entry = units[0].Location.Split('.')[0];
        bool isRead = units[0].Location.Contains('.', StringComparison.Ordinal) && units.Select((unit, i) => i % 2 == 0
            ? unit.Operation == "R" && (unit.Location == entry + ".low" || unit.Location == entry + ".high")
            : unit.First.Kind == StepKind.Fence).All(static fits => fits);
        return isRead && units.Count % 2 == 1
            ? $"R {entry}" + string.Join(", ", units.Select(unit => unit.Values.Length == 0 ? unit.Operation : $"{unit.Location[entry.Length..]} = {unit.Values[0]}"))
            : null;
    }

    private static string? DeferringOrNull(List<Unit> units)
    {
        bool isPush = units[^1] is { Operation: StepText.Update, Location: Deferred } && units.SkipLast(1).All(static unit =>
            (unit.Location == Deferred && unit.First.Kind == StepKind.Read) || (unit.Location.EndsWith(Next, StringComparison.Ordinal) && unit.First.Kind == StepKind.Write));
        return isPush ? $"defers the free of {units[^1].Values[1]}" : null;
    }

    private static string? ValueOrNull(List<Unit> units, StepKind kind, string location) =>
        units.FindLast(unit => unit.First.Kind == kind && unit.Values.Length == 1 && unit.Location.EndsWith(location, StringComparison.Ordinal))?.Values[0];
}
