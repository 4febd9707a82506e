using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>Which values each cell may ever hold: what it holds at first and what any run of any thread writes to it.</summary>
internal sealed class Domains(IInitialMemory memory) : IGuesses
{
    private const int MostValues = 128; // so that sets of them are UInt128s

    private readonly Dictionary<ulong, int> _cellSizes = [];
    private readonly Dictionary<(ulong Address, int SizeBytes), List<ulong>> _values = [];
    private readonly Dictionary<(ulong Address, int SizeBytes, ulong Value), int> _bits = [];
    private bool _isFiner;

    internal UInt128 InitialMask { get; private set; }

    public int CellSize(ulong word, int finest)
    {
        var known = _cellSizes.GetValueOrDefault(word, sizeof(ulong));
        _isFiner |= finest < known;
        return _cellSizes[word] = Math.Min(known, finest);
    }

    public IReadOnlyList<ulong>? ValuesOf(ulong address, int sizeBytes)
    {
        if (!_values.TryGetValue((address, sizeBytes), out var values) && memory.TryRead(address, sizeBytes, out var initial))
        {
            _values.Add((address, sizeBytes), values = []);
            _ = Add(address, sizeBytes, initial);
            InitialMask |= UInt128.One << _bits[(address, sizeBytes, initial)];
        }

        return values;
    }

    /// <summary>
    /// Runs all threads until no new value turns up. Values flow along reads-from and dependencies, which form no cycle, so each
    /// write adds at most one step to the longest flow. A word that turns out to be accessed more finely begins all again.
    /// </summary>
    internal List<ThreadTrace>[] Settle(Program program)
    {
        for (var round = 0; ; round++)
        {
            List<ThreadTrace>[] traces = [.. program.Threads.Select(t => ThreadTrace.All(t, this))];
            if (_isFiner)
            {
                Forget();
                round = -1;
                continue;
            }

            var grew = false;
            foreach (var write in traces.SelectMany(t => t).SelectMany(t => t.Events).Where(e => e.Kind == TraceKind.Write))
            {
                grew |= Add(write.Address, write.SizeBytes, write.Value);
            }

            if (!grew || round >= traces.Sum(t => t.Select(r => r.Events.Count(e => e.Kind == TraceKind.Write)).DefaultIfEmpty().Max()))
            {
                return [.. traces.Select(t => t.FindAll(run => run.IsExecution))];
            }
        }
    }

    /// <summary>The values that a run reads and writes, as sets.</summary>
    internal (UInt128 Needed, UInt128 Provided) MasksOf(ThreadTrace trace)
    {
        var masks = (Needed: UInt128.Zero, Provided: UInt128.Zero);
        foreach (var e in trace.Events.Where(e => e.Kind != TraceKind.Fence))
        {
            _ = Add(e.Address, e.SizeBytes, e.Value);
            var bit = UInt128.One << _bits[(e.Address, e.SizeBytes, e.Value)];
            masks = e.Kind == TraceKind.Read ? (masks.Needed | bit, masks.Provided) : (masks.Needed, masks.Provided | bit);
        }

        return masks;
    }

    private void Forget()
    {
        _values.Clear();
        _bits.Clear();
        (InitialMask, _isFiner) = (UInt128.Zero, false);
    }

    private bool Add(ulong address, int sizeBytes, ulong value)
    {
        var values = (List<ulong>)ValuesOf(address, sizeBytes)!;
        if (values.Contains(value))
        {
            return false;
        }

        values.Add(value);
        _bits.Add((address, sizeBytes, value), _bits.Count < MostValues ? _bits.Count : throw new TooLargeException("too many values"));
        return true;
    }
}
