using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Tablewalk.Cil;

namespace Tablewalk.Judge;

/// <summary>Refuses scenarios of programs and assemblies that were not built for it.</summary>
/// <remarks>A project's settings are seen in what was built: an assembly says of itself whether the runtime may optimise it, and has its debug information beside or inside it.</remarks>
internal static class ScenarioAssemblies
{
    /// <summary>Refuses a type if it, or a type argument of it, is of such an assembly, or the program is such a one.</summary>
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

    private static InputError? ErrorOrNull(Assembly assembly)
    {
        if (assembly.Location.Length == 0)
        {
            return null; // the lifter refuses it
        }

        string file = Path.GetFileName(assembly.Location);
        if (assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            return new InputError(
                file,
                JudgeErrorCodes.DebugBuild,
                "a debug build, whose code is not the code that runs later; expected <Optimize>true</Optimize> in the project file, or in a single-file program #:property Optimize=true");
        }

        return Lifter.HasDebugInformation(assembly)
            ? null
            : new InputError(
                file,
                JudgeErrorCodes.NoDebugInformation,
                $"no portable PDB, so no line of the source could be shown; expected {Path.ChangeExtension(file, ".pdb")} beside it, and <DebugType>portable</DebugType> in the project file");
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(Parts).Append(type);
}
