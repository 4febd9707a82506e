using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Claims;

/// <summary>Whether a claim that holds was put to the test.</summary>
public sealed class ReachTests
{
    private const string Claim = "a-claim";
    private static readonly FlatMemory s_memory = new("a");
    private static readonly ulong s_a = s_memory.AddressOf("a");

    [Fact] // the search for a break leaves out what is sure not to be one
    public void A_condition_that_is_never_true_is_reached() => Assert.Equal(ClaimReach.Reached, ReachOf(b => b.BugOn(0, Claim)));

    [Fact]
    public void A_condition_of_the_final_state_is_reached()
    {
        var final = new ThreadBuilder();
        final.BugOn(final.Load(s_a), Claim);
        Assert.Equal(ClaimReach.Reached, ReachOf(_ => { }, final.Build("final", 0)));
    }

    [Fact]
    public void Another_claim_is_not_this_one() => Assert.Equal(ClaimReach.NotReached, ReachOf(b => b.BugOn(0, "another-claim")));

    [Fact]
    public void What_comes_after_a_condition_that_never_holds_is_no_execution() =>
        Assert.Equal(ClaimReach.NoExecution, ReachOf(b =>
        {
            b.Emit(new Assume(b.Load(s_a)));
            b.BugOn(0, Claim);
        }));

    [Fact]
    public void A_claim_that_breaks_was_reached_and_is_not_asked_about()
    {
        CheckResult result = Check(b => b.BugOn(1, Claim), null, new CheckOptions { AsksForReach = true });
        Assert.IsType<Verdict.Violated>(result.Verdict);
        Assert.Equal(ClaimReach.Unknown, result.Reach);
    }

    [Fact]
    public void It_is_unknown_unless_it_is_asked_for() => Assert.Equal(ClaimReach.Unknown, Check(b => b.BugOn(0, Claim), null, new CheckOptions()).Reach);

    [Fact]
    public void It_is_unknown_of_an_inconclusive_check()
    {
        var thread = ThreadBuilder.Thread("thread", _ => 0);
        CheckResult result = Checker.Check(
            new Program([thread], null, []), s_memory, Models.Named("sc"), Claim, new CheckOptions { AsksForReach = true }, cancellation: new CancellationToken(canceled: true));
        Assert.IsType<Verdict.Inconclusive>(result.Verdict);
        Assert.Equal(ClaimReach.Unknown, result.Reach);
    }

    private static ClaimReach ReachOf(Action<ThreadBuilder> code, Procedure? final = null)
    {
        CheckResult result = Check(code, final, new CheckOptions { AsksForReach = true });
        Assert.IsType<Verdict.Holds>(result.Verdict);
        return result.Reach;
    }

    private static CheckResult Check(Action<ThreadBuilder> code, Procedure? final, CheckOptions options)
    {
        var thread = ThreadBuilder.Thread("thread", b =>
        {
            code(b);
            return 0;
        });
        return Checker.Check(new Program([thread], final, []), s_memory, Models.Named("armv8"), Claim, options, cancellation: TestContext.Current.CancellationToken);
    }
}
