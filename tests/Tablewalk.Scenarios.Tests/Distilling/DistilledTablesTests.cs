using Tablewalk.Explore.Witness;
using Tablewalk.Report;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Scenarios.Tests.Distilling;

/// <summary>What is claimed of distilled tables, of every violated variant of every scenario. See docs/adr/0018.</summary>
public sealed class DistilledTablesTests
{
    private const int FewestVariants = 130; // fewer, and the tests below would say less than they seem to

    [Fact]
    public void Every_row_that_is_left_out_could_be_left_out()
    {
        Assert.InRange(ViolatedVariants.All.Length, FewestVariants, int.MaxValue);
        Assert.Empty(ViolatedVariants.All.Where(static variant => !variant.IsShown).Select(static variant => variant.Name));
    }

    [Fact] // the control: the check of the test above is not blind
    public void A_row_that_says_another_value_is_not_shown() =>
        Assert.Empty(ViolatedVariants.All.SelectMany(static variant => variant.ShownWithAnotherValue.Select(row => $"{variant.Name}: {row}")));

    [Fact] // and a needed row is not left out: with it the violation would go
    public void A_write_that_another_CPU_reads_from_cannot_be_left_out()
    {
        Assert.InRange(ViolatedVariants.All.Sum(static variant => variant.TakenAway), 60, int.MaxValue);
        Assert.Empty(ViolatedVariants.All.SelectMany(static variant => variant.Spared.Select(row => $"{variant.Name}: {row}")));
    }

    [Fact]
    public void The_steps_of_a_table_are_steps_of_the_whole_execution()
    {
        foreach (ViolatedVariant variant in ViolatedVariants.All)
        {
            Counterexample shown = variant.Counterexample.Distilled!;
            string[] all = [.. variant.Counterexample.Steps.Select(TextOf)];
            int at = -1;
            foreach (string step in shown.Steps.Select(TextOf))
            {
                at = Array.IndexOf(all, step, at + 1);
                Assert.True(at >= 0, $"{variant.Name}: {step}");
            }

            Assert.Equal(variant.Counterexample.Steps.Length + variant.Counterexample.LeftOut, shown.Steps.Length + shown.LeftOut);
        }
    }

    [Fact]
    public void Tables_are_short_and_fit_into_a_mail()
    {
        int[] rows = [.. ViolatedVariants.All.Select(static variant => variant.RowCount).Order()];
        Assert.InRange(rows[rows.Length / 2], 2, 12);
        Assert.InRange(rows[^1], rows[0], 25);
        foreach (ViolatedVariant variant in ViolatedVariants.All)
        {
            int columns = variant.Counterexample.ThreadNames.Count(name => variant.Table.Contains($": {name}", StringComparison.Ordinal));
            Assert.InRange(variant.Table.Split('\n').Max(static line => line.Length), 20, DistilledTable.MaxWidth(columns));
        }
    }

    [Fact]
    public void Every_place_has_a_name() =>
        Assert.Empty(ViolatedVariants.All.Where(static variant => variant.Table.Contains("arena+", StringComparison.Ordinal)).Select(static variant => variant.Name));

    [Theory]
    [InlineData("gup-fast/zap arm64 no-pin-on-freed-page recheck=none", "zap.txt")]
    [InlineData("gup-fast/contpte-unfold arm64 no-false-negative-dirty read=ptep_get-early-exit", "contpte-unfold.txt")]
    [InlineData("gup-fast/pae-remap x86_pae pinned-page-was-mapped flush=no-ipi", "pae-remap.txt")]
    [InlineData("mmu/unmap arm64 no-load-from-freed-page flush=none", "unmap.txt")]
    [InlineData("mmu/free-table x86_64 no-store-through-freed-table flush=after-free", "free-table.txt")]
    [InlineData("mmu/drop-free arm64 no-write-lost clear=store", "drop-free.txt")]
    [InlineData("fault/missing x86_64 one-page-is-used compare=none", "missing.txt")]
    [InlineData("kvm/zap arm64 no-entry-after-invalidation sequence=late", "kvm-zap.txt")]
    public void A_table_looks_as_one_would_draw_it(string variant, string file) =>
        Golden.Matches("Tablewalk.Scenarios.Tests", file, Assert.Single(ViolatedVariants.All, candidate => candidate.Name == variant).Table);

    private static string TextOf(Step step) => $"{step.Cpu} {step.Operation} {step.Location} {step.Value} {step.Source?.Line}";
}
