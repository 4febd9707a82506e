using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Claims;

/// <summary>What the predicate over the final state finds in memory.</summary>
public sealed class FinalStateTests
{
    private const ulong Pattern = 0xdead;
    private const string Claim = "is-not-poisoned";
    private static readonly FlatMemory s_memory = new("a");
    private static readonly ulong s_a = s_memory.AddressOf("a");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_poison_of_what_no_thread_reads_is_found(bool isPoisoned)
    {
        var thread = ThreadBuilder.Thread("freeing", b =>
        {
            if (isPoisoned)
            {
                b.Emit(new Poison(s_a, sizeof(ulong), Pattern));
            }

            return 0;
        });
        var final = new ThreadBuilder();
        final.BugOn(final.Compute(Operation.Equal, final.Load(s_a), Pattern), Claim);
        var result = Checker.Check(
            new Program([thread], final.Build("final", 0), []), s_memory, Models.Named("armv8"), Claim, new CheckOptions(),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(isPoisoned, result.Verdict is Verdict.Violated);
    }
}
