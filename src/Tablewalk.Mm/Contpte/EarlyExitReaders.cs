using System.Runtime.CompilerServices;

namespace Tablewalk.Mm;

/// <summary>What a gather that may stop early looks for next.</summary>
/// <remarks>
/// Kernels since v6.17 look for both flags until one is found and then only for the other one: after dirty from the same entry on, which is so read
/// twice, after accessed from the next one.
/// </remarks>
internal static class EarlyExit
{
    internal const ulong BothFlags = Arm64.AccessFlag | Arm64.SoftwareDirty;

    /// <summary>The flags found, with those of one more entry.</summary>
    /// <param name="found">What was found before it.</param>
    /// <param name="seen">The entry's own flags.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Add(ulong found, ulong seen) =>
        IsReadAgain(found, seen) ? Arm64.SoftwareDirty : found | seen;

    /// <summary>Whether the entry is looked at once more, for accessed alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsReadAgain(ulong found, ulong seen) => found == 0 && (seen & Arm64.SoftwareDirty) != 0;
}

/// <summary>
/// LINUX: contpte_ptep_get_lockless since v6.17. As <see cref="PreciseRead{TBlock, TTest}"/>, but returns once both flags are found; the
/// entries after that are not looked at.
/// </summary>
public readonly unsafe struct PreciseReadWithEarlyExit<TBlock> : IEntryReader
    where TBlock : IBlockSize
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry)
    {
        ulong target = Cpu.ReadOnce(entry);
        if (!Arm64.IsValidCont(new Pte(target)))
        {
            return new PteReading(target, 0);
        }

        ulong* start = Contpte<TBlock>.BlockStart(entry);
        while (true)
        {
            target = Cpu.ReadOnce(entry);
            if (!Arm64.IsValidCont(new Pte(target)))
            {
                return new PteReading(target, 0);
            }

            ulong expected = Contpte<TBlock>.WithoutAccessedDirty(target) - (Contpte<TBlock>.IndexInBlock(entry) << TBlock.PageShift);
            ulong flags = 0;
            ulong i = 0;
            while (i < TBlock.Entries && flags != EarlyExit.BothFlags)
            {
                ulong seen = Cpu.ReadOnce(start + i);
                if (Contpte<TBlock>.WithoutAccessedDirty(seen) != expected + (i << TBlock.PageShift))
                {
                    break;
                }

                ulong found = Arm64.AccessedDirtyFlagsOf(new Pte(seen));
                i += EarlyExit.IsReadAgain(flags, found) ? 0UL : 1;
                flags = EarlyExit.Add(flags, found);
            }

            if (i == TBlock.Entries || flags == EarlyExit.BothFlags)
            {
                return new PteReading(target, flags);
            }
        }
    }
}

/// <summary>LINUX: contpte_ptep_get since v6.17. As <see cref="GatheredRead{TBlock}"/>, but stops once both flags are found.</summary>
public readonly unsafe struct GatheredReadWithEarlyExit<TBlock> : IEntryReader
    where TBlock : IBlockSize
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry)
    {
        ulong target = Cpu.ReadOnce(entry);
        if (!Arm64.IsValidCont(new Pte(target)))
        {
            return new PteReading(target, 0);
        }

        ulong* start = Contpte<TBlock>.BlockStart(entry);
        ulong flags = 0;
        ulong i = 0;
        while (i < TBlock.Entries && flags != EarlyExit.BothFlags)
        {
            ulong found = Arm64.AccessedDirtyFlagsOf(new Pte(Cpu.ReadOnce(start + i)));
            i += EarlyExit.IsReadAgain(flags, found) ? 0UL : 1;
            flags = EarlyExit.Add(flags, found);
        }

        return new PteReading(target, flags);
    }
}
