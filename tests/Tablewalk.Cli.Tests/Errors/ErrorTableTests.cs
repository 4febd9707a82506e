using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests.Errors;

/// <summary>The table of codes against the code that raises them, its examples against what they get, and the page that is written from it.</summary>
public sealed partial class ErrorTableTests
{
    // Where a code is declared, with the folder that raises it.
    private static readonly ImmutableArray<(Type Codes, string Folder)> s_declarations =
    [
        (typeof(InputErrorCodes), "Tablewalk.Cli"),
        (typeof(JudgeErrorCodes), "Tablewalk.Judge"),
        (typeof(Cil.DiagnosticCodes), "Tablewalk.Cil"),
        (typeof(Cat.DiagnosticCodes), "Tablewalk.Cat"),
        (typeof(Litmus.DiagnosticCodes), "Tablewalk.Litmus"),
    ];

    private static IEnumerable<ErrorEntry> Entries => ErrorTable.Chapters.SelectMany(chapter => chapter.Entries);

    public static TheoryData<string> Codes => [.. Entries.Select(entry => entry.Code)];

    public static TheoryData<string, string> Declarations =>
        [.. s_declarations.SelectMany(part => part.Codes.GetFields().Select(constant => (part.Folder, $"{part.Codes.Name}.{constant.Name}")))];

    [Fact]
    public void A_code_stands_once()
    {
        IEnumerable<string> inSources = SourcesOf("").SelectMany(text => Code().Matches(text)).Select(match => match.Value);
        Assert.Equal(Entries.Select(entry => entry.Code).Order(StringComparer.Ordinal), inSources.Order(StringComparer.Ordinal));
        Assert.Distinct(Entries.Select(entry => entry.Code));
    }

    [Fact]
    public void A_chapter_has_the_codes_of_its_range_in_order()
    {
        for (int i = 0; i < ErrorTable.Chapters.Length; i++)
        {
            string[] codes = [.. ErrorTable.Chapters[i].Entries.Select(entry => entry.Code)];
            Assert.Equal(codes.Order(StringComparer.Ordinal), codes);
            Assert.All(codes, code => Assert.StartsWith($"TW{i}", code, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Declarations))]
    public void A_code_is_raised(string folder, string constant) =>
        Assert.Contains(SourcesOf(folder), text => Regex.IsMatch(text, $@"\b{Regex.Escape(constant)}\b", RegexOptions.None, TimeSpan.FromSeconds(10)));

    [Theory]
    [MemberData(nameof(Codes))]
    public void An_example_gets_its_code(string code)
    {
        ErrorExample example = Entries.Single(entry => entry.Code == code).Example;
        using var files = new ExampleFiles();
        string printed = example.Kind switch
        {
            ExampleKind.Arguments => Run(Catalog.All, example.Text.Replace("SB.litmus", files.Test, StringComparison.Ordinal), code),
            ExampleKind.ForeignHost => CommandRun.On(Architecture.S390x, Catalog.All, example.Text).Error,
            ExampleKind.Model => Run(SmallScenarios.Catalog, $"check small/messages --arch arm64 --model {files.Add("my.cat", example.Text)}", code),
            ExampleKind.LitmusTest => Run(SmallScenarios.Catalog, $"litmus {files.Add("example.litmus", example.Text)}", code),
            ExampleKind.Kinds => Run(SmallScenarios.Catalog, $"litmus {files.Test} --kinds {files.Add("expected.tsv", example.Text)}", code),
            ExampleKind.Scenario => RefusedScenarios.ErrorsOf(code),
            ExampleKind.Project => RefusedProjects.ErrorsOf(code),
            _ => throw new InvalidOperationException($"no way to run {example.Kind}"),
        };
        Assert.Matches($@"(?m)^\S.*: {code}: \S", printed);
    }

    [Fact]
    public void An_example_in_CSharp_is_the_code_that_is_run()
    {
        string source = Flat(File.ReadAllText(Repository.PathOf("tests", "Tablewalk.Cli.Tests", "Errors", "RefusedScenarios.cs")));
        Assert.All(
            Entries.Where(entry => entry.Example.Kind == ExampleKind.Scenario),
            entry => Assert.Contains($"class {entry.Code} {{ {Flat(entry.Example.Text)} }}", source, StringComparison.Ordinal));
    }

    [Fact]
    public void An_example_of_a_project_file_is_the_one_that_is_built() =>
        Assert.All(
            Entries.Where(entry => entry.Example.Kind == ExampleKind.Project),
            entry => Assert.Contains(entry.Example.Text, File.ReadAllText(RefusedProjects.FileOf(entry.Code)), StringComparison.Ordinal));

    [Fact]
    public void An_assembly_without_a_PDB_is_told_what_to_write() =>
        Assert.Matches(@"^Tablewalk\.Refused\.TW1001\.dll:0: TW1001: .* <DebugType>portable</DebugType> in the project file", RefusedProjects.ErrorsOf("TW1001"));

    [Fact]
    public void The_page_of_errors_is_that_of_the_table() => Golden.MatchesFile(Repository.PathOf("docs", "errors.md"), ErrorPage.Write(ErrorTable.Chapters));

    private static string Run(ImmutableArray<ScenarioDescription> catalog, string arguments, string code)
    {
        CommandRun run = CommandRun.Of(catalog, arguments);
        Assert.True(run.ExitCode == ExitCode.BadInput && run.Out.Length == 0, $"{code}: exit {run.ExitCode}\n{run.Out}{run.Error}");
        return run.Error;
    }

    // Without what builds produce, and without the table, which names every code.
    private static IEnumerable<string> SourcesOf(string folder) =>
        from file in Directory.EnumerateFiles(Repository.PathOf("src", folder), "*.cs", SearchOption.AllDirectories)
        where !file.Split('/', '\\').Any(part => part is "bin" or "obj")
        where !Path.GetFileName(file).EndsWith("Errors.cs", StringComparison.Ordinal)
        select File.ReadAllText(file);

    private static string Flat(string code) => Blanks().Replace(code, " ");

    [GeneratedRegex(@"\bTW\d{4}\b")]
    private static partial Regex Code();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    /// <summary>Files that examples need or are, in a folder of their own.</summary>
    private sealed class ExampleFiles : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("tablewalk-").FullName;

        public ExampleFiles() => Test = Add("SB.litmus", "X86 SB\n{ }\n P0 | P1 ;\n MOV [x],1 | MOV [y],1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n");

        /// <summary>A test that is in order.</summary>
        public string Test { get; }

        public string Add(string name, string text)
        {
            string path = Path.Combine(_folder, name);
            File.WriteAllText(path, text);
            return path;
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
