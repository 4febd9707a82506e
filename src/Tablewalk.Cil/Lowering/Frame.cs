using System.Collections.Immutable;
using System.Reflection;
using ICSharpCode.Decompiler.IL;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>One inlined execution of a method: its types, its variables and where it returned so far.</summary>
internal sealed class Frame(MethodBase method, MethodTree tree, RuntimeTypes types, Frame? caller)
{
    private readonly Dictionary<ILVariable, Variable> _variables = [];

    internal MethodBase Method { get; } = method;

    internal MethodTree Tree { get; } = tree;

    internal RuntimeTypes Types { get; } = types;

    /// <summary>The IR block of each IL block that something reaches.</summary>
    internal Dictionary<ICSharpCode.Decompiler.IL.Block, int> Blocks { get; } = [];

    /// <summary>The open blocks at which the method returns, with the value.</summary>
    internal List<(int Block, Value Value, SourceLocation? Location)> Returns { get; } = [];

    /// <summary>The caller's line, if the method only forwards, has none of its own, or is the MMU's: its steps are shown as that line's. Else null.</summary>
    internal SourceLocation? StandsFor { get; init; }

    /// <summary>Whether the method says what the MMU does within an access: its branches are none of the program's.</summary>
    internal bool IsOfMmu { get; init; }

    /// <summary>How many calls deep the frame is.</summary>
    internal int Depth { get; } = caller is null ? 0 : caller.Depth + 1;

    /// <summary>Whether the method runs in this frame or in one that called it.</summary>
    internal bool IsActive(MethodBase other)
    {
        for (var frame = this; frame is not null; frame = frame.Caller)
        {
            if (frame.Method == other)
            {
                return true;
            }
        }

        return false;
    }

    internal Variable this[ILVariable variable]
    {
        get
        {
            if (!_variables.TryGetValue(variable, out var found))
            {
                _variables.Add(variable, found = new Variable(variable));
            }

            return found;
        }
    }

    internal IEnumerable<ILVariable> Locals => Tree.Function.Variables.Where(v => v.Kind is VariableKind.Local or VariableKind.PinnedLocal);

    internal ImmutableArray<ILVariable> Parameters { get; } =
        [.. tree.Function.Variables.Where(v => v.Kind == VariableKind.Parameter).OrderBy(v => v.Index)];

    /// <summary>The closed types of the locals, by their index.</summary>
    internal ImmutableArray<Type> LocalTypes { get; } =
        [.. method.GetMethodBody()!.LocalVariables.OrderBy(v => v.LocalIndex).Select(v => v.LocalType)];

    private Frame? Caller { get; } = caller;
}

/// <summary>A variable of a frame: known while lifting, or kept in registers.</summary>
internal sealed class Variable(ILVariable variable)
{
    /// <summary>What the variable stands for, if that is known while lifting and never changes.</summary>
    internal Value? Bound { get; set; }

    /// <summary>The registers; null until needed.</summary>
    internal Place? Storage { get; set; }

    /// <summary>Whether nothing but one assignment (for a parameter: the call) sets the variable.</summary>
    internal bool IsAssignedOnce { get; } =
        variable.AddressCount == 0 && variable.StoreInstructions.Count == (variable.Kind == VariableKind.Parameter ? 0 : 1);
}
