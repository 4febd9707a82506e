using System.Collections.Immutable;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>A place where a thread may fault.</summary>
/// <param name="Labels">The labels of the instruction.</param>
/// <param name="Type">The kind of fault.</param>
/// <param name="Happened">The register that says whether it did: not zero.</param>
/// <param name="Address">The register with the virtual address of the access; null if it is none.</param>
internal sealed record FaultSite(ImmutableArray<string> Labels, string Type, Register Happened, Register? Address = null);

/// <summary>Builds the procedure of one thread: its registers by name, its blocks, its labels.</summary>
internal sealed class ThreadEmitter(int thread)
{
    private readonly Dictionary<string, Register> _registers = new(StringComparer.Ordinal);
    private readonly List<(Register Register, ulong Value)> _parameters = [];
    private readonly List<List<Instruction>> _bodies = [[]];
    private readonly List<Terminator?> _ends = [null];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private int _registerCount;
    private int _current;

    public int Thread { get; } = thread;

    public List<FaultSite> Faults { get; } = [];

    /// <summary>The source of what is emitted.</summary>
    public SourceLocation? Source { get; set; }

    /// <summary>Set before the names in labels when a fault handler is copied, so that each copy has its own.</summary>
    public string Scope { get; set; } = "";

    /// <summary>A register of the architecture, zero unless <see cref="SetInitial"/> says otherwise.</summary>
    public Register Named(string name)
    {
        if (!_registers.TryGetValue(name, out var register))
        {
            register = Temporary();
            _registers.Add(name, register);
            _parameters.Add((register, 0));
        }

        return register;
    }

    public void SetInitial(string name, ulong value)
    {
        var register = Named(name);
        _parameters[_parameters.FindIndex(p => p.Register == register)] = (register, value);
    }

    public Register Temporary() => new(_registerCount++);

    public void Emit(Instruction instruction) => _bodies[_current].Add(instruction with { Source = Source });

    public Operand Compute(Operation operation, Operand left, Operand right)
    {
        if (left.IsConstant && right.IsConstant)
        {
            return Operand.Of(operation.Evaluate(left.Constant, right.Constant));
        }

        var to = Temporary();
        Emit(new Compute(to, operation, left, right));
        return to;
    }

    public Operand ZeroExtend(Operand value, int bits) => bits == 64 ? value : Compute(Operation.ZeroExtend, value, Operand.Of((ulong)bits));

    public Operand SignExtend(Operand value, int bits) => bits == 64 ? value : Compute(Operation.SignExtend, value, Operand.Of((ulong)bits));

    public Operand IsZero(Operand value) => Compute(Operation.Equal, value, Operand.Of(0));

    public Operand Select(Operand condition, Operand ifTrue, Operand ifFalse)
    {
        var to = Temporary();
        Emit(new Select(to, condition, ifTrue, ifFalse));
        return to;
    }

    public void Set(Register register, Operand value) => Emit(new Compute(register, Operation.Copy, value, Operand.Of(0)));

    /// <summary>The block that a label of the current scope begins; it may be placed later.</summary>
    public int BlockOf(string label) => BlockNamed(Scope + label);

    public int NewBlock()
    {
        _bodies.Add([]);
        _ends.Add(null);
        return _bodies.Count - 1;
    }

    /// <summary>Begins a label's block here: whatever comes before falls into it.</summary>
    public void Place(string label) => StartAt(BlockOf(label));

    /// <summary>Goes on emitting in a block; what was emitted before falls into it unless it has ended.</summary>
    public void StartAt(int block)
    {
        _ends[_current] ??= new Jump(block);
        _current = block;
    }

    public void Jump(int block) => End(new Jump(block));

    /// <summary>Branches, and goes on where the condition is zero.</summary>
    public void BranchIf(Operand condition, int block, bool isImplicit = false)
    {
        var next = NewBlock();
        End(new Branch(condition, block, next) { IsImplicit = isImplicit });
        _current = next;
    }

    public void Return() => End(new Return(Operand.Of(0)));

    public ThreadCode Finish()
    {
        _ends[_current] ??= new Return(Operand.Of(0));
        var blocks = _bodies.Select((body, i) => new Block([.. body], _ends[i] ?? new Return(Operand.Of(0))));
        var procedure = new Procedure($"P{Thread}", _registerCount, [.. _parameters.Select(p => p.Register)], [.. blocks]);
        return new(procedure.Name, procedure, [.. _parameters.Select(p => p.Value)]);
    }

    private int BlockNamed(string name)
    {
        if (!_labels.TryGetValue(name, out var block))
        {
            block = NewBlock();
            _labels.Add(name, block);
        }

        return block;
    }

    // What follows an end without a label cannot be reached, and goes to a block of its own.
    private void End(Terminator end)
    {
        if (_ends[_current] is not null)
        {
            _current = NewBlock();
        }

        _ends[_current] = end with { Source = Source };
        if (end is not Branch)
        {
            _current = NewBlock();
        }
    }
}
