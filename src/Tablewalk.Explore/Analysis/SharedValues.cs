using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>
/// What shared memory may hold at any time, in any execution: for each cell the initial value and everything that any thread may write there. Only grows,
/// but for what a finer split of a word into cells voids.
/// </summary>
internal sealed class SharedValues(IInitialMemory memory, int threads)
{
    private readonly Dictionary<ulong, CellValues> _cells = [];
    private readonly Dictionary<ulong, int> _cellSizes = []; // by 8-byte word; 8 where absent
    private readonly bool[] _isOutdated = [.. Enumerable.Repeat(true, threads)]; // by thread: whether it was not walked through with what is known by now
    private readonly bool[] _isPoisoning = new bool[threads];

    /// <summary>Whether anything was learnt since this was last set to false.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Whether a word was split anew, so that everything must be begun again.</summary>
    public bool IsSplit { get; private set; }

    /// <summary>The words that are accessed in parts, with the sizes of their cells.</summary>
    public IReadOnlyDictionary<ulong, int> CellSizes => _cellSizes;

    /// <summary>The cells that some thread may access.</summary>
    public IReadOnlyCollection<ulong> Cells => _cells.Keys;

    /// <summary>Whether a thread is to be walked through: anew if something that it may find has grown since the last time that this was asked.</summary>
    public bool BeginWalk(int thread)
    {
        var isOutdated = _isOutdated[thread];
        _isOutdated[thread] = false;
        return isOutdated;
    }

    /// <summary>Forgets all values, but not how words are split.</summary>
    public void Restart()
    {
        _cells.Clear();
        Array.Fill(_isOutdated, true);
        IsSplit = false;
        IsChanged = true;
    }

    /// <summary>The size of the cells of an access, and the first of them. A misaligned access is made byte by byte.</summary>
    /// <returns>False if no execution makes this access: it is outside of memory.</returns>
    public bool TryTouch(ulong address, int sizeBytes, out int cellSize)
    {
        cellSize = address % (ulong)sizeBytes == 0 ? Math.Min(sizeBytes, _cellSizes.GetValueOrDefault(address & ~7UL, sizeof(ulong))) : 1;
        var inside = 0;
        for (var offset = 0; offset < sizeBytes; offset += cellSize)
        {
            inside += memory.TryRead(address + (ulong)offset, cellSize, out _) ? cellSize : 0;
        }

        // An access that is outside in part splits what is inside before it is found to be wild.
        for (var word = address & ~7UL; inside > 0 && word < address + (ulong)sizeBytes; word += sizeof(ulong))
        {
            if (cellSize < _cellSizes.GetValueOrDefault(word, sizeof(ulong)))
            {
                _cellSizes[word] = cellSize;
                IsSplit = true;
            }
        }

        if (inside < sizeBytes)
        {
            return false;
        }

        for (var cell = address; cell < address + (ulong)sizeBytes; cell += (ulong)cellSize)
        {
            if (!_cells.ContainsKey(cell))
            {
                Invariant.Check(memory.TryRead(cell, cellSize, out var initial), "a part of a readable word is not readable");
                _cells.Add(cell, new(AbstractValue.Of(initial), threads));
                IsChanged = true;
                Outdate(_isPoisoning);
            }
        }

        return true;
    }

    /// <summary>What a load of a thread may find; null if no execution makes it.</summary>
    /// <param name="address">Where it loads from.</param>
    /// <param name="sizeBytes">How much.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="own">What the thread wrote before; null where that says nothing, since the model lets a load find what its own thread has overwritten or writes later.</param>
    public AbstractValue? LoadOrNull(ulong address, int sizeBytes, int thread, OwnWrites? own)
    {
        if (!TryTouch(address, sizeBytes, out var cellSize))
        {
            return null;
        }

        AbstractValue Found(ulong cell) => own is null ? _cells[cell].AllFor(thread) : _cells[cell].FoundBy(thread, own.LastOrNull(cell));
        var value = Found(address);
        for (var offset = cellSize; offset < sizeBytes; offset += cellSize)
        {
            var part = AbstractValue.Compute(Operation.ShiftLeft, Found(address + (ulong)offset), AbstractValue.Of((ulong)offset * 8));
            value = AbstractValue.Compute(Operation.Or, value, part);
        }

        return value;
    }

    /// <summary>All that a thread may write to a cell; null if that is too much to know.</summary>
    public ulong[]? WrittenOrNull(ulong cell, int thread) => _cells[cell].WrittenBy(thread) is { } value ? value.ValuesOrNull : [];

    /// <summary>Adds what a store of a thread may write to each of its cells, and names them.</summary>
    public void Store(ulong address, int sizeBytes, AbstractValue value, int thread, Action<ulong, AbstractValue> written)
    {
        if (!TryTouch(address, sizeBytes, out var cellSize))
        {
            return;
        }

        for (var offset = 0; offset < sizeBytes; offset += cellSize)
        {
            var part = AbstractValue.Compute(Operation.ShiftRightLogical, value, AbstractValue.Of((ulong)offset * 8));
            part = cellSize == sizeof(ulong) ? part : AbstractValue.Compute(Operation.ZeroExtend, part, AbstractValue.Of((ulong)cellSize * 8));
            part = part.AsSource(0);
            if (_cells[address + (ulong)offset].Add(thread, part) is { } readers)
            {
                IsChanged = true;
                Outdate(readers);
            }

            written(address + (ulong)offset, part);
        }
    }

    /// <summary>Adds a poison's pattern to the words of a range that some thread accesses, and names their cells.</summary>
    public void Poison(ulong start, ulong lengthBytes, ulong pattern, int thread, Action<ulong, AbstractValue> written)
    {
        _isPoisoning[thread] = true;
        var words = _cells.Keys.Select(cell => cell & ~7UL).Where(word => word >= (start & ~7UL) && word < start + lengthBytes).Distinct().Order().ToList();
        foreach (var word in words)
        {
            Store(word, sizeof(ulong), AbstractValue.Of(pattern), thread, written);
        }
    }

    private void Outdate(bool[] readers)
    {
        for (var t = 0; t < readers.Length; t++)
        {
            _isOutdated[t] |= readers[t];
        }
    }

    /// <summary>What a cell holds at first, and what each thread may write there.</summary>
    private sealed class CellValues(AbstractValue initial, int threads)
    {
        private readonly AbstractValue _initial = initial;
        private readonly AbstractValue?[] _written = new AbstractValue?[threads];
        private readonly bool[] _readers = new bool[threads]; // by thread: whether it finds what others write
        private AbstractValue _all = initial;
        private bool _isOwnFound; // whether some thread finds all, what it writes itself among it

        public AbstractValue? WrittenBy(int thread) => _written[thread];

        public AbstractValue AllFor(int thread)
        {
            _readers[thread] = true;
            _isOwnFound = true;
            return _all;
        }

        public AbstractValue FoundBy(int thread, OwnWrite? own)
        {
            _readers[thread] = true;
            if (own is null && _written[thread] is null)
            {
                return _all;
            }

            var found = own is { IsSure: true, Value: var last } ? last : own is null ? _initial : _initial.Join(own.Value);
            for (var t = 0; t < _written.Length; t++)
            {
                found = t != thread && _written[t] is { } written ? found.Join(written) : found;
            }

            return found;
        }

        /// <summary>Adds what a thread may write.</summary>
        /// <returns>If that is new, the threads that find it; else null.</returns>
        public bool[]? Add(int thread, AbstractValue value)
        {
            var joined = _written[thread]?.Join(value) ?? value;
            if (joined.Equals(_written[thread]))
            {
                return null;
            }

            _written[thread] = joined;
            _all = _all.Join(value);
            var readers = (bool[])_readers.Clone();
            readers[thread] &= _isOwnFound;
            return readers;
        }
    }
}
