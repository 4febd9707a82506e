using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Tablewalk.Declare;

namespace Tablewalk.Judge;

/// <summary>Finds the scenarios that an assembly declares: its types marked <see cref="ScenarioAttribute"/>.</summary>
public static class ScenarioFiles
{
    /// <summary>Whether a word on the command line is such an assembly's file.</summary>
    public static bool IsFile(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The scenarios of an assembly, in the order of their names.</summary>
    /// <param name="file">Its path. What it references besides the parts of Tablewalk is sought as its <c>.deps.json</c> says, or beside it.</param>
    /// <param name="asked">The names of those whose claims are wanted, for which their set-ups run and their code is lifted; all if there is none.</param>
    /// <param name="cancellation">Ends it between two methods.</param>
    /// <exception cref="InputException">The file is no such assembly, or a scenario in it cannot be taken.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImmutableArray<ScenarioDescription> Load(string file, IReadOnlyCollection<string> asked, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!File.Exists(file))
        {
            throw new InputException(new InputError(file, JudgeErrorCodes.UnreadableAssembly, "no such file"));
        }

        try
        {
            string path = Path.GetFullPath(file);
            Type[] types = [.. new Context(path).LoadFromAssemblyPath(path).GetTypes().Where(type => type.IsDefined(typeof(ScenarioAttribute)))];
            return types.Length > 0
                ? Of(types, asked, cancellation)
                : throw new InputException(new InputError(file, JudgeErrorCodes.BadDeclaration, "declares no scenario, expected a type marked [Scenario(\"area/name\", \"summary\")]"));
        }
        catch (Exception unloadable) when (unloadable is BadImageFormatException or IOException or ReflectionTypeLoadException)
        {
            string reason = unloadable is ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } ? first.Message : unloadable.Message;
            throw new InputException(new InputError(file, JudgeErrorCodes.UnreadableAssembly, ScenarioMethods.OneLine(reason)));
        }
    }

    /// <summary>What types that are marked declare, in the order of their names.</summary>
    /// <exception cref="InputException">One of them cannot be taken.</exception>
    internal static ImmutableArray<ScenarioDescription> Of(IEnumerable<Type> types, IReadOnlyCollection<string> asked, CancellationToken cancellation = default)
    {
        (Type Type, ScenarioAttribute Mark)[] declared =
            [.. types.Select(type => (type, type.GetCustomAttribute<ScenarioAttribute>()!)).OrderBy(scenario => scenario.Item2.Name, StringComparer.Ordinal)];
        InputError[] errors = [.. declared.SelectMany(scenario => ErrorsOf(scenario.Type, scenario.Mark)), .. SameNames(declared)];
        return errors.Length > 0
            ? throw new InputException([.. errors])
            : [.. declared.Select(scenario => Describe(scenario.Type, scenario.Mark, asked, cancellation))];
    }

    private static ScenarioDescription Describe(Type type, ScenarioAttribute mark, IReadOnlyCollection<string> asked, CancellationToken cancellation)
    {
        bool isAsked = asked.Count == 0 || asked.Contains(mark.Name);
        return new(
            mark.Name, mark.Summary, [.. mark.Architectures], [], isAsked ? CheckRunner.ClaimsOf(type, mark.Name, cancellation) : [], _ => type);
    }

    private static IEnumerable<InputError> ErrorsOf(Type type, ScenarioAttribute mark)
    {
        string place = TypeNames.Of(type);
        if (string.IsNullOrWhiteSpace(mark.Name) || mark.Name.StartsWith('-') || ScenarioFiles.IsFile(mark.Name))
        {
            yield return new InputError(place, JudgeErrorCodes.BadDeclaration, $"a scenario cannot be named '{mark.Name}', expected area/name");
        }

        if (type.ContainsGenericParameters)
        {
            yield return new InputError(
                place, JudgeErrorCodes.BadDeclaration, "a scenario has no type parameters; expected the mark on a class that derives from this one with each parameter given");
        }

        foreach (string architecture in mark.Architectures.Except(Architectures.Names))
        {
            yield return InputError.NoSuch(place, JudgeErrorCodes.BadDeclaration, $"unknown architecture '{architecture}'", architecture, Architectures.Names);
        }
    }

    private static IEnumerable<InputError> SameNames((Type Type, ScenarioAttribute Mark)[] declared) =>
        from same in declared.GroupBy(scenario => scenario.Mark.Name, StringComparer.Ordinal)
        from other in same.Skip(1)
        select new InputError(
            TypeNames.Of(other.Type), JudgeErrorCodes.BadDeclaration, $"'{same.Key}' is the name of {TypeNames.Of(same.First().Type)}, expected one of its own");

    /// <summary>An assembly and what it references, apart from the parts of Tablewalk: those must be the judge's own, or their types would be others.</summary>
    private sealed class Context(string path) : AssemblyLoadContext(path)
    {
        private const string Parts = "Tablewalk.";

        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            bool isPart = assemblyName.Name?.StartsWith(Parts, StringComparison.Ordinal) == true && File.Exists(Path.Combine(AppContext.BaseDirectory, $"{assemblyName.Name}.dll"));
            return !isPart && _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
        }
    }
}
