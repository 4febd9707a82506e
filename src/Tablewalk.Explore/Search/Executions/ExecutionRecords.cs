using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Executions;

/// <summary>How far a thread has come. Mutable, do not copy except to save and restore it.</summary>
internal struct ThreadProgress
{
    public int Step;
    public ThreadStatus Status;
    public int CtrlTaint;
    public int PickCtrlTaint;
    public Value Needed; // what a branch, an address or a compare-exchange waits for
    public int PendingUpdate; // a compare-exchange or exclusive in progress: its first read event + 1
    public Value PendingData; // what that compare-exchange would write
    public int AssumedOutcome; // of that compare-exchange: 1 that it fails, 2 that it succeeds, 0 to wait until it is known
    public int LastExclusive; // the read event of the last load-exclusive + 1
    public int FailedExclusive; // the read event of the last load-exclusive whose store failed for no reason + 1
    public int LastWalk; // the read event of the MMU's last walk + 1
    public int EffectCount; // writes, sections, waits, choices: what makes a round of a loop more than waiting
    public int IrqDepth;
    public int RcuDepth;
    public int OpenIrqEntry;
    public int OpenRcuEntry;
    public int RoundBegin; // of a thread that spins: the first event of its last round
    public int ChoiceCount; // alternatives that the thread waits for, or 0
    public int ChosenAlternative; // + 1; 0 when none was chosen
    public Value Result;
}

/// <summary>Why a thread does not go on.</summary>
internal enum ThreadStatus : byte
{
    Running,

    /// <summary>A branch, address or comparison needs a pending read.</summary>
    NeedsRead,

    /// <summary>One of several alternatives must be picked.</summary>
    NeedsChoice,

    Finished,

    /// <summary>A round of a waiting loop failed and had no effect: the thread does nothing new until some other one writes.</summary>
    Spinning,
}

/// <summary>A section of a thread that waits of other threads are ordered against.</summary>
internal readonly record struct SectionRecord(int Thread, SectionKind Kind, int Entry);

/// <summary>Which of a wait and a section of another thread comes first.</summary>
internal enum WaitOrder
{
    Undecided,
    WaitFirst,
    SectionFirst,
}

/// <summary>A TLB invalidation of a page, or of all, on all CPUs or on the thread's own.</summary>
internal readonly record struct Invalidation(int Event, int Thread, ulong Start, ulong Length, bool IsAll, bool IsBroadcast);

/// <summary>The MMU's read of the entry that maps a page.</summary>
internal readonly record struct WalkRecord(int Event, int Thread, ulong InputAddress);

/// <summary>What an event depends on, as sets of <see cref="TaintArena"/>: also what the model does not ask about. Mutable, do not copy.</summary>
internal struct EventTaints
{
    public int Address;
    public int AddressPick;
    public int Data;
    public int DataPick;
    public int Control;
    public int ControlPick;
}

/// <summary>A claim that was reached: the condition must turn out zero.</summary>
/// <param name="Thread">Whose claim it is.</param>
/// <param name="Step">Where it stands.</param>
/// <param name="Held">The condition, and what it depends on.</param>
/// <param name="Control">The reads that decided that the thread came here, a set of <see cref="TaintArena"/>.</param>
/// <param name="PickControl">Those that picked what decided it.</param>
internal readonly record struct ClaimInstance(int Thread, int Step, RegisterValue Held, int Control, int PickControl)
{
    /// <summary>The condition alone.</summary>
    public Value Condition => Held.Value;
}

/// <summary>A comparison whose outcome was assumed before its read was resolved.</summary>
/// <param name="Condition">Zero or not.</param>
/// <param name="IsTrue">Whether it is nonzero.</param>
/// <param name="DecidesBranches">Whether it is so in every execution, so that a thread need not wait for the read to follow its branches.</param>
internal readonly record struct Assumption(Value Condition, bool IsTrue, bool DecidesBranches);

/// <summary>What was decided of the value that a pending read gets.</summary>
/// <param name="Missing">The read, and the bits of a part of it.</param>
/// <param name="Result">What those bits are.</param>
/// <param name="Previous">The restriction before of the same read + 1, or 0.</param>
internal readonly record struct Restriction(Missing Missing, ulong Result, int Previous);

/// <summary>A cell of memory: the unit of reads-from and coherence.</summary>
internal readonly record struct Cell(ulong Address, int SizeBytes, ulong Initial);

/// <summary>How far each growing part of the state had grown; undo goes back to it.</summary>
internal readonly record struct StateMark(
    int Evaluation, int Registers, int Threads, int Words, int Events, int Nodes, int Known, int Taints, int Claims, int Sections, int Waits, int Choices, int Assumptions,
    int Restrictions, int Invalidations, int Walks, int OpenSelects, (int Thread, int Step)? WildAccess);
