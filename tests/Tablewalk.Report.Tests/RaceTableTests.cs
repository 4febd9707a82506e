using System.Collections.Immutable;
using CsCheck;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Report.Tests;

public sealed class RaceTableTests
{
    private static readonly Gen<Step> s_anyStep =
        from cpu in Gen.Int[-1, 3]
        from kind in Gen.Enum<StepKind>()
        from source in Gen.String[0, 200]
        from location in Gen.String[0, 60]
        from value in Gen.ULong
        from early in Gen.Bool
        from readsFrom in Gen.Int[-1, 10]
        select new Step(cpu, kind, new SourceLocation("a/b.cs", 7, source, "M"), "R", location, value, null, early, readsFrom);

    [Fact]
    public void Two_CPUs_stand_side_by_side() =>
        Golden.Matches("Tablewalk.Report.Tests", "missed-dirty.txt", RaceTable.Write(Samples.MissedDirty));

    [Fact]
    public void Early_steps_sections_waits_fences_and_the_final_state_have_their_marks() =>
        Golden.Matches("Tablewalk.Report.Tests", "everything.txt", RaceTable.Write(Samples.Everything));

    [Fact]
    public void What_a_loop_does_to_one_entry_after_the_other_is_one_row() =>
        Golden.Matches("Tablewalk.Report.Tests", "folded.txt", RaceTable.Write(Samples.Folded));

    [Fact]
    public void Any_table_is_plain_ASCII_within_the_width_and_no_line_ends_in_a_space() =>
        s_anyStep.Array[0, 12].Sample(steps =>
        {
            IEnumerable<Step> existing = steps.Select(step => step with { ReadsFrom = Math.Min(step.ReadsFrom, steps.Length - 1) });
            string table = RaceTable.Write(new Counterexample("claim", "reason", ["a", "b", "c", "d"], [.. existing], steps.Length % 3));
            return table.All(c => c is '\n' or (>= ' ' and <= '~'))
                && table.EndsWith('\n')
                && table.Split('\n').All(line => line.Length <= RaceTable.MaxWidth && !line.EndsWith(' '));
        });

    [Fact]
    public void A_read_of_the_nearest_write_above_needs_no_number() =>
        Assert.DoesNotContain("(from", RaceTable.Write(Samples.MissedDirty));

    [Fact]
    public void A_read_that_skips_a_newer_write_says_where_its_value_came_from() =>
        Assert.Contains("0xdeadbeef (initial value)", RaceTable.Write(Samples.Everything));

    [Fact]
    public void A_text_breaks_at_a_space_else_at_a_joint_and_within_a_word_only_if_it_must()
    {
        Assert.Equal(["one two", "  three", "  fourfive", "  sixseven", "  x"], TextTable.Wrap("one two three fourfivesixsevenx", 10, 2));
        Assert.Equal(["call(a.b,", "  c(", "  deee));"], TextTable.Wrap("call(a.b,c(deee));", 10, 2));
        Assert.Equal(["short"], TextTable.Wrap("short", 10, 2));
    }
}
