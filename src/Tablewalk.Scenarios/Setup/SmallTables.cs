using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// For scenarios: an architecture whose tables have two entries each, so that what is done to every entry of a table takes two steps. Its PMD entries map two
/// pages. The rest is the architecture's own.
/// </summary>
/// <typeparam name="TArch">The architecture.</typeparam>
public readonly unsafe struct SmallTables<TArch> : IArch
    where TArch : IArch
{
    private const int EntriesShift = 1;

    /// <inheritdoc/>
    public static string Name => TArch.Name;

    /// <inheritdoc/>
    public static bool HasPud => TArch.HasPud;

    /// <inheritdoc/>
    public static int PgdShift => TArch.PgdShift;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => TArch.PtrsPerPgd;

    /// <inheritdoc/>
    public static int PageShift => TArch.PageShift;

    /// <inheritdoc/>
    public static ulong PtrsPerTable => 1UL << EntriesShift;

    /// <inheritdoc/>
    public static int PmdShift => TArch.PageShift + EntriesShift;

    /// <inheritdoc/>
    public static int PudShift => TArch.PudShift;

    /// <inheritdoc/>
    public static Pte MakeSharedPage(ulong pfn) => TArch.MakeSharedPage(pfn);

    /// <inheritdoc/>
    public static Pte ProtNone => TArch.ProtNone;

    /// <inheritdoc/>
    public static ulong SwapExclusive => TArch.SwapExclusive;

    /// <inheritdoc/>
    public static Pmd MakeTable(ulong physicalAddress) => TArch.MakeTable(physicalAddress);

    /// <inheritdoc/>
    public static bool IsTable(Pmd pmd) => TArch.IsTable(pmd);

    /// <inheritdoc/>
    public static Pmd MakeLeaf(Pte pte) => TArch.MakeLeaf(pte);

    /// <inheritdoc/>
    public static bool IsLeaf(Pmd pmd) => TArch.IsLeaf(pmd);

    /// <inheritdoc/>
    public static ulong TableAddressOf(Pmd pmd) => TArch.TableAddressOf(pmd);

    /// <inheritdoc/>
    public static ulong PfnOf(Pte pte) => TArch.PfnOf(pte);

    /// <inheritdoc/>
    public static bool IsPresent(Pte pte) => TArch.IsPresent(pte);

    /// <inheritdoc/>
    public static bool IsProtNone(Pte pte) => TArch.IsProtNone(pte);

    /// <inheritdoc/>
    public static bool IsYoung(Pte pte) => TArch.IsYoung(pte);

    /// <inheritdoc/>
    public static bool IsWritable(Pte pte) => TArch.IsWritable(pte);

    /// <inheritdoc/>
    public static bool IsDirty(Pte pte) => TArch.IsDirty(pte);

    /// <inheritdoc/>
    public static bool IsSpecial(Pte pte) => TArch.IsSpecial(pte);

    /// <inheritdoc/>
    public static bool IsAccessPermitted(Pte pte, bool write) => TArch.IsAccessPermitted(pte, write);

    /// <inheritdoc/>
    public static Pte MkClean(Pte pte) => TArch.MkClean(pte);

    /// <inheritdoc/>
    public static Pte MkDirty(Pte pte) => TArch.MkDirty(pte);

    /// <inheritdoc/>
    public static Pte MkWrite(Pte pte) => TArch.MkWrite(pte);

    /// <inheritdoc/>
    public static Pte WrProtect(Pte pte) => TArch.WrProtect(pte);

    /// <inheritdoc/>
    public static Pte MkOld(Pte pte) => TArch.MkOld(pte);

    /// <inheritdoc/>
    public static Pte MkYoung(Pte pte) => TArch.MkYoung(pte);

    /// <inheritdoc/>
    public static Pte Modify(Pte pte, Pte protection) => TArch.Modify(pte, protection);

    /// <inheritdoc/>
    public static ulong AccessedDirtyMask => TArch.AccessedDirtyMask;

    /// <inheritdoc/>
    public static ulong AccessedDirtyFlagsOf(Pte pte) => TArch.AccessedDirtyFlagsOf(pte);

    /// <inheritdoc/>
    public static Pte Merge(PteReading reading) => TArch.Merge(reading);

    /// <inheritdoc/>
    public static ulong ReadRaw(ulong* entry) => TArch.ReadRaw(entry);

    /// <inheritdoc/>
    public static ulong ReadLockless(ulong* entry) => TArch.ReadLockless(entry);

    /// <inheritdoc/>
    public static void Write(ulong* entry, ulong value) => TArch.Write(entry, value);

    /// <inheritdoc/>
    public static void Clear(ulong* entry) => TArch.Clear(entry);

    /// <inheritdoc/>
    public static ulong GetAndClear(ulong* entry) => TArch.GetAndClear(entry);

    /// <inheritdoc/>
    public static void WriteUpper(ulong* entry, ulong value) => TArch.WriteUpper(entry, value);

    /// <inheritdoc/>
    public static void SetWrprotect(ulong* entry) => TArch.SetWrprotect(entry);

    /// <inheritdoc/>
    public static bool TestAndClearYoung(ulong* entry) => TArch.TestAndClearYoung(entry);

    /// <inheritdoc/>
    public static void ClearYoungDirty(ulong* entry) => TArch.ClearYoungDirty(entry);

    /// <inheritdoc/>
    public static bool SetAccessFlags(ulong* entry, Pte wanted, bool isWrite) => TArch.SetAccessFlags(entry, wanted, isWrite);
}
