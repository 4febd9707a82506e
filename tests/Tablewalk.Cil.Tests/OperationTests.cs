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
        typeof(SinglePtes<Arm64, LocklessRead<Arm64>, FlushByBroadcast, ArchAccessFlags>),
        typeof(SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>),
        typeof(SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, GenericAccessFlags>),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_operation_lifts(Type type)
    {
        MethodInfo[] methods =
        [
            .. type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(static m => m.ReturnType != typeof(string) && m.ReturnType != typeof(PteReading)) // those lift inside their callers
                .Select(static m => m.IsGenericMethodDefinition ? m.MakeGenericMethod(ArgumentOf(m)) : m),
        ];
        Assert.NotEmpty(methods);
        Assert.All(methods, static method => Assert.Empty(Verifier.Check(Lifter.Lift(method))));
    }

    // A policy for the one type parameter that a method may have, by what it has to be.
    private static Type ArgumentOf(MethodInfo method) => Array.Find(
        [typeof(EachEntryTest), typeof(IrqOffSection)],
        policy => policy.GetInterfaces().Contains(method.GetGenericArguments().Single().GetGenericParameterConstraints().Single(c => c.IsInterface)))!;

    public static TheoryData<Type> Walkers =>
    [
        .. new[]
        {
            (typeof(Arm64), typeof(ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>), typeof(PreciseRead<Block16, FullGatherTest>)),
            (typeof(Arm64<Granule64K>), typeof(ContiguousPtes<Block32Of64K, GatheredRead<Block32Of64K>, GatheredTest>), typeof(GupFastRead)),
            (typeof(X86_64), typeof(SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>), typeof(LocklessRead<X86_64>)),
            (typeof(X86Pae), typeof(SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, GenericAccessFlags>), typeof(LocklessRead<X86Pae>)),
        }.SelectMany(static m => WalkersOf(m.Item1, m.Item2, m.Item3)),
    ];

    [Theory]
    [MemberData(nameof(Walkers))]
    public void Every_walker_lifts(Type type) => Every_operation_lifts(type);

    [Fact]
    public void Memory_management_lifts() => Assert.All(
        [
            typeof(FolioAllocator).GetMethod(nameof(FolioAllocator.TryAllocateZeroed))!, typeof(FolioAllocator).GetMethod(nameof(FolioAllocator.Put))!,
            typeof(SwapArea).GetMethod(nameof(SwapArea.TryAllocate))!, typeof(SwapArea).GetMethod(nameof(SwapArea.TryBegin))!,
            typeof(SwapArea).GetMethod(nameof(SwapArea.End))!, typeof(SeqCount).GetMethod(nameof(SeqCount.Read))!,
            typeof(SeqCount).GetMethod(nameof(SeqCount.IsRetry))!, typeof(SeqCount).GetMethod(nameof(SeqCount.WriteBegin))!,
            typeof(SeqCount).GetMethod(nameof(SeqCount.WriteEnd))!, typeof(Notifier).GetMethod(nameof(Notifier.Start))!,
            typeof(Notifier).GetMethod(nameof(Notifier.End))!, typeof(OperationTests).GetMethod(nameof(GuestStore))!,
            typeof(OperationTests).GetMethod(nameof(GuestLoad))!,
        ],
        static method => Assert.Empty(Verifier.Check(Lifter.Lift(method))));

    public static unsafe bool GuestStore(SecondaryMmu* mmu, ulong address) => GuestAccess.TryStore(mmu, address, 1);

    public static unsafe ulong GuestLoad(SecondaryMmu* mmu, ulong address) => GuestAccess.TryLoad(mmu, address, out ulong value) ? value : 0;

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

    public static TheoryData<Type> Updaters =>
    [
        .. new[]
        {
            (typeof(Arm64), typeof(ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>)),
            (typeof(X86_64), typeof(SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>)),
            (typeof(X86Pae), typeof(SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, ArchAccessFlags>)),
        }.SelectMany(static m => UpdatersOf(m.Item1, m.Item2)),
    ];

    [Theory]
    [MemberData(nameof(Updaters))]
    public void Every_updater_lifts(Type type) => Every_operation_lifts(type);

    private static IEnumerable<Type> UpdatersOf(Type architecture, Type ptes)
    {
        yield return typeof(Unmap<,,>).MakeGenericType(architecture, ptes, typeof(FlushThenFree));
        yield return typeof(Fork<,,,>).MakeGenericType(architecture, ptes, typeof(FirstWordCopy), typeof(LockOrderedFork));
        yield return typeof(Protect<,>).MakeGenericType(architecture, ptes);
        yield return typeof(Move<,,>).MakeGenericType(architecture, ptes, typeof(FlushUnderLock));
        yield return typeof(Cleaning<,,>).MakeGenericType(architecture, ptes, typeof(WithNotice));
        yield return typeof(HugePages<,,,>).MakeGenericType(architecture, ptes, typeof(FirstWordCopy), typeof(SyncByIpi));
        yield return typeof(ReclaimProbe<,>).MakeGenericType(architecture, ptes);
    }

    private static IEnumerable<Type> WalkersOf(Type architecture, Type ptes, Type reader)
    {
        var recheck = typeof(RecheckBoth<,,>).MakeGenericType(architecture, reader, reader);
        yield return typeof(GupFastProbe<,,>).MakeGenericType(architecture, reader, recheck);
        yield return typeof(LocklessWalk<>).MakeGenericType(architecture);
        yield return typeof(PageSizeWalk<,,,>).MakeGenericType(architecture, ptes, reader, typeof(IrqOffSection));
        yield return typeof(CollapseSwapIn<,,,,>).MakeGenericType(architecture, ptes, typeof(ExactComparison), typeof(FirstWordCopy), reader);
        foreach (var comparator in new[] { typeof(ExactComparison), typeof(BlindComparison) })
        {
            foreach (var copy in new[] { typeof(WholePageCopy), typeof(FirstWordCopy) })
            {
                yield return typeof(FaultHandler<,,,>).MakeGenericType(architecture, ptes, comparator, copy);
            }
        }

        foreach (var rule in new[] { typeof(WritableRule), typeof(DirtyWritableRule) })
        {
            yield return typeof(SecondaryFault<,,,,>).MakeGenericType(architecture, reader, recheck, rule, typeof(SequenceFirst));
        }
    }
}

/// <summary>GUP-fast's entry points, with results that a thread may return.</summary>
public static unsafe class GupFastProbe<TArch, TReader, TRecheck>
    where TArch : IArch
    where TReader : IEntryReader
    where TRecheck : IRecheck<TArch>
{
    public static ulong GetToRead(AddressSpace* mm, ulong* pfns) => Get(mm, GupFlags.None, pfns);

    public static ulong GetToWrite(AddressSpace* mm, ulong* pfns) => Get(mm, GupFlags.Write, pfns);

    public static ulong Pin(AddressSpace* mm, ulong* pfns) => Get(mm, GupFlags.Pin, pfns);

    public static ulong GetOne(AddressSpace* mm) =>
        GupFast<TArch, TReader, FullReference, TRecheck, IrqOffSection>.TryGetOne(mm, 0x4020_0000, isWrite: true, out ulong pfn, out Pte used) ? pfn | used.Raw : 0;

    private static ulong Get(AddressSpace* mm, GupFlags flags, ulong* pfns) =>
        GupFast<TArch, TReader, FullReference, TRecheck, IrqOffSection>.GetPages(mm, 0x4020_0000, 2, flags, pfns);
}

/// <summary>Reclaim under its policies.</summary>
public static unsafe class ReclaimProbe<TArch, TPtes>
    where TArch : IArch
    where TPtes : IPtes
{
    public static ulong SwapOut(AddressSpace* mm, ulong* batch) =>
        Reclaim<TArch, TPtes>.SwapOut<FirstWordCopy, FullShareBarrier, FlushOfBatch>(mm, 0x4020_0000, 2, batch);

    public static bool Drop(AddressSpace* mm) => Reclaim<TArch, TPtes>.TryDropLazyFree<FullShareBarrier>(mm, 0x4020_0000);
}
