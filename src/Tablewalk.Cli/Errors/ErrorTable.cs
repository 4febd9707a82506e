using System.Collections.Immutable;

namespace Tablewalk.Cli;

/// <summary>What an example of an error is.</summary>
public enum ExampleKind
{
    /// <summary>Arguments of the command.</summary>
    Arguments,

    /// <summary>Arguments of the command, on a machine with another processor than those it knows.</summary>
    ForeignHost,

    /// <summary>A file in the cat language, given by <c>--model</c>.</summary>
    Model,

    /// <summary>A litmus test.</summary>
    LitmusTest,

    /// <summary>A file of expected kinds, beside a litmus test.</summary>
    Kinds,

    /// <summary>Members of a scenario, in C#.</summary>
    Scenario,

    /// <summary>A property in the file of a scenario's project.</summary>
    Project,
}

/// <summary>An input that is refused.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The input, as a user would write it.</param>
public sealed record ErrorExample(ExampleKind Kind, string Text);

/// <summary>One code of the errors that the command prints.</summary>
/// <param name="Code"><c>TW</c> and four digits.</param>
/// <param name="Meaning">What is wrong, in a sentence.</param>
/// <param name="Example">The least that gets it.</param>
/// <param name="Remedy">What to do about it, in a sentence.</param>
public sealed record ErrorEntry(string Code, string Meaning, ErrorExample Example, string Remedy);

/// <summary>The errors of one origin, whose codes begin alike.</summary>
/// <param name="Title">Where they come from.</param>
/// <param name="Entries">The errors, in the order of their codes.</param>
public sealed record ErrorChapter(string Title, ImmutableArray<ErrorEntry> Entries);

/// <summary>Every code there is, with its one meaning.</summary>
/// <remarks>
/// <para>
/// Each part hands out the codes of a range of its own, as constants: the command and the judge share <c>TW0</c>, the lifter has <c>TW1</c>, cat <c>TW2</c>, litmus <c>TW3</c>. They
/// meet here, since only the command knows all parts.
/// </para>
/// <para><c>docs/errors.md</c> is written from this table. TEST: A_code_stands_once, A_code_is_raised, An_example_gets_its_code, The_page_of_errors_is_that_of_the_table.</para>
/// </remarks>
public static class ErrorTable
{
    /// <summary>All of it, by code.</summary>
    public static ImmutableArray<ErrorChapter> Chapters { get; } =
    [
        new("The command, its files and its scenarios", CommandErrors.All),
        new("Compiled C#", LiftErrors.All),
        new("Memory models in the cat language", ModelErrors.All),
        new("Litmus tests", LitmusErrors.All),
    ];
}
