using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>Updaters against walkers, and a second MMU: each claim with the controls that break it.</summary>
public sealed class MemoryManagementTests
{
    [Theory]
    [InlineData("arm64", "full", "batch", true)]
    [InlineData("arm64", "none", "batch", false)] // the control
    [InlineData("arm64", "none", "each", true)] // the flush is a barrier
    [InlineData("x86_64", "none", "batch", true)] // the exchange is one
    public void A_pin_and_a_share_do_not_both_succeed(string architecture, string barrier, string flush, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("reclaim/swap-out", architecture, "no-pin-on-shared-page", ("barrier", barrier), ("flush", flush)));

    [Theory]
    [InlineData("arm64", "full", "arch", "full", true)]
    [InlineData("arm64", "none", "arch", "full", true)]
    [InlineData("arm64", "none", "none", "full", false)] // the control
    [InlineData("arm64", "full", "arch", "relaxed", false)] // and on the walker's side
    [InlineData("x86_64", "none", "none", "relaxed", true)]
    public void A_page_is_not_dropped_under_a_reference(string architecture, string barrier, string flush, string reference, bool holds) => Assert.Equal(
        holds,
        Verdicts.Holds("reclaim/lazy-free", architecture, "no-reference-on-dropped-page", ("barrier", barrier), ("flush", flush), ("reference", reference)));

    [Theory] // D4
    [InlineData("arm64", "lock", false)]
    [InlineData("arm64", "full", true)]
    [InlineData("x86_64", "lock", true)]
    public void Fork_and_a_pin_notice_each_other(string architecture, string barrier, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("fork/pin", architecture, "no-pin-on-shared-page", ("barrier", barrier)));

    [Theory]
    [InlineData("grace-period", "irq-off", true)]
    [InlineData("grace-period", "rcu", true)]
    [InlineData("grace-period", "none", false)]
    [InlineData("at-once", "irq-off", false)] // arm64 sends no IPI that the section would hold back
    public void A_table_freed_without_a_grace_period_is_caught(string free, string section, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("walk/free-table", "arm64", "no-freed-table-read", ("free", free), ("section", section)));

    [Theory] // T61: an IPI that flushes does for irq-off, and not for rcu_read_lock
    [InlineData("irq-off", true)]
    [InlineData("rcu", false)]
    public void A_flush_by_IPI_stands_in_for_the_grace_period_of_an_irq_off_walk(string section, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("walk/free-table", "x86_64", "no-freed-table-read", ("free", "at-once"), ("section", section)));

    [Theory]
    [InlineData("arm64", "first", true)]
    [InlineData("arm64", "late", false)]
    [InlineData("x86_64", "first", true)]
    [InlineData("x86_64", "late", false)]
    public void A_sequence_number_read_late_is_caught(string architecture, string sequence, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("kvm/zap", architecture, "no-entry-after-invalidation", ("sequence", sequence)));

    [Theory] // T63
    [InlineData("arm64", "with", true)]
    [InlineData("arm64", "without", false)]
    [InlineData("x86_64", "with", true)]
    [InlineData("x86_64", "without", false)]
    public void A_cleaner_that_tells_nobody_is_caught(string architecture, string notice, bool holds) =>
        Assert.Equal(holds, Verdicts.Holds("kvm/mkclean", architecture, "writable-needs-dirty", ("notice", notice)));
}
