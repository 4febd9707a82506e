using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Ir;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Cil.Tests;

public sealed class IntrinsicCallsTests
{
    private static readonly ImmutableArray<IntrinsicCall> s_calls = IntrinsicCalls.Of(typeof(Cpu).Assembly);

    [Fact]
    public void Every_intrinsic_has_a_kind_but_those_that_make_no_event() =>
        Assert.Equal(
            ["Choose", "EnterAccess", "LeaveAccess", "WalksAgain"],
            typeof(Cpu).GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(static method => method.GetCustomAttribute<IntrinsicAttribute>() is not null && IntrinsicCalls.KindOrNull(method.Name) is null)
                .Select(static method => method.Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void A_call_stands_where_the_source_has_it()
    {
        // Found with the eye: the lock, and the barrier before the entry is written.
        IntrinsicCall[] calls = [.. s_calls.Where(static call => call.Place.Method == "PageTables.TryInstallTable")];
        Assert.Equal(["SpinLock", "SmpWmb", "SpinUnlock"], calls.Select(static call => call.Name));
        Assert.All(calls, static call => Assert.Contains($"Cpu.{call.Name}(", call.Place.Text, StringComparison.Ordinal));
        Assert.All(calls, static call => Assert.Equal("src/Tablewalk.Mm/Memory/PageTables.cs", call.Place.File));
    }

    [Fact]
    public void A_place_is_listed_once()
    {
        Assert.Equal(s_calls.Length, s_calls.Distinct().Count());
        Assert.Equal(s_calls.OrderBy(static call => call.Place.File, StringComparer.Ordinal).ThenBy(static call => call.Place.Line).Select(static call => call.Place.Line), s_calls.Select(static call => call.Place.Line));
    }

    [Fact]
    public void What_is_lifted_names_the_call_that_it_comes_from_and_not_its_caller()
    {
        // Of a forwarder: reports show the caller's line, the call is where it stands.
        Procedure code = Lifter.Lift(((Func<ulong, ulong>)Forwarded).Method);
        Load load = Assert.Single(code.Blocks.SelectMany(static block => block.Body).OfType<Load>());
        Assert.Equal("IntrinsicCallsTests.Forwarded", load.Source!.Method);
        Assert.Equal(("ReadOnce", "Arm64.ReadRaw"), (load.Call!.Name, load.Call.Place.Method));
        Assert.Contains(load.Call, s_calls);
    }

    private static unsafe ulong Forwarded(ulong entry) => Arm64.ReadRaw((ulong*)entry);
}
