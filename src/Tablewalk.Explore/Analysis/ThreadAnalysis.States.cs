using Tablewalk.Explore.Search.Threads;

namespace Tablewalk.Explore.Analysis;

// What is known where a block begins, and on one way through it.
internal sealed partial class ThreadAnalysis
{
    private sealed class Partition(int number, int firstStep, AbstractValue?[] registers) : Place(firstStep)
    {
        public int Number { get; } = number;

        public AbstractValue?[] Registers { get; } = registers;

        /// <summary>What the thread has written before.</summary>
        public OwnWrites Written { get; set; } = OwnWrites.None;

        /// <summary>Adds another way to come here.</summary>
        /// <returns>Whether it says anything new.</returns>
        public bool AddWritten(OwnWrites written)
        {
            var before = Written;
            Written = before.Join(written);
            return !ReferenceEquals(Written, before);
        }

        /// <summary>The places within the block where ways meet.</summary>
        public List<Place> Junctions { get; } = [];

        public bool IsQueued { get; set; }
    }

    // Mutable, do not share: a copy walks on its own.
    private sealed class State(Partition partition, Place from, AbstractValue?[] registers)
    {
        public Partition Partition { get; } = partition;

        /// <summary>Where the passage that it is on began.</summary>
        public Place From { get; } = from;

        public int Step { get; set; }

        public AbstractValue?[] Registers { get; } = registers;

        public List<PossibleWrite> Writes { get; private init; } = [];

        /// <summary>What the thread has written by now, on whatever way it came.</summary>
        public OwnWrites Written { get; set; } = OwnWrites.None;

        public State Copy() => new(Partition, From, (AbstractValue?[])Registers.Clone()) { Step = Step, Writes = [.. Writes], Written = Written };

        public void Write(ulong cell, AbstractValue value, bool isSure)
        {
            Writes.Add(new(Step, cell));
            Written = Written.With(cell, value, isSure);
        }

        public AbstractValue Get(in FlatOperand operand) =>
            operand.Register < 0 ? AbstractValue.Of(operand.Constant) : Registers[operand.Register] ?? AbstractValue.Zero;

        public void Leave(Place? target) => From.Passages.Add(new(target, Step + 1, [.. Writes]));
    }
}
