using Tablewalk.Explore.Claims;
using WhatIf;
using Xunit;

namespace Tablewalk.Judge.Tests;

/// <summary>What a test gets that asks: nothing, an exception that shows the race, or one that says why there is no answer.</summary>
public sealed class JudgeTests
{
    private const string InOrder = "items-arrive-in-order";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_test_that_fails_shows_the_race_table()
    {
        JudgeException failed = Assert.Throws<JudgeException>(() => Judge.Holds<Ring<Relaxed, Release>>("arm64", cancellation: Cancellation));
        Assert.StartsWith(
            $"expected every claim of Ring<Relaxed, Release> to hold\nviolated: Ring<Relaxed, Release>, {InOrder}, arm64, armv8\n\n", failed.Message, StringComparison.Ordinal);
        Assert.Contains("CPU 0: producer", failed.Message, StringComparison.Ordinal);
        Assert.Contains("TPublish.Store(&ring->Tail, ...)", failed.Message, StringComparison.Ordinal);
        Assert.EndsWith($"{InOrder} is violated\n", failed.Message, StringComparison.Ordinal);
        Assert.Equal(InOrder, Assert.Single(failed.Judgements).Claim);
    }

    [Fact]
    public void A_control_that_holds_fails()
    {
        JudgeException failed = Assert.Throws<JudgeException>(() => Judge.IsViolated<Ring<Relaxed, Release>>(InOrder, "x86_64", cancellation: Cancellation));
        Assert.Matches($@"^expected {InOrder} of Ring<Relaxed, Release> to be violated\nholds: Ring<Relaxed, Release>, {InOrder}, x86_64, x86-tso: \d+ executions, \d+ explored$", failed.Message);
    }

    [Fact]
    public void A_control_gives_the_verdict_with_its_counterexample()
    {
        Judgement control = Judge.IsViolated<Ring<Relaxed, Release>>(InOrder, "arm64", cancellation: Cancellation);
        Assert.Equal(InOrder, Assert.IsType<Verdict.Violated>(control.Verdict).Counterexample.Claim);
    }

    [Fact]
    public void A_limit_is_no_pass_and_no_control()
    {
        TimeSpan least = TimeSpan.FromTicks(1);
        JudgeException failed = Assert.Throws<JudgeException>(() => Judge.Holds<Ring<Release, Release>>(timeout: least, cancellation: Cancellation));
        Assert.Matches(@"\ninconclusive: Ring<Release, Release>, items-arrive-in-order, arm64, armv8: the limit of 0 s was reached after \d", failed.Message);
        Assert.Throws<JudgeException>(() => Judge.IsViolated<Ring<Relaxed, Release>>(InOrder, timeout: least, cancellation: Cancellation));
    }

    [Fact]
    public void Cancellation_is_no_verdict()
    {
        var cancelled = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => Judge.Check<Ring<Release, Release>>(cancellation: cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => Judge.IsViolated<Ring<Release, Release>>(InOrder, cancellation: cancelled));
    }

    [Fact]
    public void Cancellation_and_time_end_a_search_that_would_take_years()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        source.CancelAfter(TimeSpan.FromSeconds(0.5));
        Assert.ThrowsAny<OperationCanceledException>(() => Judge.Check<ManyOrders>(cancellation: source.Token));
        Judgement ended = Assert.Single(Judge.Check<ManyOrders>(timeout: TimeSpan.FromSeconds(0.5), cancellation: Cancellation));
        Assert.Equal("the limit of 0.5 s was reached", Assert.IsType<Verdict.Inconclusive>(ended.Verdict).Reason);
    }

    [Fact]
    public void The_answer_does_not_depend_on_the_number_of_workers()
    {
        string[] answers = [.. ((int[])[1, 2, 3]).Select(jobs => string.Join('\n', Judge.Check<Ring<Relaxed, Release>>(jobs: jobs, cancellation: Cancellation)))];
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public void Limits_are_positive()
    {
        Assert.Equal("jobs", Assert.Throws<ArgumentOutOfRangeException>(() => Judge.Check<Ring<Release, Release>>(jobs: 0, cancellation: Cancellation)).ParamName);
        Assert.Equal("timeout", Assert.Throws<ArgumentOutOfRangeException>(() => Judge.Check<Ring<Release, Release>>(timeout: TimeSpan.Zero, cancellation: Cancellation)).ParamName);
        Assert.Throws<ArgumentException>(() => Judge.IsViolated<Ring<Release, Release>>("", cancellation: Cancellation));
        Assert.Throws<ArgumentNullException>(() => Judge.Check(null!, cancellation: Cancellation));
    }
}
