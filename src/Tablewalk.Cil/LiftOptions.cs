using System.Collections.Immutable;

namespace Tablewalk.Cil;

/// <summary>How to lift.</summary>
public sealed record LiftOptions
{
    /// <summary>The options used when none are given.</summary>
    public static LiftOptions Default { get; } = new();

    /// <summary>
    /// The full name of the class whose methods are intrinsics, but for those without <see cref="IntrinsicAttribute"/>. The lifter maps them by name and never
    /// looks inside.
    /// </summary>
    public string IntrinsicClass { get; init; } = "Tablewalk.Mm.Cpu";

    /// <summary>The simple name of the attribute that intrinsics have.</summary>
    public string IntrinsicAttribute { get; init; } = "IntrinsicAttribute";

    /// <summary>
    /// The simple name of the attribute of methods that say what the MMU does within one access: their branches, and those of what they call, are none of the
    /// program's and make no control dependency.
    /// </summary>
    public string MmuAttribute { get; init; } = "MmuAttribute";

    /// <summary>The simple name of the attribute that marks a static field whose value at lift time is a constant of the program.</summary>
    public string ConstantAttribute { get; init; } = "LiftedConstantAttribute";

    /// <summary>
    /// The values of the first parameters, if the procedure is needed for these values only: what depends on them alone is then computed here,
    /// once. The parameters stay, unread.
    /// </summary>
    public ImmutableArray<ulong> Arguments { get; init; } = [];

    /// <summary>Whether to run the clean-up passes. Off only to look at what they start from.</summary>
    public bool CleanUp { get; init; } = true;
}
