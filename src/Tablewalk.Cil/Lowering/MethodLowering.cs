using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using ICSharpCode.Decompiler.IL;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;
using ILBlock = ICSharpCode.Decompiler.IL.Block;
using ILBranch = ICSharpCode.Decompiler.IL.Branch;

namespace Tablewalk.Cil.Lowering;

/// <summary>Lowers one thread: a method and everything it calls. This part: methods, blocks, statements.</summary>
/// <remarks>
/// Expressions are evaluated in their order. An expression's value is a constant, a register of its own, or something known while
/// lifting (<see cref="Value.IsStatic"/>). Branches on constants are decided here, so code that a policy rules out is not even looked at.
/// </remarks>
internal sealed partial class MethodLowering(LiftOptions options)
{
    /// <summary>Generic recursion makes ever new methods (<c>F&lt;T&gt;</c> calls <c>F&lt;S&lt;T&gt;&gt;</c>); this ends it.</summary>
    private const int MostDepth = 100;

    private readonly ProcedureBuilder _builder = new();
    private readonly ImmutableArray<Diagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
    private Frame _frame = null!;
    private SourceLocation? _place; // the innermost place, which diagnostics name; what is emitted may stand for a caller's

    private Arithmetic Arithmetic => field ??= new Arithmetic(_builder);

    /// <summary>The types whose methods were inlined, or whose static fields were read.</summary>
    internal HashSet<Type> Types { get; } = [];

    /// <summary>Lowers a thread's method.</summary>
    /// <exception cref="LiftException">Something in it is outside the subset.</exception>
    internal Procedure Lower(MethodInfo method)
    {
        _builder.Location = _place = EntryOf(method);
        var parameters = ImmutableArray.CreateBuilder<Register>();
        var arguments = ImmutableArray.CreateBuilder<Value>();
        foreach (var parameter in method.ContainsGenericParameters ? [] : method.GetParameters())
        {
            arguments.Add(EntryValue(parameter.ParameterType, parameters));
        }

        var result = method.ContainsGenericParameters
            ? Refuse(DiagnosticCodes.OpenGeneric, "a thread is a method of closed types; this one has open type parameters")
            : arguments.Contains(Value.Refused)
            ? Refuse(DiagnosticCodes.Signature, "a thread's parameters are integers, bools, enums, pointers and structs of them")
            : Inline(method, arguments.ToImmutable());
        _builder.End(new Return(ReturnedOperand(method, result)));
        if (_diagnostics.Count > 0)
        {
            throw new LiftException([.. _diagnostics.Distinct()]);
        }

        return new Procedure(DebugInformation.NameOf(method), _builder.RegisterCount, parameters.ToImmutable(), _builder.ToBlocks());
    }

    /// <summary>Where a method begins, for what is wrong with it as a whole.</summary>
    internal static SourceLocation EntryOf(MethodInfo method)
    {
        // The compiler moves the source of an async method or iterator into a class of its own.
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
        var body = method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethod("MoveNext", Hidden) ?? method;
        return ModuleReader.For(method.Module.Assembly).Debug?.PlacesOf(body).FirstOrNull is { } first
            ? first with { Method = DebugInformation.NameOf(method) }
            : new SourceLocation(Path.GetFileName(method.Module.Assembly.Location), 0, "", DebugInformation.NameOf(method));
    }

    private Value EntryValue(Type type, ImmutableArray<Register>.Builder parameters)
    {
        if (Layout.IsStruct(type) && !type.IsByRefLike)
        {
            var fields = Layout.FieldsOf(type).Select(f => EntryValue(f.FieldType, parameters)).ToImmutableArray();
            return fields.Contains(Value.Refused) ? Value.Refused : new Value.Aggregate(type, fields);
        }

        if (!Layout.IsScalar(type))
        {
            return Value.Refused;
        }

        var register = _builder.NewRegister();
        parameters.Add(register);
        var (bits, isSigned) = Layout.ShapeOf(type);
        if (!options.Arguments.IsDefault && parameters.Count <= options.Arguments.Length)
        {
            return Value.Scalar.Constant(options.Arguments[parameters.Count - 1]);
        }

        return new Value.Scalar(register, isSigned && bits < 32 ? 32 : bits);
    }

    private Operand ReturnedOperand(MethodInfo method, Value result)
    {
        switch (OnlyScalarOrNull(result))
        {
            case { } scalar:
                return scalar.Operand;
            case null when method.ReturnType == typeof(void) || result == Value.Refused:
                return 0UL;
            default:
                Refuse(DiagnosticCodes.Signature, $"a thread returns nothing, an integer or a struct of one integer, not {method.ReturnType.Name}");
                return 0UL;
        }
    }

    private static Value.Scalar? OnlyScalarOrNull(Value value) => value switch
    {
        Value.Scalar scalar => scalar,
        Value.Aggregate { Fields: [var only] } => OnlyScalarOrNull(only),
        _ => null,
    };

    /// <summary>Runs a method's body here with these arguments.</summary>
    private Value Inline(MethodBase method, ImmutableArray<Value> arguments)
    {
        if (BodyOrNull(method, arguments) is not { } tree)
        {
            return Value.Refused;
        }

        Types.Add(method.DeclaringType!);
        var (caller, callerPlace, callerLocation) = (_frame, _place, _builder.Location);
        var isOfMmu = caller is { IsOfMmu: true } || Attributes.Has(method, options.MmuAttribute);
        _frame = new Frame(method, tree, RuntimeTypes.For(ModuleReader.For(method.Module.Assembly), method), caller)
        {
            IsOfMmu = isOfMmu,
            StandsFor = caller is not null && (isOfMmu || tree.IsForwarder || tree.Places.FirstOrNull is null) ? callerLocation : null,
        };
        GoTo(tree.Places.FirstOrNull ?? callerPlace);
        BindParameters(arguments);
        ClearLocals();
        LowerBlocks((BlockContainer)tree.Function.Body);
        var result = Join(ReturnTypeOf(method));
        (_frame, _place, _builder.Location) = (caller!, callerPlace, callerLocation);
        return result;
    }

    private MethodTree? BodyOrNull(MethodBase method, ImmutableArray<Value> arguments)
    {
        var name = DebugInformation.NameOf(method);
        if (method.IsDefined(typeof(StateMachineAttribute), inherit: false))
        {
            Refuse(DiagnosticCodes.Construct, $"{name} is an async or iterator method; the subset takes plain methods");
            return null;
        }

        if (_frame is not null && _frame.IsActive(method))
        {
            Refuse(DiagnosticCodes.Recursion, $"recursion: {name} is called while it runs; every call is inlined, so use a loop");
            return null;
        }

        if (_frame?.Depth >= MostDepth)
        {
            Refuse(DiagnosticCodes.Recursion, $"recursion: {name} is called {MostDepth} calls deep; every call is inlined, so use a loop");
            return null;
        }

        var reader = ModuleReader.For(method.Module.Assembly);
        if (reader.Debug is null && !WellKnownMethods.MayBeInlined(method))
        {
            if (!arguments.Contains(Value.Refused))
            {
                Refuse(
                    DiagnosticCodes.NoCode,
                    $"call of {name} in {method.Module.Assembly.GetName().Name}, which has no portable PDB; the subset calls C# compiled with one");
            }

            return null;
        }

        if (reader.ReadOrNull(method) is { } tree)
        {
            return tree;
        }

        Refuse(DiagnosticCodes.NoCode, $"{name} has no body in CIL; the subset calls C# methods and Cpu");
        return null;
    }

    private static Type ReturnTypeOf(MethodBase method) => method is MethodInfo m ? m.ReturnType : typeof(void);

    private void BindParameters(ImmutableArray<Value> arguments)
    {
        Invariant.Check(arguments.Length == _frame.Parameters.Length, $"{_frame.Method.Name}: {arguments.Length} arguments");
        for (var i = 0; i < arguments.Length; i++)
        {
            var variable = _frame[_frame.Parameters[i]];
            if (variable.IsAssignedOnce)
            {
                variable.Bound = Coerce(arguments[i], TypeOf(_frame.Parameters[i]));
            }
            else
            {
                Assign(_frame.Parameters[i], arguments[i]);
            }
        }
    }

    /// <summary>Locals begin as zero in every call; the clean-up drops what is never read.</summary>
    private void ClearLocals()
    {
        foreach (var local in _frame.Locals.Where(l => !_frame[l].IsAssignedOnce))
        {
            var type = TypeOf(local);
            if (Layout.IsScalar(type) || (Layout.IsStruct(type) && CanScalarise(type)))
            {
                Write(StorageOf(local), Zero(type));
            }
        }
    }

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

    /// <summary>Gathers the returns of the frame: goes on after them with the value returned.</summary>
    private Value Join(Type type)
    {
        var returns = _frame.Returns;
        if (returns.Count == 0)
        {
            _builder.Current = _builder.NewBlock(); // never returns
            return type == typeof(void) ? Value.None : Value.Refused;
        }

        if (returns is [var only])
        {
            _builder.Current = only.Block;
            return only.Value;
        }

        var first = returns[0].Value;
        var isOneValue = type == typeof(void) || (first.IsStatic && returns.TrueForAll(r => r.Value == first));
        if (!isOneValue && returns.Exists(r => r.Value.IsStatic))
        {
            return Refuse(DiagnosticCodes.Reference, "returns one of several references or strings; the lifter must know which");
        }

        var place = isOneValue ? null : NewPlace(type);
        var join = _builder.NewBlock();
        foreach (var (block, value, location) in returns)
        {
            _builder.Current = block;
            GoTo(location);
            if (place is not null)
            {
                Write(place, value);
            }

            _builder.End(new Jump(join));
        }

        _builder.Current = join;
        return place is null ? first : Read(place);
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

    private void Locate(ILInstruction instruction)
    {
        var ranged = instruction.ILRangeIsEmpty ? instruction.Descendants.FirstOrDefault(d => !d.ILRangeIsEmpty) : instruction;
        if (ranged is not null && _frame.Tree.Places.AtOrNull(ranged.StartILOffset) is { } location)
        {
            GoTo(location);
        }
    }

    private void GoTo(SourceLocation? place)
    {
        _place = place;
        _builder.Location = _frame.StandsFor ?? place;
    }

    private Value Refuse(string code, string message)
    {
        _diagnostics.Add(new Diagnostic(code, _place!, message));
        return Value.Refused;
    }
}
