using Tablewalk.Cat;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.Executions;

// What is decided of reads: from which write each gets its value, with which write it is one update, and what its value is before that is known.
internal sealed partial class ExecutionState
{
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

    /// <summary>By read: writes numbered below this were already offered and postponed.</summary>
    public int[] Postponed { get; }

    /// <summary>By read: writes numbered from this on are not read; the capacity where there is no such limit.</summary>
    public int[] SourceLimit { get; }

    /// <summary>By read: its latest restriction + 1, or 0.</summary>
    public int[] LastRestriction { get; }

    /// <summary>What was decided of values that pending reads get, before it is decided from which write.</summary>
    public List<Restriction> Restrictions { get; } = [];

    /// <summary>The cells of whose writes some may have one place in coherence left, since something was decided on.</summary>
    public List<int> Unsettled { get; } = [];

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

    /// <summary>Decides what some bits of a part of a pending read are.</summary>
    public void Restrict(Missing missing, ulong result)
    {
        Restrictions.Add(new(missing, result & missing.Bits, LastRestriction[missing.Read]));
        SetWord(LastRestriction, missing.Read, Restrictions.Count);
    }
}
