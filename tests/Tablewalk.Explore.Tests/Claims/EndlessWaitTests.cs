using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Claims;

/// <summary>Waits that nobody is left to end, told apart from those that only take time.</summary>
public sealed class EndlessWaitTests
{
    private static readonly FlatMemory s_memory = new("a", "b");
    private static readonly ulong s_a = s_memory.AddressOf("a");
    private static readonly ulong s_b = s_memory.AddressOf("b");

    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void A_wait_for_a_flag_that_is_set_ends(string model) =>
        AssertHolds(model, Waiter(s_a, 1), Writer(s_a, 1));

    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void A_wait_for_a_flag_that_is_set_and_taken_back_may_never_end(string model) =>
        AssertEndless(model, 0, Waiter(s_a, 1), Writer(s_a, 1, 0));

    [Fact]
    public void A_wait_for_what_nobody_writes_never_ends() => AssertEndless("armv8", 0, Waiter(s_a, 1), Writer(s_b, 1));

    [Fact]
    public void Locks_taken_in_one_order_are_given_back() => AssertHolds("armv8", Locker(s_a, s_b), Locker(s_a, s_b));

    [Fact]
    public void Locks_taken_in_two_orders_may_wait_for_each_other() => AssertEndless("armv8", 0, Locker(s_a, s_b), Locker(s_b, s_a));

    [Fact]
    public void A_lock_that_is_not_given_back_is_waited_for() => AssertEndless("x86-tso", 0, Locker(s_a), Locker(s_a, isGivenBack: false));

    [Fact] // a dependency cycle is no endless wait: the executions with it do not exist
    public void A_flag_that_depends_on_the_wait_for_another_is_waited_for_by_both() =>
        AssertEndless("armv8", 0, Relay(s_a, s_b), Relay(s_b, s_a));

    [Fact]
    public void A_round_with_an_effect_is_no_wait() => AssertHolds(
        "sc",
        ThreadBuilder.Thread("counter", b =>
        {
            b.Update(AtomicOperation.Add, s_a, 1, AtomicOrder.Relaxed);
            b.Update(AtomicOperation.Add, s_a, 1, AtomicOrder.Relaxed);
            return 0;
        }),
        Waiter(s_a, 2));

    private static void AssertHolds(string model, params ThreadCode[] threads) => Assert.IsType<Verdict.Holds>(Check(model, threads));

    private static void AssertEndless(string model, int cpu, params ThreadCode[] threads)
    {
        var broken = Assert.IsType<Verdict.Violated>(Check(model, threads)).Counterexample;
        Assert.Equal("a thread waits for ever: nobody is left to end it", broken.Reason);
        Assert.Equal((StepKind.Claim, cpu), (broken.Steps[^1].Kind, broken.Steps[^1].Cpu));
    }

    private static Verdict Check(string model, ThreadCode[] threads) => Checker.Check(
        new Program([.. threads], null, []), s_memory, Models.Named(model), "a-claim-that-nobody-makes", new CheckOptions(),
        cancellation: TestContext.Current.CancellationToken).Verdict;

    private static ThreadCode Writer(ulong address, params ulong[] values) => ThreadBuilder.Thread("writer", b =>
    {
        foreach (var value in values)
        {
            b.Store(address, value);
        }

        return 0;
    });

    private static ThreadCode Waiter(ulong address, ulong value) => ThreadBuilder.Thread("waiter", b =>
    {
        While(b, () => b.Compute(Operation.NotEqual, b.Load(address), value));
        return 0;
    });

    private static ThreadCode Relay(ulong from, ulong to) => ThreadBuilder.Thread("relay", b =>
    {
        While(b, () => b.Compute(Operation.Equal, b.Load(from), 0));
        b.Store(to, 1);
        return 0;
    });

    private static ThreadCode Locker(ulong first, ulong second = 0, bool isGivenBack = true) => ThreadBuilder.Thread("locker", b =>
    {
        Take(first);
        if (second != 0)
        {
            Take(second);
            b.Store(second, 0, StoreOrder.Release);
        }

        if (isGivenBack)
        {
            b.Store(first, 0, StoreOrder.Release);
        }

        return 0;

        void Take(ulong lockAddress) => While(b, () => b.Update(AtomicOperation.CompareExchange, lockAddress, 1, AtomicOrder.Acquire, 0));
    });

    private static void While(ThreadBuilder b, Func<Operand> condition)
    {
        var (head, after) = (b.NewBlock(), b.NewBlock());
        b.EndBlock(new Jump(head), head);
        b.EndBlock(new Branch(condition(), head, after), after);
    }
}
