using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Tablewalk.Declare;
using Tablewalk.Mm;

namespace Tablewalk.Judge;

/// <summary>The methods of a closed type that make it a scenario.</summary>
/// <param name="Name">The scenario's name, for messages.</param>
/// <param name="Setup">Builds its memory.</param>
/// <param name="Threads">What each CPU does, in order; never empty.</param>
/// <param name="Final">The predicate over the final state; null if it has none.</param>
internal sealed record ScenarioMethods(string Name, MethodInfo Setup, ImmutableArray<MethodInfo> Threads, MethodInfo? Final)
{
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>What is lifted of it.</summary>
    public IEnumerable<MethodInfo> Lifted => Final is null ? Threads : Threads.Append(Final);

    /// <summary>The methods of a type.</summary>
    /// <exception cref="InputException">One is missing, or there are too many.</exception>
    public static ScenarioMethods Of(Type type, string name)
    {
        MethodInfo setup = Single<SetupAttribute>(type, name) ?? throw Unfit(name, "has no method marked [Setup]");
        ImmutableArray<MethodInfo> threads = [.. Marked<ThreadAttribute>(type)];
        return threads.Length > 0 ? new(name, setup, threads, Single<FinalAttribute>(type, name)) : throw Unfit(name, "has no method marked [Thread]");
    }

    /// <summary>Runs the set-up in an arena.</summary>
    /// <returns>The address that each thread is given.</returns>
    /// <exception cref="InputException">The set-up threw.</exception>
    public ulong Build(Arena arena)
    {
        try
        {
            return (ulong)Setup.CreateDelegate<Func<Arena, nint>>()(arena);
        }
        catch (Exception thrown)
        {
            Exception cause = thrown is TypeInitializationException { InnerException: { } inner } ? inner : thrown;
            throw new InputException(new InputError(
                PlaceOf(cause) ?? Name, JudgeErrorCodes.FailedSetup, $"the set-up of {Name} threw {cause.GetType().Name}: {OneLine(cause.Message)}"));
        }
    }

    /// <summary>A message without its line ends.</summary>
    public static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static MethodInfo? Single<TAttribute>(Type type, string name)
        where TAttribute : Attribute
    {
        MethodInfo[] marked = [.. Marked<TAttribute>(type)];
        return marked.Length <= 1
            ? marked.FirstOrDefault()
            : throw Unfit(name, $"has {marked.Length} methods marked [{typeof(TAttribute).Name[..^"Attribute".Length]}], expected one");
    }

    // Reflection promises no order; metadata tokens are in the order of declaration.
    private static IEnumerable<MethodInfo> Marked<TAttribute>(Type type)
        where TAttribute : Attribute =>
        type.GetMethods(AnyStatic).Where(method => method.IsDefined(typeof(TAttribute))).OrderBy(method => method.MetadataToken);

    private static InputException Unfit(string name, string problem) => new(new InputError(name, JudgeErrorCodes.NoScenario, problem));

    private static string? PlaceOf(Exception thrown)
    {
        StackFrame? frame = new StackTrace(thrown, fNeedFileInfo: true).GetFrames().FirstOrDefault(frame => frame.GetFileName() is not null);
        const string MappedRoot = "/_/";
        string? file = frame?.GetFileName();
        return file is null ? null : $"{(file.StartsWith(MappedRoot, StringComparison.Ordinal) ? file[MappedRoot.Length..] : file)}:{frame!.GetFileLineNumber()}";
    }
}
