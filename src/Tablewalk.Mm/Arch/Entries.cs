namespace Tablewalk.Mm;

/// <summary>A lowest-level entry that has been read: it can no longer change. LINUX: pte_t. A <c>Pte*</c> is a place instead.</summary>
public readonly record struct Pte(ulong Raw);

/// <summary>An entry of any upper level that has been read: it can no longer change. LINUX: pmd_t, pud_t, pgd_t.</summary>
public readonly record struct Pmd(ulong Raw);

/// <summary>What a getter read: one atomic value of the entry asked for, and the flags that it gathered from the block around it.</summary>
/// <param name="TargetRaw">The entry itself.</param>
/// <param name="Flags">
/// Accessed and dirty of the whole block, at the bits <see cref="IArch.AccessedDirtyFlagsOf"/> puts them; 0 if nothing was gathered.
/// </param>
/// <remarks>
/// The two stay apart as long as they can: what depends on present, page frame or permissions then depends on the entry's own load alone, which is
/// the weakest code that a compiler may make of the merged value.
/// </remarks>
public readonly record struct PteReading(ulong TargetRaw, ulong Flags)
{
    /// <summary>The entry itself, without what was gathered.</summary>
    public Pte Target => new(TargetRaw);
}
