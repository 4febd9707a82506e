using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using ICSharpCode.Decompiler.IL;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>This part: methods run in the place where they are called.</summary>
internal sealed partial class MethodLowering
{
    /// <summary>Generic recursion makes ever new methods (<c>F&lt;T&gt;</c> calls <c>F&lt;S&lt;T&gt;&gt;</c>); this ends it.</summary>
    private const int MostDepth = 100;

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
                    $"call of {name} in {method.Module.Assembly.GetName().Name}, which has no portable PDB; the subset calls C# compiled with one: <DebugType>portable</DebugType> in the project file, and the PDB beside the assembly");
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
}
