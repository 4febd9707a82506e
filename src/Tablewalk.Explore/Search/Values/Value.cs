namespace Tablewalk.Explore.Search.Values;

/// <summary>
/// A value: a constant, or a node of <see cref="ValueArena"/> that stands for what pending reads will get.
/// </summary>
internal readonly record struct Value(ulong Constant, int Node)
{
    public bool IsConstant => Node == 0;

    public static Value Of(ulong constant) => new(constant, 0);
}

/// <summary>What of a pending read is missing to know another value.</summary>
/// <param name="Read">The read.</param>
/// <param name="Part">A value that is computed from this read alone.</param>
/// <param name="Bits">The bits of <paramref name="Part"/> that matter.</param>
internal readonly record struct Missing(int Read, Value Part, ulong Bits);

/// <summary>What a register holds: its value, and the events that it depends on and those that picked it (sets of <see cref="TaintArena"/>).</summary>
/// <param name="Value">The value.</param>
/// <param name="Taint">What it depends on.</param>
/// <param name="Pick">What picked it.</param>
/// <param name="OpenSelect">The selection that is not decided yet + 1, of which the value is known and the two sets are not; else 0.</param>
internal readonly record struct RegisterValue(Value Value, int Taint, int Pick = 0, int OpenSelect = 0);

/// <summary>A selection whose condition was not known when its thread came by.</summary>
internal readonly record struct OpenSelect(RegisterValue Condition, RegisterValue IfTrue, RegisterValue IfFalse);
