using System.Runtime.InteropServices;
using System.Text;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>
/// Walks through one thread with abstract values. The states that reach a block are told apart by which registers are constants and which
/// constants they are (trace partitioning), so that counting loops are unrolled; states that agree in that are joined. Within a block, the ways
/// on which an update succeeds or fails are walked side by side; those that agree in all that is read later go on as one.
/// </summary>
/// <remarks>
/// Errs on the side of too many values, ways and writes, never too few. Where the model keeps each location coherent, a thread finds what it wrote last or what others
/// write, neither what it has overwritten nor what it writes later.
/// </remarks>
internal sealed partial class ThreadAnalysis(FlatCode code, ThreadCode thread, int number, SharedValues memory, bool isCoherent, CancellationToken cancellation)
{
    private const int MostPartitionsOfBlock = 64;
    private const int MostStatesOfBlock = 128;
    private const int MostVisits = 20_000;
    private readonly List<Partition> _partitions = [];
    private readonly Dictionary<(int Block, string Constants), Partition> _byKey = [];
    private readonly int[] _partitionsOfBlock = new int[thread.Code.Blocks.Length];
    private readonly Dictionary<(int Partition, int Place), int> _sources = [];
    private readonly Queue<Partition> _queue = new();

    /// <summary>The places of the thread. The first one is the entry.</summary>
    public IReadOnlyList<Place> Places { get; private set; } = [];

    /// <summary>Walks until nothing changes any more, adding to the shared values.</summary>
    /// <returns>False if the thread may write where it cannot be told, or if there is too much to walk through.</returns>
    /// <exception cref="OperationCanceledException">The walk was cancelled.</exception>
    public bool Run()
    {
        var registers = new AbstractValue?[code.RegisterCount];
        for (var p = 0; p < thread.Code.Parameters.Length; p++)
        {
            registers[thread.Code.Parameters[p].Index] = p < thread.Arguments.Length ? AbstractValue.Of(thread.Arguments[p]) : AbstractValue.Unknown;
        }

        Enter(0, registers, OwnWrites.None);
        for (var visits = 0; _queue.TryDequeue(out var partition); visits++)
        {
            if (visits == MostVisits)
            {
                return false;
            }

            partition.IsQueued = false;
            if (!Walk(partition))
            {
                return false;
            }
        }

        Places = [.. _partitions, .. _partitions.SelectMany(p => p.Junctions)];
        for (var i = 0; i < Places.Count; i++)
        {
            Places[i].Index = i;
        }

        return true;
    }

    private Partition Enter(int block, AbstractValue?[] registers, OwnWrites written)
    {
        var live = code.Flow.LiveIn[block];
        var key = _partitionsOfBlock[block] > MostPartitionsOfBlock ? "" : KeyOf(live, registers);
        if (!_byKey.TryGetValue((block, key), out var partition))
        {
            // The last partition of a block takes all further states.
            key = _partitionsOfBlock[block]++ == MostPartitionsOfBlock ? "" : key;
            partition = new(_partitions.Count, code.StartOf(block), new AbstractValue?[registers.Length]) { Written = written };
            for (var r = 0; r < registers.Length; r++)
            {
                partition.Registers[r] = live[r] ? registers[r] ?? AbstractValue.Zero : null;
            }

            _partitions.Add(partition);
            _byKey.Add((block, key), partition);
            Enqueue(partition);
        }
        else if (JoinInto(partition.Registers, registers, partition, 0) | partition.AddWritten(written))
        {
            Enqueue(partition);
        }

        return partition;
    }

    private void Enqueue(Partition partition)
    {
        if (!partition.IsQueued)
        {
            partition.IsQueued = true;
            _queue.Enqueue(partition);
        }
    }

    // Where different sources meet in a register that is live, the new one is of that register alone, since values of different rounds of a loop may meet.
    private bool JoinInto(AbstractValue?[] into, AbstractValue?[] registers, Partition partition, int meeting)
    {
        var changed = false;
        for (var r = 0; r < registers.Length; r++)
        {
            if (into[r] is { } old)
            {
                var joined = old.Join(registers[r] ?? AbstractValue.Zero);
                joined = joined.Source == 0 && !joined.IsConstant
                    ? joined.AsSource(SourceOf(partition, -1 - r - (meeting * code.RegisterCount)))
                    : joined;
                changed |= !joined.Equals(old);
                into[r] = joined;
            }
        }

        return changed;
    }

    private static string KeyOf(bool[] live, AbstractValue?[] registers)
    {
        var key = new StringBuilder();
        for (var r = 0; r < registers.Length; r++)
        {
            if (live[r])
            {
                _ = registers[r] is { IsConstant: false } ? key.Append("- ") : key.Append($"{registers[r]?.Constant ?? 0:x} ");
            }
        }

        return key.ToString();
    }

    // Sources are numbered by where they come from, so that walking again gives the same numbers: a step of a partition, or a register in which
    // different sources meet.
    private int SourceOf(Partition partition, int place)
    {
        ref var source = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, (partition.Number, place), out _);
        source = source == 0 ? _sources.Count : source;
        return source;
    }

    // Walks to the end of a block.
    private bool Walk(Partition partition)
    {
        partition.Passages.Clear();
        partition.Junctions.Clear();
        List<State> states = [new(partition, partition, (AbstractValue?[])partition.Registers.Clone()) { Written = partition.Written }];
        List<State> next = [];
        for (var at = partition.FirstStep; states.Count > 0; at++)
        {
            cancellation.ThrowIfCancellationRequested();
            ref var step = ref code.Steps[at];
            foreach (var state in states)
            {
                state.Step = at;
                if (!TryStep(state, ref step, next))
                {
                    return false;
                }
            }

            (states, next) = (IsFork(step) ? Meet(next, partition, at + 1) : next, states);
            next.Clear();
        }

        return true;
    }
}
