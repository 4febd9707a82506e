using Tablewalk.Explore.Claims;
using WhatIf;
using Xunit;

namespace Tablewalk.Judge.Tests;

/// <summary>A lock-free ring, which has nothing to do with page tables, judged as its author would: by a test.</summary>
public sealed class RingTests
{
    private const string InOrder = "items-arrive-in-order";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("arm64")]
    [InlineData("x86_64")]
    public void A_ring_with_two_releases_holds(string architecture) => Judge.Holds<Ring<Release, Release>>(architecture, cancellation: Cancellation);

    [Fact]
    public void A_tail_that_is_stored_relaxed_lets_the_consumer_read_too_early_on_arm64()
    {
        Judge.IsViolated<Ring<Relaxed, Release>>(InOrder, "arm64", cancellation: Cancellation);
        Judge.Holds<Ring<Relaxed, Release>>("x86_64", cancellation: Cancellation);
    }

    [Fact]
    public void A_head_that_is_stored_relaxed_lets_the_producer_overwrite_too_early_on_arm64()
    {
        Judge.IsViolated<Ring<Release, Relaxed>>(InOrder, "arm64", cancellation: Cancellation);
        Judge.Holds<Ring<Release, Relaxed>>("x86_64", cancellation: Cancellation);
    }

    [Fact]
    public void A_claim_that_a_relaxed_store_does_not_touch_holds_beside_the_one_that_breaks() =>
        Assert.Equal(
            [(InOrder, "violated"), ("nothing-comes-from-nowhere", "holds")],
            Judge.Check<Ring<Relaxed, Release>>("arm64", cancellation: Cancellation).Select(judgement => (judgement.Claim, judgement.Row.VerdictWord)));

    [Fact]
    public void Another_model_can_be_asked_by_name_and_by_file()
    {
        Judge.Holds<Ring<Relaxed, Relaxed>>(model: "sc", cancellation: Cancellation);
        string file = Path.Combine(AppContext.BaseDirectory, "models", "sc.cat");
        Judgement first = Judge.Check<Ring<Relaxed, Relaxed>>(model: file, cancellation: Cancellation)[0];
        Assert.IsType<Verdict.Holds>(first.Verdict);
        Assert.Equal(("Ring<Relaxed, Relaxed>", "arm64", file), (first.Scenario, first.Architecture, first.Model));
    }

    [Fact]
    public void The_sample_says_what_is_true() => Assert.Equal(0, RingProgram.Main());
}
