using System.Collections.Immutable;
using System.Text;

namespace Tablewalk.Cli.Tests.Errors;

/// <summary>Writes <c>docs/errors.md</c>.</summary>
internal static class ErrorPage
{
    private const string Head =
        """
        # Errors

        What a user gave and what cannot be taken gets a line on standard error, `place: code: what was found and what was expected`, and exit status 2. A code has one
        meaning, whatever the command. `ErrorTable` (`src/Tablewalk.Cli/Errors`) is where they stand, and a test gets each code from its example. This page is written from
        it by `TABLEWALK_UPDATE_GOLDEN=1 dotnet test -c Release`.

        """;

    /// <summary>The page as Markdown.</summary>
    public static string Write(ImmutableArray<ErrorChapter> chapters)
    {
        var page = new StringBuilder(Head);
        foreach (ErrorChapter chapter in chapters)
        {
            page.Append($"\n## {chapter.Title}\n\n| code | meaning |\n|---|---|\n");
            foreach (ErrorEntry entry in chapter.Entries)
            {
                page.Append($"| [{entry.Code}](#{entry.Code.ToLowerInvariant()}) | {entry.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }

            foreach (ErrorEntry entry in chapter.Entries)
            {
                page.Append($"\n### {entry.Code}\n\n{entry.Meaning}\n\n```{Language(entry.Example.Kind)}\n{Shown(entry.Example)}\n```\n\n{entry.Remedy}\n");
            }
        }

        return page.ToString();
    }

    private static string Shown(ErrorExample example) => example.Kind switch
    {
        ExampleKind.Arguments => $"tablewalk {example.Text}",
        ExampleKind.ForeignHost => $"tablewalk {example.Text} # on a machine of another kind",
        _ => example.Text,
    };

    private static string Language(ExampleKind kind) => kind switch
    {
        ExampleKind.Arguments or ExampleKind.ForeignHost => "sh",
        ExampleKind.Scenario => "csharp",
        ExampleKind.Project => "xml",
        ExampleKind.Model => "ocaml", // what comes nearest to cat
        _ => "text",
    };
}
