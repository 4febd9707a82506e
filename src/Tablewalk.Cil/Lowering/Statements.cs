using ICSharpCode.Decompiler.IL;
using Tablewalk.Ir;
using ILBlock = ICSharpCode.Decompiler.IL.Block;
using ILBranch = ICSharpCode.Decompiler.IL.Branch;

namespace Tablewalk.Cil.Lowering;

/// <summary>This part: the blocks of a method and their statements.</summary>
internal sealed partial class MethodLowering
{
    /// <summary>Lowers every block that is reached, in reverse post-order: what dominates a block comes before it.</summary>
    private void LowerBlocks(BlockContainer container)
    {
        var frame = _frame;
        var order = ReversePostOrder(container.EntryPoint);
        frame.Blocks[container.EntryPoint] = _builder.Current;
        for (var done = new HashSet<ILBlock>(); ;)
        {
            var next = order.FirstOrDefault(b => frame.Blocks.ContainsKey(b) && !done.Contains(b));
            if (next is null)
            {
                return;
            }

            done.Add(next);
            if (next != container.EntryPoint || next.IncomingEdgeCount == 1)
            {
                _builder.Current = frame.Blocks[next];
            }
            else
            {
                // The method begins with a loop: its head is a block of its own, apart from what came before the call.
                var head = _builder.NewBlock();
                _builder.Current = frame.Blocks[next];
                _builder.End(new Jump(head));
                _builder.Current = frame.Blocks[next] = head;
            }

            foreach (var statement in next.Instructions)
            {
                if (!LowerStatement(statement))
                {
                    break;
                }
            }
        }
    }

    private static List<ILBlock> ReversePostOrder(ILBlock entry)
    {
        var order = new List<ILBlock>();
        var seen = new HashSet<ILBlock>();
        Visit(entry);
        order.Reverse();
        return order;

        void Visit(ILBlock block)
        {
            if (!seen.Add(block))
            {
                return;
            }

            foreach (var branch in block.Descendants.OfType<ILBranch>().Reverse())
            {
                Visit(branch.TargetBlock);
            }

            order.Add(block);
        }
    }

    /// <summary>Lowers a statement.</summary>
    /// <returns>False if the rest of the block is not reached.</returns>
    private bool LowerStatement(ILInstruction statement)
    {
        Locate(statement);
        switch (statement)
        {
            case ILBranch branch:
                _builder.End(new Jump(TargetOf(branch)));
                return false;
            case Leave leave:
                LowerReturn(leave);
                return false;
            case IfInstruction { FalseInst: Nop } conditional:
                return LowerIf(conditional);
            case SwitchInstruction @switch:
                LowerSwitch(@switch);
                return false;
            case Throw:
                Refuse(DiagnosticCodes.Exceptions, "throw; the subset has no exceptions, state a claim by Cpu.BugOn");
                return false;
            default:
                Evaluate(statement);
                return true;
        }
    }

    private void LowerReturn(Leave leave)
    {
        if (!leave.IsLeavingFunction)
        {
            Refuse(DiagnosticCodes.Exceptions, "leaves a protected region; the subset has no try (nor using, lock, foreach over an enumerator)");
            return;
        }

        var type = ReturnTypeOf(_frame.Method);
        var value = type == typeof(void) ? Value.None : Coerce(Evaluate(leave.Value), type);
        Locate(leave);
        _frame.Returns.Add((_builder.Current, value, _place));
    }

    private int TargetOf(ILBranch branch)
    {
        if (!_frame.Blocks.TryGetValue(branch.TargetBlock, out var target))
        {
            _frame.Blocks.Add(branch.TargetBlock, target = _builder.NewBlock());
        }

        return target;
    }

    /// <summary>Lowers <c>if (condition) statement</c>; execution goes on behind it if the condition is false.</summary>
    private bool LowerIf(IfInstruction conditional)
    {
        var (condition, isNegated) = Condition(conditional.Condition);
        if (condition.IsConstant)
        {
            return condition.Constant != 0 == isNegated || LowerStatement(conditional.TrueInst);
        }

        Locate(conditional);
        LowerEither(condition, isNegated, conditional.TrueInst);
        return true;
    }

    /// <summary>Runs the body if the condition holds; goes on behind it if not.</summary>
    private void LowerEither(Operand condition, bool isNegated, ILInstruction body)
    {
        var rest = _builder.NewBlock();
        var then = body is ILBranch branch ? TargetOf(branch) : _builder.NewBlock();
        _builder.End((isNegated ? new Ir.Branch(condition, rest, then) : new Ir.Branch(condition, then, rest)) with { IsImplicit = _frame.IsOfMmu });
        if (body is not ILBranch)
        {
            _builder.Current = then;
            if (LowerStatement(body))
            {
                _builder.End(new Jump(rest));
            }
        }

        _builder.Current = rest;
    }

    /// <summary>A condition, with comparisons with zero turned into the sense of the branch.</summary>
    private (Operand Condition, bool IsNegated) Condition(ILInstruction condition)
    {
        var isNegated = false;
        while (condition is Comp { Kind: ComparisonKind.Equality or ComparisonKind.Inequality, Left: { } inner } comp && IsZero(comp.Right))
        {
            isNegated ^= comp.Kind == ComparisonKind.Equality;
            condition = inner;
        }

        return Evaluate(condition) switch
        {
            Value.Scalar scalar => (scalar.Operand, isNegated),
            Value.Reference => (1UL, isNegated), // a pointer to a local is never null
            var other => (ScalarOf(other).Operand, isNegated),
        };
    }

    private static bool IsZero(ILInstruction instruction) =>
        instruction is LdcI4 { Value: 0 } or LdcI8 { Value: 0 } or Conv { Argument: LdcI4 { Value: 0 } };

    private void LowerSwitch(SwitchInstruction @switch)
    {
        var value = ScalarOf(Evaluate(@switch.Value));
        Locate(@switch);
        var is32 = @switch.Value.ResultType == StackType.I4;
        var sections = @switch.Sections.OrderBy(s => s.Labels.Count()).ToList(); // the default section comes last and needs no test
        foreach (var section in sections.Take(sections.Count - 1))
        {
            foreach (var interval in section.Labels.Intervals)
            {
                var match = InInterval(value, interval.Start, interval.InclusiveEnd, is32);
                if (match.IsConstant && match.Constant != 0)
                {
                    LowerStatement(section.Body);
                    return;
                }

                if (!match.IsConstant)
                {
                    LowerEither(match, isNegated: false, section.Body);
                }
            }
        }

        LowerStatement(sections[^1].Body);
    }

    private Operand InInterval(Value.Scalar value, long first, long last, bool is32)
    {
        var start = is32 ? (uint)first : (ulong)first;
        if (first == last)
        {
            return _builder.Compute(Operation.Equal, value.Operand, start);
        }

        var offset = _builder.Compute(Operation.Subtract, value.Operand, start);
        var wrapped = is32 ? _builder.Compute(Operation.ZeroExtend, offset, 32UL) : offset;
        return _builder.Compute(Operation.LessOrEqualUnsigned, wrapped, (ulong)(last - first));
    }
}
