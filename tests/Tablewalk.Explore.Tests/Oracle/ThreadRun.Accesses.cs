using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

// Accesses, each of one cell or of several that it is split into.
internal sealed partial class ThreadRun
{
    private TraceEvent[]? _monitor; // the load-exclusive that a store-exclusive may pair with
    private TraceEvent[] _walk = []; // the MMU's last read of an entry

    private void DoLoad(Load load)
    {
        var isWalk = load.Order == LoadOrder.Walk;
        var sets = EventWords.Of(load.Order).Concat(load.Exclusive ? ["X"] : Array.Empty<string>());
        if (ReadOrNull(load.Address, load.Size, sets, isWalk ? Value(load.InputAddress) : null) is { } read)
        {
            Set(load.Destination, ValueOf(read), IndicesOf(read));
            _monitor = load.Exclusive ? read : _monitor;
            _walk = isWalk ? read : _walk;
        }
    }

    private void DoStore(Store store)
    {
        var isUpdate = store.Order == StoreOrder.HardwareUpdate;
        if (Write(store.Address, store.Value, store.Size, Value(store.Value), [], isUpdate ? _walk : null, isUpdate, EventWords.Of(store.Order)) is not null && isUpdate)
        {
            AddTo(_walk, "RMW");
        }
    }

    private void DoStoreExclusive(StoreExclusive store)
    {
        var (loaded, address) = (_monitor, Value(store.Address));
        if (CellsOf(address, store.Size) is null)
        {
            return;
        }

        _monitor = null;
        var isPaired = loaded is not null && loaded[0].Address == address && loaded.Sum(e => e.SizeBytes) == (int)store.Size;
        _effects += isPaired ? 1 : 0;
        if (!isPaired || script.Decide(2) == 1)
        {
            Set(store.Status, 1, []);
            return;
        }

        var written = Write(store.Address, store.Value, store.Size, Value(store.Value), [], loaded, false, [.. EventWords.Of(store.Order), "X", "RMW"])!;
        AddTo(loaded!, "RMW");
        Set(store.Status, 0, IndicesOf(written));
    }

    private void DoUpdate(AtomicUpdate update)
    {
        var acquires = update.Order is AtomicOrder.Acquire or AtomicOrder.Full;
        string[] sets = [.. update.HasNoReturn ? ["NoRet"] : Array.Empty<string>(), .. update.OrdersOnFailure ? acquires ? ["AMO", "A"] : ["AMO"] : Array.Empty<string>()];
        if (ReadOrNull(update.Address, update.Size, sets) is not { } read)
        {
            return;
        }

        var (old, bits) = (ValueOf(read), (ulong)update.Size * 8);
        var isComparing = update.Operation == AtomicOperation.CompareExchange;
        var succeeds = !isComparing || old == Operation.ZeroExtend.Evaluate(Value(update.Expected), bits);
        SortedSet<int> comparedWith = isComparing ? [.. Taint(update.Expected), .. Picks(update.Expected)] : [];
        if (succeeds)
        {
            var releases = update.Order is AtomicOrder.Release or AtomicOrder.Full;
            var value = Updated(update.Operation, old, Value(update.Value), bits);
            Write(update.Address, update.Value, update.Size, value, comparedWith, read, true, [.. releases ? ["L"] : Array.Empty<string>(), "AMO", "RMW"]);
            AddTo(read, acquires ? ["AMO", "RMW", "A"] : ["AMO", "RMW"]);
        }

        if (isComparing && succeeds)
        {
            Set(update.Destination, old, Taint(update.Expected), [.. Picks(update.Expected), .. IndicesOf(read)]);
        }
        else
        {
            Set(update.Destination, old, IndicesOf(read), comparedWith);
        }
    }

    private static ulong Updated(AtomicOperation operation, ulong old, ulong operand, ulong bits)
    {
        var (left, right) = (Signed(old, bits), Signed(operand, bits));
        var (unsignedLeft, unsignedRight) = (Operation.ZeroExtend.Evaluate(old, bits), Operation.ZeroExtend.Evaluate(operand, bits));
        return operation switch
        {
            AtomicOperation.Exchange or AtomicOperation.CompareExchange => operand,
            AtomicOperation.Clear => old & ~operand,
            AtomicOperation.MaxSigned => (ulong)Math.Max(left, right),
            AtomicOperation.MinSigned => (ulong)Math.Min(left, right),
            AtomicOperation.MaxUnsigned => Math.Max(unsignedLeft, unsignedRight),
            AtomicOperation.MinUnsigned => Math.Min(unsignedLeft, unsignedRight),
            _ => operation.AsOperation().Evaluate(old, operand),
        };
    }

    private static long Signed(ulong value, ulong bits) => (long)Operation.SignExtend.Evaluate(value, bits);

    private TraceEvent[]? ReadOrNull(Operand address, AccessSize size, IEnumerable<string> sets, ulong? input = null)
    {
        if (CellsOf(Value(address), size) is not { } cells)
        {
            return null;
        }

        var access = _accesses++;
        return [.. cells.Select(cell => Add(new TraceEvent(TraceKind.Read, _events.Count, sets.Concat(cell.Sets))
        {
            Access = access,
            IsWhole = cell.IsWhole,
            Address = cell.Address,
            SizeBytes = cell.SizeBytes,
            Value = cell.Values[script.Decide(cell.Values.Count)],
            AddressDependencies = Taint(address),
            AddressPicks = Picks(address),
            ControlDependencies = [.. _control],
            ControlPicks = [.. _controlPicks],
            InputAddress = input,
        }))];
    }

    private TraceEvent[]? Write(
        Operand address, Operand source, AccessSize size, ulong value, IEnumerable<int> furtherPicks, TraceEvent[]? read, bool isAtomic, string[] sets)
    {
        if (CellsOf(Value(address), size) is not { } cells)
        {
            return null;
        }

        _effects++;
        var access = _accesses++;
        return [.. cells.Select((cell, part) => Add(new TraceEvent(TraceKind.Write, _events.Count, sets.Concat(cell.Sets))
        {
            Access = access,
            IsWhole = cell.IsWhole,
            Address = cell.Address,
            SizeBytes = cell.SizeBytes,
            Value = Operation.ZeroExtend.Evaluate(value >> (part * cell.SizeBytes * 8), (ulong)cell.SizeBytes * 8),
            AddressDependencies = Taint(address),
            AddressPicks = Picks(address),
            DataDependencies = Taint(source),
            DataPicks = [.. Picks(source), .. furtherPicks],
            ControlDependencies = [.. _control],
            ControlPicks = [.. _controlPicks],
            ReadOfUpdate = read is null ? -1 : read[part].Index,
            IsAtomicUpdate = isAtomic,
        }))];
    }

    private TraceEvent Add(TraceEvent added)
    {
        _events.Add(added);
        return added;
    }

    // The cells of an access; null, and the end of the run, if one of them is outside of memory. Single-copy atomic is what is aligned or lies within 16 bytes.
    private List<CellPart>? CellsOf(ulong address, AccessSize size)
    {
        var (isAligned, last) = (address % (ulong)size == 0, address + (ulong)size - 1);
        var finest = isAligned ? (int)size : 1;
        var sizeBytes = Math.Min(guesses.CellSize(address & ~7UL, finest), guesses.CellSize(last & ~7UL, finest));
        var cells = new List<CellPart>();
        for (var at = address; at <= last; at += (ulong)sizeBytes)
        {
            if (guesses.ValuesOf(at, sizeBytes) is not { } values)
            {
                _isOver = true;
                return null;
            }

            cells.Add(new(at, sizeBytes, values, address / 16 == last / 16, isAligned ? [] : ["Unaligned"]));
        }

        return cells;
    }

    private static SortedSet<int> IndicesOf(TraceEvent[] parts) => [.. parts.Select(e => e.Index)];

    private static ulong ValueOf(TraceEvent[] parts) => parts.Aggregate(0UL, (value, e) => value | (e.Value << (int)((e.Address - parts[0].Address) * 8)));

    private static void AddTo(TraceEvent[] parts, params string[] sets) => Array.ForEach(parts, e => e.Sets.UnionWith(sets));

    private readonly record struct CellPart(ulong Address, int SizeBytes, IReadOnlyList<ulong> Values, bool IsWhole, string[] Sets);
}
