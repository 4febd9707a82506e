using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>Each scenario holds with what the library runs, and is broken by one thing done otherwise.</summary>
public sealed class ControlTests
{
    public static TheoryData<string, string, string, string> Controls => new()
    {
        { "gup-fast/range", "no-pin-on-freed-page", "recheck", "none" },
        { "gup-fast/block", "no-pin-on-freed-page", "recheck", "none" },
        { "gup-fast/huge", "no-pin-on-freed-page", "recheck", "none" },
        { "fault/missing", "one-page-is-used", "compare", "none" },
        { "fault/swap-in", "no-old-contents", "compare", "none" },
        { "fault/collapse-swap-in", "no-old-contents", "compare", "none" },
        { "fault/copy", "no-load-of-old-page", "flush", "none" },
        { "mmu/protect", "no-store-after-protect", "flush", "none" },
        { "mmu/protect-dirty", "no-write-lost", "clear", "store" },
        { "mmu/clear-young", "no-write-lost", "clear", "store" },
        { "mmu/drop-free", "no-write-lost", "clear", "store" },
        { "mmu/swap-out", "no-write-lost", "flush", "none" },
        { "mmu/unmap-range", "no-store-to-freed-page", "flush", "after-free" },
        { "mmu/unmap-range", "no-store-to-freed-page", "flush", "none" },
        { "mmu/move", "no-store-to-freed-page", "flush", "late" },
        { "mmu/move-table", "no-store-to-freed-page", "flush", "late" },
        { "collapse/pin", "no-pin-on-taken-page", "recheck", "pte" },
        { "collapse/store", "no-write-lost", "flush", "none" },
        { "collapse/walk", "no-freed-table-read", "section", "none" },
        { "kvm/protect", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/fork", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/move", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/swap-out", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/copy", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/collapse", "no-entry-after-invalidation", "sequence", "late" },
        { "gup-fast/fault-in", "pinned-page-was-mapped", "write", "low-first" },
        { "gup-fast/split-huge", "no-pin-on-freed-page", "recheck", "none" },
        { "gup-fast/unpin-dirty", "no-write-lost", "mark", "before-write" },
        { "fault/take-over", "taken-page-stays", "take", "reference" },
        { "fault/table", "one-table-is-used", "compare", "none" },
        { "fault/huge", "dirty-is-kept", "compare", "none" },
        { "fault/block-flags", "entry-allows-access", "test", "gathered" },
        { "mmu/numa-hint", "no-write-lost", "clear", "store" },
        { "mmu/collect-dirty", "no-write-lost", "flush", "none" },
        { "mmu/unmap-shared", "no-write-lost", "flush", "none" },
        { "mmu/discard-twice", "no-store-after-discard", "flush", "own" },
        { "mmu/fork-table", "no-store-to-shared-page", "flush", "none" },
        { "mmu/block", "no-write-lost", "change", "store" },
        { "mmu/granule", "no-store-to-freed-page", "flush", "after-free" },
        { "mmu/granule", "no-store-to-freed-page", "flush", "none" },
        { "walk/free-tables", "no-freed-table-read", "free", "at-once" },
        { "walk/translate", "no-freed-table-read", "section", "none" },
        { "kvm/hint", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/advise-free", "no-entry-after-invalidation", "sequence", "late" },
        { "kvm/store", "no-write-lost", "notice", "without" },
    };

    [Theory]
    [MemberData(nameof(Controls))]
    public void What_holds_is_broken_by_its_control(string scenario, string claim, string variant, string value)
    {
        foreach (string architecture in Catalog.All.Single(candidate => candidate.Name == scenario).Architectures)
        {
            Assert.True(Verdicts.Holds(scenario, architecture, claim), architecture);

            // x86 flushes by an IPI, which waits for GUP-fast: T46.
            bool isKeptByIpi = variant == "recheck" && scenario.StartsWith("gup-fast/", StringComparison.Ordinal) && architecture != "arm64";
            Assert.Equal(isKeptByIpi, Verdicts.Holds(scenario, architecture, claim, (variant, value)));
        }
    }

    [Theory]
    [InlineData("protect")]
    [InlineData("hint")]
    [InlineData("clean")]
    [InlineData("move")]
    [InlineData("age")]
    [InlineData("fork")]
    public void Whoever_changes_a_block_keeps_its_dirty(string by)
    {
        foreach (string block in (ReadOnlySpan<string>)["2", "4"])
        {
            Assert.True(Verdicts.Holds("mmu/block", "arm64", "no-write-lost", ("by", by), ("block", block)));
            Assert.False(Verdicts.Holds("mmu/block", "arm64", "no-write-lost", ("by", by), ("block", block), ("change", "store")));
        }
    }

    [Theory]
    [InlineData("precise-early-exit", true)]
    [InlineData("ptep_get-early-exit", false)]
    public void Early_exit_changes_no_verdict(string read, bool isKept)
    {
        Assert.Equal(isKept, Verdicts.Holds("gup-fast/contpte-unfold", "arm64", "no-false-negative-dirty", ("read", read)));
        Assert.True(Verdicts.Holds("gup-fast/contpte-unfold", "arm64", "no-false-positive-dirty", ("read", read)));
    }

    [Fact]
    public void Other_ways_to_the_same_end_hold_too()
    {
        Assert.True(Verdicts.Holds("mmu/swap-out", "arm64", "no-write-lost", ("flush", "each")));
        Assert.True(Verdicts.Holds("collapse/pin", "arm64", "no-pin-on-taken-page", ("recheck", "pte"), ("sync", "ipi")));
        Assert.True(Verdicts.Holds("collapse/walk", "arm64", "no-freed-table-read", ("section", "rcu")));
    }
}
