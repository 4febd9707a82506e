using System.Globalization;
using System.Text;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>What the naive enumerator hands to the model: a run of each thread, who reads from whom, coherence, and the decided waits.</summary>
internal sealed class Candidate
{
    internal required CandidateEvents Frame { get; init; }

    internal IReadOnlyList<ThreadTrace> Traces => Frame.Traces;

    internal IReadOnlyList<CandidateEvent> Events => Frame.All;

    /// <summary>For each event the index of the one that it reads from, or -1.</summary>
    internal required int[] ReadsFrom { get; init; }

    /// <summary>The writes of each cell, initial one first, by address.</summary>
    internal required IReadOnlyDictionary<ulong, int[]> Coherence { get; init; }

    /// <summary>Decided order: the end of a section to a wait, or a wait to the entry of a section.</summary>
    internal required IReadOnlyList<(int From, int To)> WaitOrder { get; init; }

    /// <summary>
    /// Decided order of each TLB invalidation and each walk in its scope. Which it is tells no execution from another: an execution is allowed if it is with
    /// some choice of these.
    /// </summary>
    internal IReadOnlyList<(int From, int To)> InvalidationOrder { get; init; } = [];

    internal ulong FinalValue(ulong address) => Events[Coherence[address][^1]].Event.Value;

    /// <summary>The pairs of a relation of the base vocabulary.</summary>
    internal IEnumerable<(int From, int To)> Pairs(string relation) => relation switch
    {
        "rf" => ReadsFrom.Select((w, r) => (w, r)).Where(p => p.w >= 0),
        "co" => Coherence.Values.SelectMany(order => order.SelectMany((w, i) => order[(i + 1)..].Select(later => (w, later)))),
        "wait-order" => WaitOrder,
        "TLBI-after" => InvalidationOrder,
        _ => Frame.Pairs(relation),
    };

    /// <summary>
    /// What tells this execution from others, in terms of threads, numbers of accesses and bytes of memory: results, values, rf, co and decided waits.
    /// How memory is split into cells does not show.
    /// </summary>
    internal string Key()
    {
        var words = new KeyWords();
        for (var e = 0; e < Events.Count; e++)
        {
            var (name, made) = (NameOf(e), Events[e].Event);
            if (Events[e].IsRead)
            {
                words.Read(name, made.Address, made.SizeBytes, made.Value, NameOf(ReadsFrom[e]));
            }
            else if (Events[e].IsWrite && Events[e].Thread >= 0)
            {
                words.Write(name, made.Address, made.SizeBytes, made.Value);
            }
        }

        foreach (var (address, order) in Coherence)
        {
            words.Coherence(address, Events[order[0]].Event.SizeBytes, order.Skip(1).Select(NameOf));
        }

        return words.Text(Traces.Select(t => t.Result), WaitOrder.Select(NameOfOrder));
    }

    // A section is named by its entry, whichever of its edges the order is about.
    private string NameOfOrder((int From, int To) order)
    {
        if (Events[order.From].IsIn("IPI") || Events[order.From].IsIn("GP"))
        {
            return $"{NameOf(order.From)}~{NameOf(order.To)}";
        }

        var end = Events[order.From];
        var entry = Enumerable.Range(0, Events.Count).Single(e => Events[e].Thread == end.Thread && Events[e].Event.SectionEnd == end.Event.Index);
        return $"{NameOf(entry)}..~{NameOf(order.To)}";
    }

    private string NameOf(int e) => KeyWords.NameOf(Events[e].Thread, Events[e].Event.Access);
}

/// <summary>The words of a key, for the oracle's executions and the engine's.</summary>
internal sealed class KeyWords
{
    private readonly SortedDictionary<(string Access, ulong Byte), string> _accesses = [];
    private readonly SortedDictionary<ulong, string> _coherence = [];

    internal static string NameOf(int thread, int access) => thread < 0 ? "i" : string.Create(CultureInfo.InvariantCulture, $"{thread}.{access}");

    internal void Read(string name, ulong address, int sizeBytes, ulong value, string source) => Add(name, address, sizeBytes, value, "<" + source);

    internal void Write(string name, ulong address, int sizeBytes, ulong value) => Add(name, address, sizeBytes, value, "");

    internal void Coherence(ulong address, int sizeBytes, IEnumerable<string> order)
    {
        var text = string.Join(',', order);
        for (var i = 0UL; i < (ulong)sizeBytes; i++)
        {
            _coherence[address + i] = text;
        }
    }

    internal string Text(IEnumerable<ulong> results, IEnumerable<string> waits)
    {
        var key = new StringBuilder().AppendJoin(' ', results);
        foreach (var ((access, at), text) in _accesses)
        {
            key.Append(CultureInfo.InvariantCulture, $" {access}@{at:x}{text}");
        }

        foreach (var (at, text) in _coherence.Where(c => c.Value.Length > 0 && (c.Key % 8 == 0 || _coherence.GetValueOrDefault(c.Key - 1) != c.Value)))
        {
            key.Append(CultureInfo.InvariantCulture, $" {at:x}:{text}");
        }

        return key.Append(' ').AppendJoin(' ', waits.Order(StringComparer.Ordinal)).ToString();
    }

    // Byte by byte, since the two sides may split an access differently.
    private void Add(string name, ulong address, int sizeBytes, ulong value, string source)
    {
        for (var i = 0; i < sizeBytes; i++)
        {
            _accesses.Add((name, address + (ulong)i), string.Create(CultureInfo.InvariantCulture, $"={(value >> (i * 8)) & 0xff:x}{source}"));
        }
    }
}
