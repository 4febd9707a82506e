using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Support;

/// <summary>Writes one procedure, instruction by instruction. Accesses are 8 bytes wide.</summary>
internal sealed class ThreadBuilder
{
    private readonly List<(List<Instruction> Body, Terminator? End)> _blocks = [([], null)];
    private readonly List<Register> _parameters = [];
    private int _registers;
    private int _current;

    internal Register NewRegister() => new(_registers++);

    internal Register Parameter()
    {
        var register = NewRegister();
        _parameters.Add(register);
        return register;
    }

    internal void Emit(Instruction instruction) => _blocks[_current].Body.Add(instruction);

    internal Register Compute(Operation operation, Operand left, Operand right)
    {
        var result = NewRegister();
        Emit(new Compute(result, operation, left, right));
        return result;
    }

    internal Register Select(Operand condition, Operand ifTrue, Operand ifFalse)
    {
        var result = NewRegister();
        Emit(new Select(result, condition, ifTrue, ifFalse));
        return result;
    }

    internal Register Load(Operand address, LoadOrder order = LoadOrder.Once, bool exclusive = false)
    {
        var result = NewRegister();
        Emit(new Load(result, address, AccessSize.Double, order, exclusive));
        return result;
    }

    internal Register Walk(Operand entry, Operand page)
    {
        var result = NewRegister();
        Emit(new Load(result, entry, AccessSize.Double, LoadOrder.Walk) { InputAddress = page });
        return result;
    }

    internal void Store(Operand address, Operand value, StoreOrder order = StoreOrder.Once) =>
        Emit(new Store(address, value, AccessSize.Double, order));

    internal Register StoreExclusive(Operand address, Operand value, StoreOrder order = StoreOrder.Once)
    {
        var status = NewRegister();
        Emit(new StoreExclusive(status, address, value, AccessSize.Double, order));
        return status;
    }

    internal Register Update(AtomicOperation operation, Operand address, Operand value, AtomicOrder order, Operand expected = default)
    {
        var old = NewRegister();
        Emit(new AtomicUpdate(old, operation, address, value, expected, AccessSize.Double, order));
        return old;
    }

    internal Register Choose(int count)
    {
        var result = NewRegister();
        Emit(new Choose(result, count));
        return result;
    }

    internal void Fence(FenceKind kind) => Emit(new Fence(kind));

    internal void Section(SectionKind kind, Action body)
    {
        Emit(new SectionEdge(kind, IsEntry: true));
        body();
        Emit(new SectionEdge(kind, IsEntry: false));
    }

    internal void Wait(WaitKind kind) => Emit(new Wait(kind));

    internal void BugOn(Operand condition, string claim) => Emit(new BugOn(condition, claim));

    internal int NewBlock()
    {
        _blocks.Add(([], null));
        return _blocks.Count - 1;
    }

    /// <summary>Ends the block being written and goes on in another.</summary>
    internal void EndBlock(Terminator end, int next)
    {
        _blocks[_current] = _blocks[_current] with { End = end };
        _current = next;
    }

    internal void If(Operand condition, Action then, Action? otherwise = null, bool isImplicit = false)
    {
        var (yes, no, join) = (NewBlock(), NewBlock(), NewBlock());
        EndBlock(new Branch(condition, yes, no) { IsImplicit = isImplicit }, yes);
        then();
        EndBlock(new Jump(join), no);
        otherwise?.Invoke();
        EndBlock(new Jump(join), join);
    }

    internal Procedure Build(string name, Operand result)
    {
        EndBlock(new Return(result), _current);
        var blocks = _blocks.Select(b => new Block([.. b.Body], b.End ?? throw new InvalidOperationException("a block without an end")));
        return new Procedure(name, _registers, [.. _parameters], [.. blocks]);
    }

    internal static ThreadCode Thread(string name, Func<ThreadBuilder, Operand> write)
    {
        var builder = new ThreadBuilder();
        var result = write(builder);
        return new ThreadCode(name, builder.Build(name, result), []);
    }

    internal static Program Program(params ThreadCode[] threads) => new([.. threads], null, ImmutableArray<ulong>.Empty);
}
