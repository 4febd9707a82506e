using Tablewalk.Cil;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>What would hold by accident is refused, with its place, and what is put to the test is not.</summary>
public sealed class VacuityTests
{
    private const string ScenarioPlace = @"^tests/Tablewalk\.Cli\.Tests/VacuousScenarios\.cs:\d+: ";

    [Theory]
    [InlineData(typeof(ClaimInBranch<One>))]
    [InlineData(typeof(ClaimInFinalBranch<One>))]
    public void A_claim_that_no_code_names_is_refused(Type type)
    {
        Assert.Matches(
            ScenarioPlace + "TW0024: no code of vacuous/fixed names the claim flag-implies-date in a Cpu.BugOn; found flag-implies-data\n$",
            Refused(VacuousScenarios.Of(type, "flag-implies-date")));
        Assert.Equal(0, CommandRun.Of([VacuousScenarios.Of(type)], "check").ExitCode);
    }

    [Theory]
    [InlineData(typeof(ClaimInBranch<Two>))]
    [InlineData(typeof(ClaimInFinalBranch<Two>))]
    public void A_claim_that_no_execution_comes_to_is_refused(Type type) =>
        Assert.Matches(ScenarioPlace + "TW0025: no execution of vacuous/fixed comes to the claim flag-implies-data under ", Refused(VacuousScenarios.Of(type)));

    [Fact]
    public void A_model_that_forbids_every_execution_proves_nothing()
    {
        string file = Path.Combine(Path.GetTempPath(), $"tablewalk-{Guid.NewGuid():N}.cat");
        File.WriteAllText(file, "\"nothing\"\nempty R as nothing-is-read\n");
        try
        {
            Assert.Contains("TW0026: ", Refused(VacuousScenarios.Of(typeof(ClaimInBranch<One>)), $"--model {file}"), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_wait_that_never_ends_is_a_violation_though_no_thread_comes_to_its_end() =>
        Assert.Equal(1, CommandRun.Of([VacuousScenarios.Of(typeof(EndlessWait))], "check").ExitCode);

    [Fact]
    public void Threads_that_no_execution_brings_to_their_ends_are_refused()
    {
        string errors = Refused(VacuousScenarios.Of(typeof(Handshake<GracePeriod>)));
        Assert.Matches(ScenarioPlace + "TW0026: no execution of vacuous/fixed brings the thread 'reader' to its end under ", errors);
        Assert.Contains("'updater'", errors, StringComparison.Ordinal);
        Assert.Equal(0, CommandRun.Of([VacuousScenarios.Of(typeof(Handshake<WithFence>))], "check").ExitCode);
    }

    public static TheoryData<Type, Type> IdleVariants => new()
    {
        { typeof(Messages<WithFence, WithPadding>), typeof(Messages<WithFence, WithPadding>) },
        { typeof(Unvaried<WithFence>), typeof(Unvaried<WithoutFence>) },
        { typeof(VariedSetup<One>), typeof(VariedSetup<One>) },
    };

    [Theory]
    [MemberData(nameof(IdleVariants))]
    public void A_value_that_changes_nothing_is_refused_whichever_is_chosen(Type standard, Type other) =>
        Assert.All(["", "--variant fence=other", "--variant fence=*"], arguments => Assert.Matches(
            @"^\S+\.cs:\d+: TW0027: the value 'other' of variant 'fence' of vacuous/varied changes neither code nor set-up of 'standard' for flag-implies-data on arm64\n$",
            Refused(VacuousScenarios.Varied(standard, other), arguments)));

    [Fact]
    public void A_value_whose_code_is_the_defaults_is_refused_when_it_is_chosen() =>
        Assert.Contains(
            "TW0027",
            Refused(VacuousScenarios.Varied(typeof(Messages<WithFence, WithPadding>), typeof(Messages<AlsoWithFence, WithPadding>)), "--variant fence=other"),
            StringComparison.Ordinal);

    public static TheoryData<Type, Type> RealVariants => new()
    {
        { typeof(VariedSetup<One>), typeof(VariedSetup<Two>) },
        { typeof(Messages<WithFence, WithPadding>), typeof(Messages<WithFence, WithoutPadding>) },
        { typeof(Messages<WithFence, WithPadding>), typeof(Handshake<WithFence>) },
    };

    [Theory]
    [MemberData(nameof(RealVariants))]
    public void A_value_that_changes_code_or_set_up_is_taken(Type standard, Type other) =>
        Assert.Equal(0, CommandRun.Of([VacuousScenarios.Varied(standard, other)], "check --variant fence=*").ExitCode);

    [Fact]
    public void JSON_has_no_verdict_that_was_refused() =>
        Assert.Contains("TW0025", Refused(VacuousScenarios.Of(typeof(ClaimInBranch<Two>)), "--format json"), StringComparison.Ordinal);

    [Fact]
    public void Every_value_of_the_catalog_changes_something()
    {
        var procedures = new LiftedProcedures();
        foreach (CheckCase check in CaseSelector.Select(Catalog.All, CheckRequest.Everything))
        {
            foreach (VariantDescription variant in check.Scenario.Variants.Where(variant => variant.IsFor(check.Claim)))
            {
                foreach (CheckCase varied in variant.Values.Select(value => check.With(variant.Name, value)))
                {
                    using var arena = new Arena();
                    Type type = check.Scenario.Instantiate(varied.Selection);
                    ulong state = ScenarioMethods.Of(type, check.Scenario.Name).Build(arena);
                    VariantVacuity.Refuse(varied, type, arena, state, procedures, TestContext.Current.CancellationToken);
                }
            }
        }
    }

    private static string Refused(ScenarioDescription scenario, string arguments = "")
    {
        CommandRun run = CommandRun.Of([scenario], $"check {arguments}");
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        return run.Error;
    }
}
