using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Report.Tests;

/// <summary>How distilled tables are written.</summary>
public sealed class DistilledTableTests
{
    private static readonly SourceLocation s_line = new("a/b.cs", 7, "Do();", "M");

    [Theory]
    [InlineData("ulong old = Cpu.FetchAdd(&folio->Refcount, 0 - references);", "FetchAdd(&folio->Refcount, 0 - references)")]
    [InlineData("Pte second = new(TPolicy.Recheck((ulong*)ptep, first)); // and more", "TPolicy.Recheck(ptep, first)")]
    [InlineData("public static bool Is(ulong* p) => Unmap<TArch, TPtes>.Range(mm, 2 * Size) != 0;", "Unmap.Range(mm, 2 * Size)")]
    [InlineData("if (Cpu.ReadOnce(word) == 0 && Cpu.CmpXchg(word, 0UL, Busy | 1) == 0)", "ReadOnce(word)")]
    [InlineData("Cpu.WriteOnce(&PhysicalMemory.PageOf(anchor, pfn)->Refcount, 1UL);", "WriteOnce(...)")]
    [InlineData("Cpu.CmpXchg(&folio->Refcount, old, old + references) == old", "CmpXchg(&folio->Refcount, old, ...)")]
    [InlineData("x = y;", "x = y")]
    public void Of_a_source_line_the_call_is_left(string source, string call) => Assert.Equal(call, CallText.Of(source, 42));

    [Fact]
    public void Of_a_claim_the_condition_is_left() => Assert.Equal("(a & b) != 0", CallText.Condition("int x) => Cpu.BugOn((a & b) != 0, \"no-a-and-b\");"));

    [Fact]
    public void What_always_goes_together_is_told_in_words()
    {
        Assert.Contains("frees A: refcount 2 -> 0, poisons A[0]", TableOf(Read("A.refcount", "2", "RMW.R"), Write("A.refcount", "0", "RMW.W"), Write("A[0]", "poison"), Write("A.flags", "none")));
        Assert.Contains("puts A on the free list of the zone", TableOf(Read("zone->first_free", "none"), Write("zone->first_free", "A"), Write("zone->lock", "0")));
        Assert.Contains("takes A from the free list of the zone", TableOf(Read("zone->first_free", "A"), Write("zone->first_free", "none")));
        Assert.Contains("defers the free of A", TableOf(Write("A.next_free", "none"), Read("deferred frees", "none", "RMW.R"), Write("deferred frees", "A", "RMW.W")));
        Assert.Contains("R PTE0.low = 1, RMB, .high = 0", TableOf(Read("PTE0.low", "1"), new Step(0, StepKind.Fence, s_line, "RMB", "", 0, null, false, -1), Read("PTE0.high", "0")));
    }

    [Fact] // the controls: what is another thing keeps its own rows
    public void What_does_not_go_together_is_not()
    {
        Assert.DoesNotContain("frees", TableOf(Read("A.refcount", "2", "RMW.R"), Write("A.refcount", "1", "RMW.W"), Write("A[0]", "poison")));
        Assert.DoesNotContain("frees", TableOf(Read("A.refcount", "1", "RMW.R"), Write("A.refcount", "0", "RMW.W"), Write("B[0]", "7")));
        string both = TableOf(Write("zone->first_free", "A"), Read("zone->first_free", "A") with { ReadsFrom = 0 });
        Assert.Contains("W zone->first_free = A", both);
        Assert.Contains("R zone->first_free = A", both);
    }

    [Fact]
    public void The_title_says_what_how_and_by_which_command()
    {
        Counterexample sample = Samples.MissedDirty;
        string table = DistilledTable.Write(sample, TableTitle.Of(Samples.Row(new Explore.Claims.Verdict.Violated(sample), new VariantValue("read", "raw"), new VariantValue("block", "4")), "GUP-fast on a block"));
        string[] lines = table.Split('\n');
        Assert.StartsWith("gup-fast/contpte-unfold: no-false-negative-dirty is violated, arm64", lines[0]);
        Assert.Contains("GUP-fast on a block", lines);
        string command = string.Join("", lines.SkipWhile(static line => !line.StartsWith('$')).TakeWhile(static line => line.Length > 0).Select(static line => line.TrimEnd('\\').TrimStart(' ')));
        Assert.Equal("$ tablewalk check gup-fast/contpte-unfold --arch arm64 --model armv8 --claim no-false-negative-dirty --variant read=raw --variant block=4", command);
        Assert.InRange(lines.Max(static line => line.Length), 20, 78);
    }

    [Fact]
    public void It_shows_the_distilled_steps_where_there_are_any()
    {
        Counterexample whole = Samples.MissedDirty;
        Counterexample shown = whole with { Steps = [whole.Steps[0], whole.Steps[^1]], LeftOut = 15 };
        string table = DistilledTable.Write(whole with { Distilled = shown }, title: null);
        Assert.DoesNotContain("PTE0", table);
        Assert.DoesNotContain("updater", table); // it has no step
        Assert.Contains("15 steps that it does not need are left out", table);
    }

    private static Step Read(string location, string value, string operation = "R") => new(0, StepKind.Read, s_line, operation, location, 1, value, false, -1);

    private static Step Write(string location, string value, string operation = "W") => new(0, StepKind.Write, s_line, operation, location, 1, value, false, -1);

    private static string TableOf(params Step[] steps) =>
        string.Join(' ', DistilledTable.Write(new Counterexample("claim", "reason", ["a"], [.. steps], 0), title: null).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
