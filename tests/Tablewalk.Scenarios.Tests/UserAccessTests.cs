using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>User code that goes through the MMU against what updaters do: each claim with the controls that break it, for each architecture's TLB rules.</summary>
public sealed class UserAccessTests
{
    private static readonly string[] s_architectures = ["arm64", "x86_64", "x86_pae"];

    public static TheoryData<string, string, string> Flushes => new(
        from architecture in s_architectures
        from claim in (string[])["no-store-to-freed-page", "no-load-from-freed-page"]
        from flush in (string[])["before-free", "after-free", "none"]
        select (architecture, claim, flush));

    [Theory]
    [MemberData(nameof(Flushes))]
    public void A_page_freed_before_the_flush_is_caught(string architecture, string claim, string flush) =>
        Assert.Equal(flush == "before-free", Verdicts.Holds("mmu/unmap", architecture, claim, ("flush", flush)));

    [Theory] // without a TLB the flush is not missed
    [InlineData("arm64", "none")]
    [InlineData("x86_64", "none")]
    public void Under_sc_no_flush_is_needed(string architecture, string flush) =>
        Assert.True(Verdicts.HoldsUnder("sc", "mmu/unmap", architecture, "no-store-to-freed-page", ("flush", flush)));

    [Theory]
    [InlineData("arm64", "before-free", true)]
    [InlineData("arm64", "after-free", false)]
    [InlineData("arm64", "none", false)]
    [InlineData("x86_64", "before-free", true)]
    [InlineData("x86_64", "after-free", false)]
    [InlineData("x86_64", "none", false)]
    [InlineData("x86_pae", "before-free", true)]
    [InlineData("x86_pae", "none", false)]
    public void A_table_freed_before_the_flush_is_caught(string architecture, string flush, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("mmu/free-table", architecture, "no-store-through-freed-table", ("flush", flush)));

    [Theory]
    [InlineData("arm64", "arch", true)]
    [InlineData("arm64", "none", false)]
    [InlineData("x86_64", "arch", true)]
    [InlineData("x86_64", "none", false)]
    [InlineData("x86_pae", "arch", true)]
    [InlineData("x86_pae", "none", false)]
    public void A_page_that_is_made_clean_loses_no_write(string architecture, string flush, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("mmu/mkclean", architecture, "no-write-lost", ("flush", flush)));

    [Theory]
    [InlineData("arm64", "arch", true)]
    [InlineData("arm64", "none", false)]
    [InlineData("x86_64", "arch", true)]
    [InlineData("x86_64", "none", false)]
    public void A_page_shared_by_fork_gets_no_store_after_its_flush(string architecture, string flush, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("mmu/fork", architecture, "no-store-to-shared-page", ("flush", flush)));

    [Theory] // D10
    [InlineData("arm64", "arch", "synchronizing", true)]
    [InlineData("arm64", "arch", "plain", false)] // the flush forgets the entry; the walk may have been made before
    [InlineData("arm64", "none", "synchronizing", false)]
    [InlineData("x86_64", "arch", "plain", true)] // INVLPG is serializing
    [InlineData("x86_64", "none", "synchronizing", false)]
    [InlineData("x86_pae", "arch", "synchronizing", true)]
    [InlineData("x86_pae", "none", "synchronizing", false)]
    public void A_write_after_MADV_FREE_is_kept(string architecture, string flush, string way, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("mmu/madvise-free", architecture, "later-write-is-kept", ("flush", flush), ("return", way)));
}
