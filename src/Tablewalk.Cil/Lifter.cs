using System.Reflection;
using Tablewalk.Cil.Cleanup;
using Tablewalk.Cil.Lowering;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil;

/// <summary>Turns a compiled C# method and all it calls into one procedure of the IR.</summary>
/// <remarks>
/// The way: <see cref="Reading"/> (CIL as trees, runtime types, source lines), <see cref="Lowering"/> (inlining, structs to registers,
/// <c>Cpu</c> to events), <see cref="Cleanup"/> (fewer instructions, the same dependencies). What is taken is described in
/// <c>docs/lifted-subset.md</c>.
/// </remarks>
public static class Lifter
{
    /// <summary>Lifts a static method of closed types; its assembly must be loaded from a file and have a portable PDB.</summary>
    /// <exception cref="LiftException">The method is outside the subset; the exception carries the diagnostics.</exception>
    /// <exception cref="ArgumentException">The method is an instance method.</exception>
    public static Procedure Lift(MethodInfo method, LiftOptions? options = null) => Lift(method, options, out _);

    /// <summary>Where a method begins: its file and line, with line 0 if that is not known.</summary>
    /// <param name="method">A method whose assembly was loaded from a file.</param>
    public static SourceLocation PlaceOf(MethodInfo method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return MethodLowering.EntryOf(method);
    }

    /// <summary>As <see cref="Lift(MethodInfo, LiftOptions?)"/>, with the types whose methods or static fields the procedure comes from.</summary>
    internal static Procedure Lift(MethodInfo method, LiftOptions? options, out IReadOnlySet<Type> types)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (!method.IsStatic)
        {
            throw new ArgumentException("a thread is a static method", nameof(method));
        }

        if (method.Module.Assembly.Location.Length == 0)
        {
            var place = new SourceLocation(method.Module.ScopeName, 0, "", DebugInformation.NameOf(method));
            throw new LiftException([new Diagnostic(DiagnosticCodes.NoCode, place, "the assembly was not loaded from a file, so its CIL cannot be read")]);
        }

        options ??= LiftOptions.Default;
        var lowering = new MethodLowering(options);
        var lowered = lowering.Lower(method);
        types = lowering.Types;
        return options.CleanUp ? Pipeline.Run(lowered) : lowered;
    }
}
