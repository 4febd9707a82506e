using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tablewalk.Judge;

/// <summary>Refuses scenarios of programs and assemblies that were not built for it.</summary>
/// <remarks>A project's settings are seen in what was built: an assembly says of itself whether the runtime may optimise it. Whether it has a PDB, the lifter sees.</remarks>
internal static class ScenarioAssemblies
{
    /// <summary>Refuses a type if it, a type argument of it or a type that it derives from is of such an assembly, or the program is such a one.</summary>
    /// <exception cref="InputException">It is.</exception>
    public static void Refuse(Type type)
    {
        // The lifter asks the runtime where a field lies, which takes a method made for it.
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new InputException(new InputError(
                Path.GetFileName(Assembly.GetEntryAssembly()?.Location ?? ""),
                JudgeErrorCodes.NoDynamicCode,
                "runs as if it were compiled ahead of time, so that no code can be generated; expected <PublishAot>false</PublishAot> in the project file, or in a single-file program #:property PublishAot=false"));
        }

        InputError[] errors = [.. Parts(type).Select(part => part.Assembly).Distinct().Select(ErrorOrNull).OfType<InputError>()];
        if (errors.Length > 0)
        {
            throw new InputException([.. errors]);
        }
    }

    private static InputError? ErrorOrNull(Assembly assembly) =>
        assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true }
            ? new InputError(
                Path.GetFileName(assembly.Location),
                JudgeErrorCodes.DebugBuild,
                "a debug build, whose code is not the code that runs later; expected <Optimize>true</Optimize> in the project file, or in a single-file program #:property Optimize=true")
            : null;

    // With the type that this one derives from, whose methods may be the scenario's.
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : [type, .. type.GetGenericArguments().SelectMany(Parts), .. type.BaseType is { } from ? Parts(from) : []];
}
