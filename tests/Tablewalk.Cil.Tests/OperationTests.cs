using System.Reflection;
using Tablewalk.Ir;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>Every operation on entries stays inside the lifted subset, on every architecture and under every policy.</summary>
public sealed class OperationTests
{
    public static TheoryData<Type> Types =>
    [
        typeof(Arm64), typeof(Arm64<Granule16K>), typeof(Arm64<Granule64K>), typeof(X86_64), typeof(X86Pae),
        typeof(Contpte<Block16>), typeof(Contpte<WithoutBreakBeforeMake<Block16>>), typeof(Contpte<Block128Of16K>), typeof(Contpte<Block32Of64K>),
        typeof(ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>),
        typeof(ContiguousPtes<Block16, PreciseReadWithEarlyExit<Block16>, GatheredTest>),
        typeof(SinglePtes<Arm64, FlushByBroadcast, ArchAccessFlags>),
        typeof(SinglePtes<X86_64, FlushByIpi, ArchAccessFlags>),
        typeof(SinglePtes<X86Pae, FlushByIpi, GenericAccessFlags>),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_operation_lifts(Type type)
    {
        MethodInfo[] methods =
        [
            .. type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(static m => m.ReturnType != typeof(string) && m.ReturnType != typeof(PteReading)) // those lift inside their callers
                .Select(static m => m.IsGenericMethodDefinition ? m.MakeGenericMethod(typeof(EachEntryTest)) : m),
        ];
        Assert.NotEmpty(methods);
        Assert.All(methods, static method => Assert.Empty(Verifier.Check(Lifter.Lift(method))));
    }

    [Theory]
    [InlineData(typeof(ExactComparison))]
    [InlineData(typeof(BlindComparison))]
    public void Every_comparison_lifts(Type comparison)
    {
        foreach (var architecture in new[] { typeof(Arm64), typeof(X86_64), typeof(X86Pae) })
        {
            Assert.Empty(Verifier.Check(Lifter.Lift(comparison.GetMethod("IsSame")!.MakeGenericMethod(architecture))));
        }
    }
}
