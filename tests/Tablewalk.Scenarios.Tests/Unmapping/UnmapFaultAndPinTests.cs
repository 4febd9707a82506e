using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Scenarios.Tests.Unmapping;

/// <summary>Three threads of the library's own code on one page: unmap, page fault and GUP-fast.</summary>
public sealed class UnmapFaultAndPinTests
{
    private const string Pin = "no-pin-on-freed-page";
    private const string Mapping = "no-mapping-of-freed-page";
    private const string Load = "no-load-from-freed-page";

    [Theory]
    [InlineData(typeof(UnmapFaultAndPin<Arm64, FlushByBroadcast, ExactComparison, RecheckPte<Arm64, LocklessRead<Arm64>>>), "armv8", Pin, true)]
    [InlineData(typeof(UnmapFaultAndPin<Arm64, FlushByBroadcast, ExactComparison, RecheckPte<Arm64, LocklessRead<Arm64>>>), "armv8", Mapping, true)]
    [InlineData(typeof(UnmapFaultAndPin<Arm64, FlushByBroadcast, ExactComparison, NoRecheck<Arm64>>), "armv8", Pin, false)]
    [InlineData(typeof(UnmapFaultAndPin<Arm64, FlushByBroadcast, NoComparison, RecheckPte<Arm64, LocklessRead<Arm64>>>), "armv8", Mapping, false)]
    [InlineData(typeof(UnmapFaultAndPin<X86_64, FlushByIpi, ExactComparison, RecheckPte<X86_64, LocklessRead<X86_64>>>), "x86-tso", Pin, true)]
    [InlineData(typeof(UnmapFaultAndPin<X86_64, FlushByIpi, ExactComparison, RecheckPte<X86_64, LocklessRead<X86_64>>>), "x86-tso", Mapping, true)]
    [InlineData(typeof(UnmapFaultAndPin<X86_64, FlushByIpi, ExactComparison, NoRecheck<X86_64>>), "x86-tso", Pin, true)] // the flush waits for the walk
    [InlineData(typeof(UnmapFaultAndPin<X86_64, NoFlush, ExactComparison, NoRecheck<X86_64>>), "x86-tso", Pin, false)]
    [InlineData(typeof(UnmapFaultAndPin<X86_64, FlushByIpi, NoComparison, RecheckPte<X86_64, LocklessRead<X86_64>>>), "x86-tso", Mapping, false)]
    [InlineData(typeof(UnmapFaultAndPin<X86Pae, FlushByIpi, ExactComparison, RecheckPte<X86Pae, LocklessRead<X86Pae>>>), "x86-tso", Pin, true)]
    [InlineData(typeof(UnmapFaultAndPin<X86Pae, FlushByIpi, ExactComparison, RecheckPte<X86Pae, LocklessRead<X86Pae>>>), "x86-tso", Mapping, true)]
    [InlineData(typeof(UnmapFaultAndPin<X86Pae, NoFlush, ExactComparison, NoRecheck<X86Pae>>), "x86-tso", Pin, false)]
    [InlineData(typeof(UnmapFaultAndPin<X86Pae, FlushByIpi, NoComparison, RecheckPte<X86Pae, LocklessRead<X86Pae>>>), "x86-tso", Mapping, false)]
    public void A_page_is_not_freed_under_a_pin_or_a_mapping(Type scenario, string model, string claim, bool holds)
    {
        CheckResult result = Verdicts.Of(scenario, "unmap against fault and pin", model, claim, new CheckOptions());
        Assert.Equal(holds, result.Verdict is Verdict.Holds);
    }

    [Theory]
    [InlineData(typeof(UnmapAccessAndPin<Arm64, Arm64HardwareWalk<ThroughTarget>, FlushByBroadcast, RecheckPte<Arm64, LocklessRead<Arm64>>>), "armv8", true)]
    [InlineData(typeof(UnmapAccessAndPin<Arm64, Arm64HardwareWalk<ThroughTarget>, NoFlush, RecheckPte<Arm64, LocklessRead<Arm64>>>), "armv8", false)]
    [InlineData(typeof(UnmapAccessAndPin<X86_64, X86HardwareWalk, FlushByIpi, RecheckPte<X86_64, LocklessRead<X86_64>>>), "x86-tso", true)]
    [InlineData(typeof(UnmapAccessAndPin<X86_64, X86HardwareWalk, NoFlush, RecheckPte<X86_64, LocklessRead<X86_64>>>), "x86-tso", false)]
    [InlineData(typeof(UnmapAccessAndPin<X86Pae, X86HardwareWalk, FlushByIpi, RecheckPte<X86Pae, LocklessRead<X86Pae>>>), "x86-tso", true)]
    [InlineData(typeof(UnmapAccessAndPin<X86Pae, X86HardwareWalk, NoFlush, RecheckPte<X86Pae, LocklessRead<X86Pae>>>), "x86-tso", false)]
    public void A_page_is_not_freed_under_a_load(Type scenario, string model, bool holds)
    {
        CheckResult result = Verdicts.Of(scenario, "unmap against access and pin", model, Load, new CheckOptions());
        Assert.Equal(holds, result.Verdict is Verdict.Holds);
    }
}
