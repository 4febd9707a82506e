using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Xunit;

namespace Tablewalk.Litmus.Tests.Syntax;

public sealed class SuiteSyntaxTests
{
    public static TheoryData<string> Names => [.. Suites.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_test_of_a_suite_is_read_and_printed_as_it_was(string suite)
    {
        var wrong = new List<string>();
        foreach (var file in Suites.FilesOf(suite))
        {
            if (!LitmusParser.TryParse(File.ReadAllText(file), Path.GetFileName(file), out var test, out var diagnostic))
            {
                wrong.Add(diagnostic.ToString());
            }
            else if (!LitmusParser.TryParse(LitmusPrinter.Print(test), "printed", out var again, out diagnostic))
            {
                wrong.Add($"{file} is printed as what cannot be read: {diagnostic}\n{LitmusPrinter.Print(test)}");
            }
            else if (Trees.Of(test) != Trees.Of(again))
            {
                wrong.Add($"{file} is another test when it is printed:\n{LitmusPrinter.Print(test)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
