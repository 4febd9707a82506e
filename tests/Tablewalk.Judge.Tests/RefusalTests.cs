using WhatIf;
using Xunit;

namespace Tablewalk.Judge.Tests;

/// <summary>What cannot be judged, each with a place, a code, what was found and what was expected. How a program must be built is told in the tests of the table of errors.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void An_architecture_that_there_is_not() =>
        Assert.Equal(
            "architecture arm46: TW0003: unknown architecture 'arm46', expected one of arm64, x86_64, x86_pae; did you mean 'arm64'?",
            RefusalOf(() => Judge.Holds<Ring<Release, Release>>("arm46")));

    [Fact]
    public void A_model_that_there_is_not() =>
        Assert.Equal(
            "model armv9: TW0010: unknown model 'armv9', expected one of armv8, riscv, sc, x86-tso, a file FILE.cat; did you mean 'armv8'?",
            RefusalOf(() => Judge.Holds<Ring<Release, Release>>(model: "armv9")));

    [Fact]
    public void A_claim_that_there_is_not() =>
        Assert.Equal(
            "Ring<Release, Release>: TW0004: unknown claim 'items-arrive', expected one of items-arrive-in-order, nothing-comes-from-nowhere",
            RefusalOf(() => Judge.IsViolated<Ring<Release, Release>>("items-arrive")));

    [Theory]
    [InlineData(typeof(WithoutSetup), "WithoutSetup: TW0023: has no method marked [Setup]")]
    [InlineData(typeof(WithoutThread), "WithoutThread: TW0023: has no method marked [Thread]")]
    [InlineData(typeof(TwoSetups), "TwoSetups: TW0023: has 2 methods marked [Setup], expected one")]
    [InlineData(typeof(InstanceThread), "InstanceThread: TW0023: has a method Read that is marked and not static")]
    [InlineData(typeof(SetupWithoutArena), "SetupWithoutArena: TW0023: has a set-up of another signature, expected static nint Setup(Arena arena)")]
    [InlineData(typeof(ThreadWithoutState), "ThreadWithoutState: TW0023: has a thread of another signature, expected static ulong Idle(State* state), with what the set-up returned")]
    [InlineData(typeof(FinalWithTooMuch), "FinalWithTooMuch: TW0023: has a final predicate of another signature, expected static void Check(State* state, ulong, ...), with the result of each thread")]
    [InlineData(typeof(Ring<,>), "Ring<TPublish, TGiveBack>: TW0023: has type parameters that are left open, expected a type for each")]
    public void A_type_that_is_no_scenario(Type type, string message) => Assert.Equal(message, RefusalOf(() => Judge.Check(type)));

    [Fact]
    public void A_thread_that_allocates() =>
        Assert.Matches(@"^tests/Tablewalk\.Judge\.Tests/BrokenScenarios\.cs:\d+: TW1004: AllocatingThread\.Allocate: ", RefusalOf(() => Judge.Holds<AllocatingThread>()));

    [Fact]
    public void A_set_up_that_throws() =>
        Assert.Matches(
            @"^tests/Tablewalk\.Judge\.Tests/BrokenScenarios\.cs:\d+: TW0022: the set-up of ThrowingSetup threw InvalidOperationException: no room$", RefusalOf(() => Judge.Holds<ThrowingSetup>()));

    [Fact]
    public void A_scenario_that_claims_nothing() =>
        Assert.Matches(
            @"^tests/Tablewalk\.Judge\.Tests/BrokenScenarios\.cs:\d+: TW0024: no code of WithoutClaim names a claim in a Cpu\.BugOn, ", RefusalOf(() => Judge.Holds<WithoutClaim>()));

    [Fact]
    public void A_claim_that_nothing_comes_to() =>
        Assert.Matches(@"^tests/Tablewalk\.Judge\.Tests/BrokenScenarios\.cs:\d+: TW0025: ", RefusalOf(() => Judge.Holds<UnreachedClaim>()));

    private static string RefusalOf(Action ask) => Assert.Throws<InputException>(ask).Message;
}
