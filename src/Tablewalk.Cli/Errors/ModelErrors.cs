using System.Collections.Immutable;
using Tablewalk.Cat;

namespace Tablewalk.Cli;

/// <summary>What is refused of a memory model. <c>docs/cat.md</c> describes the language.</summary>
internal static class ModelErrors
{
    /// <summary>The entries, by code.</summary>
    public static ImmutableArray<ErrorEntry> All { get; } =
    [
        new(
            DiagnosticCodes.BadToken,
            "A character begins nothing that the language has, or a string or comment does not end.",
            Model("acyclic po $ rf"),
            "Remove the character, or close the string on its line and the comment before the end of the file."),
        new(
            DiagnosticCodes.Syntax,
            "Something else stands where the grammar expects one thing.",
            Model("acyclic (po | rf"),
            "The message says what was expected and what was found."),
        new(
            DiagnosticCodes.UnknownName,
            "Nobody defined the name: no `let` before it, no included file, and it is none that every model starts with.",
            Model("acyclic po | rff"),
            "Correct it, or define it first; nothing is taken as empty by default, since that could weaken a model unseen."),
        new(
            DiagnosticCodes.WrongKind,
            "A set stands where a relation is needed, or the reverse, or another kind of value.",
            Model("acyclic R ; po"),
            "`[R]` makes a relation of a set; `domain(r)` and `range(r)` make sets of a relation."),
        new(
            DiagnosticCodes.Ambiguous,
            "The language gives operators in a row no order.",
            Model("acyclic ~po+"),
            "Write parentheses."),
        new(
            DiagnosticCodes.WrongCall,
            "A function stands where a value is needed, or a value where a function is, or the number of arguments is another.",
            Model("""
                let both(x, y) = x | y
                acyclic both(po)
                """),
            "Call a function with as many arguments as it was defined with."),
        new(
            DiagnosticCodes.BadInclude,
            "An included file is not there, or includes itself.",
            Model("include \"nowhere.cat\""),
            "Files are looked for beside the model, and then among those that come with the command."),
        new(
            DiagnosticCodes.BadRecursion,
            "A recursive definition goes on changing and never settles.",
            Model("""
                let rec a = po \ a
                acyclic a
                """),
            "Keep the name that is defined from under `~` and from the right of `\\`."),
        new(
            DiagnosticCodes.TooLarge,
            "Something is nested, repeated or grown beyond what is taken.",
            Model("""
                let rec f x = f x
                acyclic f po
                """),
            "Let a recursive function end, and split what is nested by `let`."),
        new(
            DiagnosticCodes.NoMatch,
            "A `match` has no clause for the tag that it met.",
            Model("""
                enum level = 'low || 'high
                acyclic match 'high with 'low -> po end
                """),
            "Add the clause, or one for `_`."),
        new(
            DiagnosticCodes.FailedAssertion,
            "The model asserts what does not hold of an execution, so it does not fit the program.",
            Model("assert empty rf as nothing-is-read"),
            "Judge the program by another model, or mend the assertion."),
    ];

    private static ErrorExample Model(string text) => new(ExampleKind.Model, text);
}
