using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.ReadsFrom;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Executions;

/// <summary>
/// A partial execution: events, chosen sources and orders, and the threads' registers. Everything grows; undo goes back by length and by
/// the trails of what was overwritten.
/// </summary>
internal sealed partial class ExecutionState
{
    private readonly Dictionary<(ulong Address, int Size), int> _cellIds = [];
    private readonly List<Cell> _cells = [];
    private readonly IInitialMemory _memory;
    private readonly int[]?[] _waitOrders; // by wait and section; null for a wait that is not ordered
    private readonly ulong[] _threadEvents; // by thread: its events, a bit row
    private ulong[] _cellEvents; // by cell: its accesses, a bit row

    private (int Thread, int Register, RegisterValue Old)[] _registerTrail = new (int, int, RegisterValue)[4096];
    private (int Thread, ThreadProgress Old)[] _threadTrail = new (int, ThreadProgress)[256];
    private (int[] Array, int Index, int Old)[] _wordTrail = new (int[], int, int)[1024];
    private long _rests;
    private int _registerTrailLength;
    private int _threadTrailLength;
    private int _wordTrailLength;

    public ExecutionState(Program program, FlatCode[] codes, IInitialMemory memory, Model model, Discoveries known)
    {
        _memory = memory;
        Codes = codes;
        Known = known;
        Capacity = known.Capacity;
        Words = Capacity / 64;
        Evaluation = new IncrementalEvaluation(model, Capacity);
        Kind = new EventKind[Capacity];
        Thread = new int[Capacity];
        Step = new int[Capacity];
        CellOf = new int[Capacity];
        Written = new Value[Capacity];
        Source = new int[Capacity];
        UpdateWrite = new int[Capacity];
        UpdateRead = new int[Capacity];
        ReplacedBy = new int[Capacity];
        LastReader = new int[Capacity];
        PreviousReader = new int[Capacity];
        Instruction = new int[Capacity];
        Postponed = new int[Capacity];
        SourceLimit = new int[Capacity];
        LastRestriction = new int[Capacity];
        SectionExit = new int[Capacity];
        RestrictedBy = new int[Capacity];
        _waitOrders = new int[Capacity][];
        Sources = new PossibleSources(this);
        Values = new ValueArena(Source, Written) { Sources = Sources };
        Taints = new TaintArena(Words);
        Threads = new ThreadProgress[program.Threads.Length];
        Registers = new RegisterValue[program.Threads.Length][];
        InitialWrite = new int[64];
        LastWriteCount = new int[program.Threads.Length][];
        WriteAttempts = new int[program.Threads.Length][];
        Seen = new SeenWrites(this);
        LoopVisit = new int[program.Threads.Length][];
        LoopEffect = new int[program.Threads.Length][];
        LoopEvents = new int[program.Threads.Length][];
        _threadEvents = new ulong[program.Threads.Length * Words];
        _cellEvents = new ulong[InitialWrite.Length * Words];
        _writes = new ulong[Words];
        _coherence = new int[64 * RowLength];
        HasHardwareUpdates = codes.Any(c => c.Steps.Any(s => s is { Code: StepCode.Store, Order: (byte)StoreOrder.HardwareUpdate }));
        HasPoison = codes.Any(c => c.Steps.Any(s => s.Code == StepCode.Poison));
        for (var t = 0; t < Threads.Length; t++)
        {
            var thread = program.Threads[t];
            Registers[t] = new RegisterValue[codes[t].RegisterCount];
            for (var p = 0; p < thread.Code.Parameters.Length; p++)
            {
                Registers[t][thread.Code.Parameters[p].Index] = new(Value.Of(thread.Arguments[p]), 0);
            }

            LastWriteCount[t] = new int[64];
            WriteAttempts[t] = new int[64];
            LoopVisit[t] = new int[thread.Code.Blocks.Length];
            LoopEffect[t] = new int[thread.Code.Blocks.Length];
            LoopEvents[t] = new int[thread.Code.Blocks.Length];
        }
    }

    public FlatCode[] Codes { get; }

    public Discoveries Known { get; }

    public int Capacity { get; }

    public int Words { get; }

    public IncrementalEvaluation Evaluation { get; }

    public int EventCount { get; private set; }

    public EventKind[] Kind { get; }

    /// <summary>By event: its thread, -1 for initial writes.</summary>
    public int[] Thread { get; }

    public int[] Step { get; }

    /// <summary>By event: its cell, -1 for what is no access.</summary>
    public int[] CellOf { get; }

    public Value[] Written { get; }

    /// <summary>By read: the write it reads from, or -1 while pending.</summary>
    public int[] Source { get; }

    /// <summary>By read of an atomic update: its write, or -1.</summary>
    public int[] UpdateWrite { get; }

    /// <summary>By write of an atomic update: its read + 1, or 0.</summary>
    public int[] UpdateRead { get; }

    /// <summary>By write: the read of the update that replaces it + 1, or 0. Where the model has updates atomic, no second one may.</summary>
    public int[] ReplacedBy { get; }

    /// <summary>By write: the read that was last decided to read it + 1, or 0.</summary>
    public int[] LastReader { get; }

    /// <summary>By read that is decided on: the one that was decided to read the same write before it + 1, or 0.</summary>
    public int[] PreviousReader { get; }

    /// <summary>The cells of whose writes some may have one place in coherence left, since something was decided on.</summary>
    public List<int> Unsettled { get; } = [];

    /// <summary>By event: the first event of its instruction.</summary>
    public int[] Instruction { get; }

    /// <summary>By read: writes numbered below this were already offered and postponed.</summary>
    public int[] Postponed { get; }

    /// <summary>By read: writes numbered from this on are not read; the capacity where there is no such limit.</summary>
    public int[] SourceLimit { get; }

    /// <summary>By read: its latest restriction + 1, or 0.</summary>
    public int[] LastRestriction { get; }

    /// <summary>What was decided of values that pending reads get, before it is decided from which write.</summary>
    public List<Restriction> Restrictions { get; } = [];

    public ValueArena Values { get; }

    public PossibleSources Sources { get; }

    /// <summary>Grows with each decision taken and undone: what was found out for a moment holds until the next.</summary>
    public long Moment { get; private set; }

    /// <summary>A number of its own for each time that all threads have come as far as they can and a decision is due; 0 while they run.</summary>
    public long Rest { get; private set; }

    /// <summary>What writes were seen in all branches so far; never undone.</summary>
    public SeenWrites Seen { get; }

    public TaintArena Taints { get; }

    public ThreadProgress[] Threads { get; }

    public RegisterValue[][] Registers { get; }

    /// <summary>By cell: its initial write + 1, or 0.</summary>
    public int[] InitialWrite { get; private set; }

    /// <summary>By thread and cell: how many writes it made.</summary>
    public int[][] LastWriteCount { get; }

    /// <summary>By thread and cell: how often it came to a write, those of updates that failed among them.</summary>
    public int[][] WriteAttempts { get; }

    public int[][] LoopVisit { get; }

    public int[][] LoopEffect { get; }

    /// <summary>By thread and block: how many events there were when the thread was last at this loop head.</summary>
    public int[][] LoopEvents { get; }

    public List<ClaimInstance> Claims { get; } = [];

    /// <summary>Selections whose conditions were not known when their threads came by.</summary>
    public List<OpenSelect> OpenSelects { get; } = [];

    /// <summary>What was assumed of comparisons and must come true.</summary>
    public List<Assumption> Assumptions { get; } = [];

    /// <summary>By assumption: 1 if it was made a restriction of the one read that is left in it.</summary>
    public int[] RestrictedBy { get; }

    public List<SectionRecord> Sections { get; } = [];

    /// <summary>By section: its exit event + 1, or 0 while it is open.</summary>
    public int[] SectionExit { get; }

    public List<(int Event, int Thread, WaitKind Kind)> Waits { get; } = [];

    public List<Invalidation> Invalidations { get; } = [];

    public List<WalkRecord> Walks { get; } = [];

    public List<(int Thread, int Alternative)> Choices { get; } = [];

    /// <summary>What was learnt that the search must know from its beginning; never undone.</summary>
    public HashSet<Discovery> Discovered { get; } = [];

    /// <summary>Whether walks may write: each only if nothing came between it and what it read.</summary>
    public bool HasHardwareUpdates { get; }

    /// <summary>Whether some thread may poison memory, so that touched words must be known.</summary>
    public bool HasPoison { get; }

    /// <summary>Set when a thread touched memory outside of what the program may touch.</summary>
    public (int Thread, int Step)? WildAccess { get; set; }

    public Cell CellAt(int cell) => _cells[cell];

    public int CellCount => _cells.Count;

    public int RegisterTrailLength => _registerTrailLength;

    public (int Thread, int Register, RegisterValue Old) RegisterTrailAt(int index) => _registerTrail[index];

    public void BeginMoment()
    {
        Moment++;
        Rest = 0;
    }

    /// <summary>What is found out about sources holds until the next moment begins.</summary>
    public void BeginRest() => Rest = ++_rests;

    public StateMark Mark() => new(
        Evaluation.Mark(), _registerTrailLength, _threadTrailLength, _wordTrailLength, EventCount, Values.Count, Values.KnownCount, Taints.Count,
        Claims.Count, Sections.Count, Waits.Count, Choices.Count, Assumptions.Count,
        Restrictions.Count, Invalidations.Count, Walks.Count, OpenSelects.Count, WildAccess);

    public void UndoTo(in StateMark mark)
    {
        while (_registerTrailLength > mark.Registers)
        {
            ref readonly var entry = ref _registerTrail[--_registerTrailLength];
            Registers[entry.Thread][entry.Register] = entry.Old;
        }

        while (_wordTrailLength > mark.Words)
        {
            ref readonly var entry = ref _wordTrail[--_wordTrailLength];
            entry.Array[entry.Index] = entry.Old;
        }

        while (_threadTrailLength > mark.Threads)
        {
            ref readonly var entry = ref _threadTrail[--_threadTrailLength];
            Threads[entry.Thread] = entry.Old;
        }

        while (EventCount > mark.Events)
        {
            var e = --EventCount;
            _writes[e >> 6] &= ~(1UL << (e & 63));
            if (Thread[e] >= 0)
            {
                _threadEvents[(Thread[e] * Words) + (e >> 6)] &= ~(1UL << (e & 63));
            }

            if (CellOf[e] >= 0)
            {
                _cellEvents[(CellOf[e] * Words) + (e >> 6)] &= ~(1UL << (e & 63));
            }
        }

        Values.UndoTo(mark.Nodes, mark.Known);
        Taints.UndoTo(mark.Taints);
        Truncate(Claims, mark.Claims);
        Truncate(Sections, mark.Sections);
        Truncate(Waits, mark.Waits);
        Truncate(Choices, mark.Choices);
        Truncate(Assumptions, mark.Assumptions);
        Truncate(Restrictions, mark.Restrictions);
        Truncate(Invalidations, mark.Invalidations);
        Truncate(Walks, mark.Walks);
        Truncate(OpenSelects, mark.OpenSelects);
        Evaluation.UndoTo(mark.Evaluation);
        WildAccess = mark.WildAccess;
        BeginMoment();
    }

    public void SetRegister(int thread, int register, RegisterValue value)
    {
        if (_registerTrailLength == _registerTrail.Length)
        {
            Array.Resize(ref _registerTrail, _registerTrailLength * 2);
        }

        _registerTrail[_registerTrailLength++] = (thread, register, Registers[thread][register]);
        Registers[thread][register] = value;
    }

    /// <summary>Saves a thread's place before the thread changes it.</summary>
    public void SaveThread(int thread)
    {
        if (_threadTrailLength == _threadTrail.Length)
        {
            Array.Resize(ref _threadTrail, _threadTrailLength * 2);
        }

        _threadTrail[_threadTrailLength++] = (thread, Threads[thread]);
    }

    public void SetWord(int[] array, int index, int value)
    {
        if (_wordTrailLength == _wordTrail.Length)
        {
            Array.Resize(ref _wordTrail, _wordTrailLength * 2);
        }

        _wordTrail[_wordTrailLength++] = (array, index, array[index]);
        array[index] = value;
    }

    /// <summary>Decides what some bits of a part of a pending read are.</summary>
    public void Restrict(Missing missing, ulong result)
    {
        Restrictions.Add(new(missing, result & missing.Bits, LastRestriction[missing.Read]));
        SetWord(LastRestriction, missing.Read, Restrictions.Count);
    }

    /// <summary>Adds an event of a thread, after all others of that thread, with its po, ctrl, int, ext and id edges.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="thread">Its thread; -1 for an initial write.</param>
    /// <param name="step">Its step.</param>
    /// <param name="sets">The base sets that it is in.</param>
    /// <param name="instruction">The first event of its instruction; -1 if it is the first.</param>
    /// <param name="cell">What it accesses; -1 if it is no access.</param>
    /// <param name="isWhole">Whether the parts of the access happen at once; one that is misaligned across 16 bytes never does.</param>
    public int AddEvent(EventKind kind, int thread, int step, ulong sets, int instruction, int cell = -1, bool isWhole = true)
    {
        if (EventCount == Capacity)
        {
            throw new SearchFullException();
        }

        GrowCoherence();
        var e = Evaluation.AddEvent(sets);
        EventCount = e + 1;
        _writes[e >> 6] |= kind == EventKind.Write ? 1UL << (e & 63) : 0;
        Kind[e] = kind;
        Thread[e] = thread;
        Step[e] = step;
        CellOf[e] = cell;
        Source[e] = -1;
        UpdateWrite[e] = -1;
        UpdateRead[e] = 0;
        ReplacedBy[e] = 0;
        LastReader[e] = 0;
        Postponed[e] = 0;
        SourceLimit[e] = Capacity;
        LastRestriction[e] = 0;
        Instruction[e] = instruction < 0 ? e : instruction;
        if (cell >= 0)
        {
            AddMember(_cellEvents, cell, e);
            Evaluation.AddEdges(BaseRelation.Loc, Row(_cellEvents, cell), e);
        }

        if (thread >= 0)
        {
            AddProgramOrder(thread, e);
            AddMember(_threadEvents, thread, e);
            Evaluation.AddEdges(BaseRelation.Int, Row(_threadEvents, thread), e);
            Evaluation.AddEdges(BaseRelation.Ctrl, Taints.Row(Threads[thread].CtrlTaint), e);
            if (Threads[thread].PickCtrlTaint != 0)
            {
                Evaluation.AddEdges(BaseRelation.PickCtrl, Taints.Row(Threads[thread].PickCtrlTaint), e);
            }

            OrderBeforeWaits(thread, e);
        }

        if (instruction >= 0 && isWhole)
        {
            for (var part = instruction; part < e; part++)
            {
                if (Instruction[part] == instruction && Kind[part] == kind)
                {
                    Evaluation.AddEdge(BaseRelation.Si, part, e);
                    Evaluation.AddEdge(BaseRelation.Si, e, part);
                }
            }
        }

        return e;
    }

    // The parts of one access happen at once: po does not order them.
    private void AddProgramOrder(int thread, int e)
    {
        Span<ulong> before = stackalloc ulong[Words];
        Row(_threadEvents, thread).CopyTo(before);
        for (var part = Instruction[e]; part < e; part++)
        {
            if (Instruction[part] == Instruction[e] && Kind[part] == Kind[e])
            {
                before[part >> 6] &= ~(1UL << (part & 63));
            }
        }

        Evaluation.AddEdges(BaseRelation.Po, before, e);
    }

    /// <summary>Decides what a read reads from.</summary>
    public void ReadFrom(int read, int write)
    {
        SetWord(Source, read, write);
        PreviousReader[read] = LastReader[write]; // of a read that is not decided on nobody asks
        SetWord(LastReader, write, read + 1);
        Evaluation.AddEdge(BaseRelation.Rf, write, read);
        Replace(read);
        Unsettle(CellOf[read]);
    }

    /// <summary>Makes a read and a write one atomic update.</summary>
    public void PairUpdate(int read, int write)
    {
        SetWord(UpdateWrite, read, write);
        SetWord(UpdateRead, write, read + 1);
        Evaluation.AddEdge(BaseRelation.Rmw, read, write);
        if (Replace(read))
        {
            Unsettle(CellOf[read]);
        }
    }

    /// <summary>Has the places of a cell's writes in coherence looked at again.</summary>
    public void Unsettle(int cell)
    {
        if (!Unsettled.Contains(cell))
        {
            Unsettled.Add(cell);
        }
    }

    private bool Replace(int read)
    {
        if (Source[read] < 0 || UpdateWrite[read] < 0)
        {
            return false;
        }

        SetWord(ReplacedBy, Source[read], read + 1);
        return true;
    }

    /// <summary>Begins a section of a thread.</summary>
    public void OpenSection(int thread, SectionKind kind, int entry)
    {
        SetWord(SectionExit, Sections.Count, 0);
        Sections.Add(new SectionRecord(thread, kind, entry));
    }

    /// <summary>How a wait was ordered against a section.</summary>
    public WaitOrder OrderOf(int wait, int section) => _waitOrders[wait] is { } orders ? (WaitOrder)orders[section] : WaitOrder.Undecided;

    /// <summary>
    /// Orders a wait against a section. "Section first" orders all events that the section has and will have before the wait, which the order of
    /// its exit implies anyway: so the model can object before the section has ended.
    /// </summary>
    public void Order(int wait, int section, WaitOrder order)
    {
        SetWord(_waitOrders[wait] ??= new int[Capacity], section, (int)order);
        var record = Sections[section];
        var waitEvent = Waits[wait].Event;
        if (order == WaitOrder.WaitFirst)
        {
            Evaluation.AddEdge(BaseRelation.WaitOrder, waitEvent, record.Entry);
            return;
        }

        var last = SectionExit[section] == 0 ? EventCount - 1 : SectionExit[section] - 1;
        for (var e = record.Entry; e <= last; e++)
        {
            if (Thread[e] == record.Thread)
            {
                Evaluation.AddEdge(BaseRelation.WaitOrder, e, waitEvent);
            }
        }
    }

    /// <summary>The cell at an address, with its initial write; -1 if the address is outside of memory.</summary>
    public int CellFor(ulong address, int sizeBytes)
    {
        if (!_cellIds.TryGetValue((address, sizeBytes), out var cell))
        {
            if (address % (ulong)sizeBytes != 0 || !_memory.TryRead(address, sizeBytes, out var initial))
            {
                return -1;
            }

            cell = _cells.Count;
            _cells.Add(new Cell(address, sizeBytes, initial));
            _cellIds.Add((address, sizeBytes), cell);
            if (cell >= InitialWrite.Length)
            {
                GrowCells();
            }
        }

        if (InitialWrite[cell] == 0)
        {
            var e = AddEvent(EventKind.Write, -1, -1, EventSets.InitialWrite, -1, cell);
            Written[e] = Value.Of(_cells[cell].Initial);
            SetWord(InitialWrite, cell, e + 1);
        }

        return cell;
    }

    /// <summary>The final value of a cell of a complete execution; the initial one if nobody touched it.</summary>
    public ulong FinalOrInitial(ulong address, int sizeBytes)
    {
        if (_cellIds.TryGetValue((address, sizeBytes), out var cell) && InitialWrite[cell] != 0)
        {
            return Explore.Claims.FinalState.ValueOf(this, cell);
        }

        Invariant.Check(_memory.TryRead(address, sizeBytes, out var value), "the final predicate reads outside of memory");
        return value;
    }

    private Span<ulong> Row(ulong[] rows, int row) => rows.AsSpan(row * Words, Words);

    private void AddMember(ulong[] rows, int row, int e) => rows[(row * Words) + (e >> 6)] |= 1UL << (e & 63);

    private void OrderBeforeWaits(int thread, int e)
    {
        for (var s = 0; s < Sections.Count; s++)
        {
            if (Sections[s].Thread != thread || SectionExit[s] != 0)
            {
                continue;
            }

            for (var w = 0; w < Waits.Count; w++)
            {
                if (OrderOf(w, s) == WaitOrder.SectionFirst)
                {
                    Evaluation.AddEdge(BaseRelation.WaitOrder, e, Waits[w].Event);
                }
            }
        }
    }

    // The trail may name the old arrays, whose entries for new cells are all zero; it is safe to grow only since copies stay in step:
    // growth replaces the arrays in every pending trail entry.
    private void GrowCells()
    {
        var length = InitialWrite.Length * 2;
        InitialWrite = Grow(InitialWrite, length);
        Array.Resize(ref _cellEvents, length * Words);
        for (var t = 0; t < LastWriteCount.Length; t++)
        {
            LastWriteCount[t] = Grow(LastWriteCount[t], length);
            WriteAttempts[t] = Grow(WriteAttempts[t], length);
        }
    }

    private int[] Grow(int[] old, int length)
    {
        var grown = new int[length];
        old.CopyTo(grown, 0);
        for (var i = 0; i < _wordTrailLength; i++)
        {
            if (_wordTrail[i].Array == old)
            {
                _wordTrail[i].Array = grown;
            }
        }

        return grown;
    }

    private static void Truncate<T>(List<T> list, int count)
    {
        if (list.Count > count)
        {
            list.RemoveRange(count, list.Count - count);
        }
    }
}

/// <summary>Thrown within the search when an execution has more events than there is room for; the search then begins again with more room.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Roslynator", "RCS1194", Justification = "Nobody outside the search sees it.")]
internal sealed class SearchFullException : Exception;
