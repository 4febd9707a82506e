using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>The verdicts on <c>mmu/contpte-unfold</c> (T80, T81) do not depend on the size of the block nor on what a search leaves out.</summary>
public sealed class BlockAccessTests
{
    private const long MostBranches = 500; // block 16 had more than 434,000 before an update's place was decided with its read

    [Theory]
    [InlineData("exchange", "level-0", true)]
    [InlineData("exchange", "level-2", true)]
    [InlineData("store", "level-0", false)]
    [InlineData("store", "level-2", false)]
    public void Dirty_in_any_entry_of_a_block_outlives_its_split(string split, string bbm, bool holds) =>
        AssertForEveryBlock(holds, "no-write-lost", ("split", split), ("bbm", bbm));

    [Theory]
    [InlineData("arch", "level-0", true)]
    [InlineData("arch", "level-2", true)]
    [InlineData("none", "level-0", false)]
    [InlineData("none", "level-2", false)]
    public void A_page_taken_from_a_block_gets_no_store_after_its_flush(string flush, string bbm, bool holds) =>
        AssertForEveryBlock(holds, "no-store-to-taken-page", ("flush", flush), ("bbm", bbm));

    private static void AssertForEveryBlock(bool holds, string claim, params (string Name, string Value)[] chosen)
    {
        foreach (string block in (string[])["2", "4", "8", "16"])
        {
            foreach (bool leavesNothingOut in (bool[])[false, true])
            {
                CheckResult result = Verdicts.Of(
                    "armv8", "mmu/contpte-unfold", "arm64", claim, new CheckOptions(Exhaustive: leavesNothingOut), [.. chosen, ("block", block)]);
                Assert.Equal(holds, result.Verdict is Verdict.Holds);
                Assert.InRange(result.Explored, 1, MostBranches);
            }
        }
    }
}
