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
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    /// <summary>What is lifted of it.</summary>
    public IEnumerable<MethodInfo> Lifted => Final is null ? Threads : Threads.Append(Final);

    /// <summary>The methods of a type.</summary>
    /// <exception cref="InputException">One is missing or has another signature, there are too many, or the type is not closed.</exception>
    public static ScenarioMethods Of(Type type, string name)
    {
        if (type.ContainsGenericParameters)
        {
            throw Unfit(name, "has type parameters that are left open, expected a type for each");
        }

        MethodInfo setup = Single<SetupAttribute>(type, name) ?? throw Unfit(name, "has no method marked [Setup]");
        ImmutableArray<MethodInfo> threads = [.. Marked<ThreadAttribute>(type)];
        if (threads.IsEmpty)
        {
            throw Unfit(name, "has no method marked [Thread]");
        }

        MethodInfo? final = Single<FinalAttribute>(type, name);
        RefuseSignatures(name, setup, threads, final);
        return new(name, setup, threads, final);
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

    // What the lifter cannot know: which arguments a method will be given.
    private static void RefuseSignatures(string name, MethodInfo setup, ImmutableArray<MethodInfo> threads, MethodInfo? final)
    {
        if (threads.Append(setup).Append(final).FirstOrDefault(method => method is { IsStatic: false }) is { } instance)
        {
            throw Unfit(name, $"has a method {instance.Name} that is marked and not static");
        }

        if (setup.ReturnType != typeof(nint) || setup.GetParameters() is not [{ ParameterType: var given }] || given != typeof(Arena))
        {
            throw Unfit(name, $"has a set-up of another signature, expected static nint {setup.Name}(Arena arena)");
        }

        if (threads.FirstOrDefault(thread => thread.GetParameters().Length != 1) is { } other)
        {
            throw Unfit(name, $"has a thread of another signature, expected static ulong {other.Name}(State* state), with what the set-up returned");
        }

        if (final is not null && (final.GetParameters().Length is 0 || final.GetParameters().Length > threads.Length + 1))
        {
            throw Unfit(name, $"has a final predicate of another signature, expected static void {final.Name}(State* state, ulong, ...), with the result of each thread");
        }
    }

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
        type.GetMethods(Any).Where(method => method.IsDefined(typeof(TAttribute))).OrderBy(method => method.MetadataToken);

    private static InputException Unfit(string name, string problem) => new(new InputError(name, JudgeErrorCodes.NoScenario, problem));

    private static string? PlaceOf(Exception thrown)
    {
        StackFrame? frame = new StackTrace(thrown, fNeedFileInfo: true).GetFrames().FirstOrDefault(frame => frame.GetFileName() is not null);
        const string MappedRoot = "/_/";
        string? file = frame?.GetFileName();
        return file is null ? null : $"{(file.StartsWith(MappedRoot, StringComparison.Ordinal) ? file[MappedRoot.Length..] : file)}:{frame!.GetFileLineNumber()}";
    }
}
