using System.Collections;
using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>
/// Uses the source of a copy instead of the copy wherever both are equal on all paths, folds what becomes constant, and decides branches
/// on constants, also those that are constant only for who comes from one block.
/// </summary>
internal sealed class PropagateCopies : Pass
{
    internal override Procedure Run(Procedure procedure)
    {
        var order = ControlFlow.ReversePostOrder(procedure.Blocks);
        var entries = Solve(procedure, order);
        var blocks = procedure.Blocks.ToBuilder();
        foreach (var b in order)
        {
            blocks[b] = Rewrite(procedure.Blocks, b, new Copies(entries[b]!));
        }

        return procedure with { Blocks = blocks.ToImmutable() };
    }

    /// <summary>The copies known at the beginning of each block: the greatest solution, so that loops do not lose what holds in them.</summary>
    private static Copies?[] Solve(Procedure procedure, List<int> order)
    {
        var blocks = procedure.Blocks;
        var entries = new Copies?[blocks.Length];
        entries[0] = new Copies(procedure.RegisterCount);
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var b in order)
            {
                var known = new Copies(entries[b]!);
                foreach (var instruction in blocks[b].Body)
                {
                    known.Step(instruction);
                }

                foreach (var target in blocks[b].End.Targets())
                {
                    if (entries[target] is not { } before)
                    {
                        entries[target] = new Copies(known);
                        changed = true;
                    }
                    else
                    {
                        changed |= before.Intersect(known);
                    }
                }
            }
        }

        return entries;
    }

    private static Block Rewrite(ImmutableArray<Block> blocks, int b, Copies known)
    {
        var body = ImmutableArray.CreateBuilder<Instruction>();
        foreach (var instruction in blocks[b].Body)
        {
            var rewritten = Fold(instruction.MapOperands(known.Resolve));
            known.Step(rewritten);
            if (rewritten is not Compute { Operation: Operation.Copy } copy || copy.Left != copy.Destination)
            {
                body.Add(rewritten);
            }
        }

        var end = (Terminator)blocks[b].End.MapOperands(known.Resolve);
        if (end is Jump jump && blocks[jump.Target] is { Body.IsEmpty: true, End: Branch next } && known.Resolve(next.Condition).IsConstant)
        {
            end = next with { Condition = known.Resolve(next.Condition) };
        }

        return new Block(body.ToImmutable(), end is Branch { Condition.IsConstant: true } decided
            ? new Jump(decided.Condition.Constant != 0 ? decided.IfNonzero : decided.IfZero) { Source = decided.Source }
            : end);
    }

    private static Instruction Fold(Instruction instruction) => instruction switch
    {
        Compute { Operation: not Operation.Copy } c when Folding.ResultOrNull(c.Operation, c.Left, c.Right) is { } known =>
            new Compute(c.Destination, Operation.Copy, known, 0UL) { Source = c.Source },
        Select { Condition.IsConstant: true } s =>
            new Compute(s.Destination, Operation.Copy, s.Condition.Constant != 0 ? s.IfTrue : s.IfFalse, 0UL) { Source = s.Source },
        _ => instruction,
    };

    /// <summary>Which registers equal which operand.</summary>
    private sealed class Copies
    {
        private readonly Dictionary<int, Operand> _sources; // by register
        private readonly BitArray _mayBeSource; // by register; for most registers, there is no copy to look for when they change

        internal Copies(int registerCount) => (_sources, _mayBeSource) = ([], new(registerCount));

        internal Copies(Copies other) => (_sources, _mayBeSource) = (new(other._sources), new(other._mayBeSource));

        internal Operand Resolve(Operand operand) => !operand.IsConstant && _sources.TryGetValue(operand.Register.Index, out var source) ? source : operand;

        internal void Step(Instruction instruction)
        {
            if (instruction.DestinationOrNull() is not { } destination)
            {
                return;
            }

            var source = instruction is Compute { Operation: Operation.Copy } copy ? Resolve(copy.Left) : (Operand)destination;
            if (source == destination)
            {
                if (instruction is Compute { Operation: Operation.Copy })
                {
                    return; // a copy of what the register holds already
                }

                Forget(destination);
                return;
            }

            Forget(destination);
            _sources[destination.Index] = source;
            if (!source.IsConstant)
            {
                _mayBeSource[source.Register.Index] = true;
            }
        }

        /// <summary>Keeps what both know.</summary>
        /// <returns>Whether something was lost.</returns>
        internal bool Intersect(Copies other)
        {
            var count = _sources.Count;
            foreach (var (register, source) in _sources)
            {
                if (!other._sources.TryGetValue(register, out var theirs) || theirs != source)
                {
                    _sources.Remove(register); // which a dictionary allows while it is enumerated
                }
            }

            return _sources.Count < count;
        }

        private void Forget(Register register)
        {
            _sources.Remove(register.Index);
            if (!_mayBeSource[register.Index])
            {
                return;
            }

            _mayBeSource[register.Index] = false;
            foreach (var (copy, source) in _sources)
            {
                if (source == register)
                {
                    _sources.Remove(copy);
                }
            }
        }
    }
}
