using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Tablewalk.Cli.Tests;

public sealed partial class LitmusTests
{
    private const string StoreBuffering = """
        X86 SB
        "Fre PodWR Fre PodWR"
        {
        }
         P0          | P1          ;
         MOV [x],$1  | MOV [y],$1  ;
         MOV EAX,[y] | MOV EAX,[x] ;
        exists (0:EAX=0 /\ 1:EAX=0)
        """;

    private const string Waiting = """
        AArch64 AllThree
        {
        0:X1=x; 1:X1=x; int x=-1;
        }
         P0          | P1               ;
         MOV W0,#2   | LDR W0,[X1]      ;
         STR W0,[X1] | CMP W0,#2        ;
                     | B.NE L0          ;
                     | ADD X2,X1,#0     ;
                     | L0:              ;
        locations [1:X2; x;]
        filter 1:X0=2
        forall (1:X0=2)
        """;

    [Fact]
    public void Text_is_herds()
    {
        CommandRun run = Run("", ("SB.litmus", StoreBuffering), ("wait.litmus", Waiting));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            """
            Test SB Allowed
            States 4
            0:EAX=0; 1:EAX=0;
            0:EAX=0; 1:EAX=1;
            0:EAX=1; 1:EAX=0;
            0:EAX=1; 1:EAX=1;
            Ok
            Witnesses
            Positive: 1 Negative: 3
            Condition exists (0:EAX=0 /\ 1:EAX=0)
            Observation SB Sometimes 1 3
            Time SB #

            Test AllThree Required
            States 1
            1:X0=2; 1:X2=x; [x]=2;
            Ok
            Witnesses
            Positive: 1 Negative: 0
            Condition forall (1:X0=2)
            Observation AllThree Always 1 0
            Time AllThree #


            """,
            WithoutTimes(run.Out));
    }

    [Fact]
    public void Json_keeps_its_fields()
    {
        CommandRun run = Run("--format json", ("SB.litmus", StoreBuffering), ("expected.tsv", "SB\tAllowed\n"));
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement test = document.RootElement.GetProperty("tests")[0];
        Assert.Equal(
            ["file", "name", "observation", "positive", "negative", "states", "expected", "agrees", "executions", "explored", "seconds"], test.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Sometimes", test.GetProperty("observation").GetString());
        Assert.Equal(4, test.GetProperty("states").GetArrayLength());
        Assert.True(test.GetProperty("agrees").GetBoolean());
        Assert.Equal(4, test.GetProperty("executions").GetInt64());
        Assert.InRange(test.GetProperty("explored").GetInt64(), 4, 8);
    }

    [Fact]
    public void Executions_that_a_filter_leaves_out_are_counted_as_looked_at()
    {
        CommandRun run = Run("--format json", ("wait.litmus", Waiting));
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement test = document.RootElement.GetProperty("tests")[0];
        Assert.Equal((1, 0), (test.GetProperty("positive").GetInt32(), test.GetProperty("negative").GetInt32()));
        Assert.Equal(2, test.GetProperty("executions").GetInt64());
    }

    [Theory]
    [InlineData("SB Allowed # a comment\n", 0, "1 agree, 0 differ")]
    [InlineData("SB\tSometimes\n", 0, "1 agree, 0 differ")]
    [InlineData("SB Forbidden\n", 1, "expected Forbidden, found Sometimes")]
    [InlineData("SB Always\n", 1, "0 agree, 1 differ")]
    [InlineData("MP Forbidden\n", 0, "")]
    public void Kinds_are_compared(string kinds, int exitCode, string error)
    {
        CommandRun run = Run("", ("SB.litmus", StoreBuffering), ("expected.tsv", kinds));
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SB Forbidden\n", 1)]
    [InlineData("SB Allowed\n", 3)]
    public void A_kind_that_differs_outweighs_a_limit(string kinds, int exitCode) =>
        Assert.Equal(exitCode, Run("--timeout 0.2", ("SB.litmus", StoreBuffering), ("many.litmus", Endless), ("expected.tsv", kinds)).ExitCode);

    [Fact]
    public void A_file_that_is_not_taken_outweighs_a_kind_that_differs()
    {
        CommandRun run = Run("--format json --timeout 0.2", ("broken.litmus", "X86 t\n{ }\n P0 ;\n MOV [x],;\nexists x=1"), ("SB.litmus", StoreBuffering), ("many.litmus", Endless), ("expected.tsv", "SB Forbidden\n"));
        Assert.Equal(2, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal(3, document.RootElement.GetProperty("tests").GetArrayLength());
    }

    [Fact]
    public void A_model_that_turns_out_to_be_broken_is_told_with_its_line()
    {
        CommandRun run = Run("--model ./broken.cat", ("SB.litmus", StoreBuffering), ("broken.cat", "\"broken\"\nacyclic po as p\nassert empty rf as nothing-is-read\n"));
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Matches(@"broken\.cat:3:\d+: TW\d{4}: ", run.Error);
    }

    [Theory]
    [InlineData("--kinds nowhere.tsv", "nowhere.tsv: TW0031: ")]
    [InlineData("--model armv9", "--model armv9: TW0010: unknown model 'armv9'")]
    public void A_wrong_option_is_told_before_anything_is_run(string option, string error)
    {
        CommandRun run = Run(option, ("SB.litmus", StoreBuffering));
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_kinds_file_that_is_none_is_told_with_its_place()
    {
        CommandRun run = Run("", ("SB.litmus", StoreBuffering), ("expected.tsv", "SB\tAllowed\nMP\nLB Maybe\n"));
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(
            @"^\S+expected\.tsv:2:1: TW0031: expected a verdict .*; found none\n\S+expected\.tsv:3:1: TW0031: expected a verdict .*; found 'Maybe'\n$", run.Error);
    }

    [Fact]
    public void A_model_of_ones_own_judges_all_architectures()
    {
        CommandRun run = Run("--model sc", ("SB.litmus", StoreBuffering));
        Assert.Contains("Observation SB Never 0 3", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X86 t\n{ }\n P0 ;\n MOV [x],;\nexists x=1", ":4:10: TW3002: expected a register, a number, a label or a place in memory, found ';'")]
    [InlineData("X86 t\n{ }\n P0 ;\n CLFLUSH [x] ;\nexists x=1", ":4:2: TW3007: unsupported: the instruction 'CLFLUSH [x]'")]
    [InlineData("X86 t\n{ }\n P0 ;\n MOV [x],L0 ;\nexists x=1", ":4:10: TW3006: expected a register, a number or a place in memory, found 'L0'")]
    [InlineData("PPC t\n{ }\n P0 ;\n lwz r1,0(r2) ;\nexists x=1", ":1:1: TW3007: unsupported: the architecture 'PPC', expected AArch64, RISCV, X86 or X86_64")]
    [InlineData("X86 t\n{ }\n P0 ;\n NOP ;\nexists 3:EAX=1", ":5:8: TW3003: expected a thread below 1, found 3")]
    [InlineData("X86 t\n{ }\n P0 ;\n NOP ;\nexists 0:X9=1", ":5:8: TW3003: expected a register, found 'X9'")]
    [InlineData("AArch64 t\nVariant=memtag\n{ }\n P0 ;\n NOP ;\nexists x=1", ":2:1: TW3007: unsupported: the variant 'memtag'")]
    [InlineData("AArch64 t\n{ [PTE(x)]=(attrs:(Device)); }\n P0 ;\n NOP ;\nexists x=1", ":2:13: TW3007: unsupported: the field 'attrs' of a page-table entry")]
    [InlineData("AArch64 t\n{ 0:X1=5; }\n P0 ;\n LDR W0,[X1] ;\nexists 0:X0=1", ":4:1: TW3007: unsupported: an execution in which 'LDR W0,[X1]' of P0 accesses memory that is no variable's")]
    [InlineData("AArch64 t\n{ 0:X1=5; 1:X2=x; }\n P0 | P1 ;\n STR W0,[X1] | MOV W0,#1 ;\n | STR W0,[X2] ;\n | LDR W1,[X2] ;\nexists 1:X1=1", ":4:1: TW3007: unsupported: an execution in which 'STR W0,[X1]' of P0 accesses memory that is no variable's")]
    [InlineData("AArch64 t\n{ 0:X1=5; 0:X2=x; }\n P0 ;\n STR W0,[X2] ;\n LDR W0,[X1] ;\nexists x=0", ":5:1: TW3007: unsupported: an execution in which 'LDR W0,[X1]' of P0 accesses memory that is no variable's")]
    public void What_is_not_taken_is_refused_with_its_place(string text, string error)
    {
        CommandRun run = Run("", ("t.litmus", text));
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.EndsWith(error + "\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error);
    }

    // Six threads with six stores each to one location.
    private static string Endless =>
        $"X86 many\n{{}}\n{string.Join('|', Enumerable.Range(0, 6).Select(t => $" P{t} "))};\n"
        + string.Join('\n', Enumerable.Range(0, 6).Select(i => string.Join('|', Enumerable.Range(0, 6).Select(t => $" MOV [x],${(10 * t) + i} ")) + ";"))
        + "\nexists x=1";

    [Fact]
    public void A_limit_gives_an_explicit_unknown()
    {
        CommandRun run = Run("--timeout 0.2", ("many.litmus", Endless));
        Assert.Equal(3, run.ExitCode);
        Assert.Matches(@"many\.litmus: inconclusive after [\d,]*[1-9][\d,]* executions, [\d,]+ explored: the limit of 0\.2 s was reached\n$", run.Error);
        Assert.StartsWith("Test many Allowed\nUnknown\nReason the limit of 0.2 s was reached\nObservation many Unknown\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_says_how_far_a_test_came_before_its_limit()
    {
        CommandRun run = Run("--timeout 0.2 --format json", ("many.litmus", Endless), ("SB.litmus", StoreBuffering));
        Assert.Equal(3, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement[] tests = [.. document.RootElement.GetProperty("tests").EnumerateArray()];
        Assert.Equal(["Sometimes", "Unknown"], tests.Select(t => t.GetProperty("observation").GetString()));
        Assert.InRange(tests[1].GetProperty("executions").GetInt64(), 1, tests[1].GetProperty("explored").GetInt64());
    }

    private static CommandRun Run(string options, params (string Name, string Text)[] files)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tablewalk-");
        try
        {
            foreach ((string name, string text) in files)
            {
                File.WriteAllText(Path.Combine(folder.FullName, name), text);
            }

            return CommandRun.Of([], $"litmus {folder.FullName} {options.Replace("./", folder.FullName + "/", StringComparison.Ordinal)}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string WithoutTimes(string text) => Time().Replace(text, "$1 #");

    [GeneratedRegex(@"(?m)^(Time \S+) \d+\.\d\d$")]
    private static partial Regex Time();
}
