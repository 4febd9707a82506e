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
/// <remarks>The events, the cells that they access, what is decided of reads, the coherence order, the order of waits and sections, and the trails have a file each.</remarks>
internal sealed partial class ExecutionState
{
    private long _rests;

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
        DependsOn = new EventTaints[Capacity];
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
        UndoTrails(mark);
        RemoveEvents(mark.Events);
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
