namespace Tablewalk.Mm;

/// <summary>For scenarios: arm64 with another granule than <see cref="Arm64"/>'s 4K: other tables, the same entries.</summary>
/// <typeparam name="TGranule">The granule.</typeparam>
public readonly unsafe struct Arm64<TGranule> : IArch
    where TGranule : IGranule
{
    /// <inheritdoc/>
    public static string Name => TGranule.Name;

    /// <inheritdoc/>
    public static bool HasPud => false;

    /// <inheritdoc/>
    public static int PgdShift => TGranule.PgdShift;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => TGranule.PtrsPerPgd;

    /// <inheritdoc/>
    public static int PageShift => TGranule.PageShift;

    /// <inheritdoc/>
    public static ulong PtrsPerTable => 1UL << (TGranule.PageShift - EntryShift);

    /// <inheritdoc/>
    public static int PmdShift => TGranule.PageShift + TGranule.PageShift - EntryShift;

    /// <inheritdoc/>
    public static int PudShift => TGranule.PgdShift;

    /// <inheritdoc/>
    public static Pte MakeSharedPage(ulong pfn) => Arm64.MakeSharedPage(pfn);

    /// <inheritdoc/>
    public static Pte ProtNone => Arm64.ProtNone;

    /// <inheritdoc/>
    public static ulong SwapExclusive => Arm64.SwapExclusive;

    /// <inheritdoc/>
    public static Pmd MakeTable(ulong physicalAddress) => Arm64.MakeTable(physicalAddress);

    /// <inheritdoc/>
    public static bool IsTable(Pmd pmd) => Arm64.IsTable(pmd);

    /// <inheritdoc/>
    public static Pmd MakeLeaf(Pte pte) => Arm64.MakeLeaf(pte);

    /// <inheritdoc/>
    public static bool IsLeaf(Pmd pmd) => Arm64.IsLeaf(pmd);

    /// <inheritdoc/>
    public static ulong TableAddressOf(Pmd pmd) => Arm64.TableAddressOf(pmd);

    /// <inheritdoc/>
    public static ulong PfnOf(Pte pte) => Arm64.PfnOf(pte);

    /// <inheritdoc/>
    public static bool IsPresent(Pte pte) => Arm64.IsPresent(pte);

    /// <inheritdoc/>
    public static bool IsProtNone(Pte pte) => Arm64.IsProtNone(pte);

    /// <inheritdoc/>
    public static bool IsYoung(Pte pte) => Arm64.IsYoung(pte);

    /// <inheritdoc/>
    public static bool IsWritable(Pte pte) => Arm64.IsWritable(pte);

    /// <inheritdoc/>
    public static bool IsDirty(Pte pte) => Arm64.IsDirty(pte);

    /// <inheritdoc/>
    public static bool IsSpecial(Pte pte) => Arm64.IsSpecial(pte);

    /// <inheritdoc/>
    public static bool IsAccessPermitted(Pte pte, bool write) => Arm64.IsAccessPermitted(pte, write);

    /// <inheritdoc/>
    public static Pte MkClean(Pte pte) => Arm64.MkClean(pte);

    /// <inheritdoc/>
    public static Pte MkDirty(Pte pte) => Arm64.MkDirty(pte);

    /// <inheritdoc/>
    public static Pte MkWrite(Pte pte) => Arm64.MkWrite(pte);

    /// <inheritdoc/>
    public static Pte WrProtect(Pte pte) => Arm64.WrProtect(pte);

    /// <inheritdoc/>
    public static Pte MkOld(Pte pte) => Arm64.MkOld(pte);

    /// <inheritdoc/>
    public static Pte MkYoung(Pte pte) => Arm64.MkYoung(pte);

    /// <inheritdoc/>
    public static Pte Modify(Pte pte, Pte protection) => Arm64.Modify(pte, protection);

    /// <inheritdoc/>
    public static ulong AccessedDirtyMask => Arm64.AccessedDirtyMask;

    /// <inheritdoc/>
    public static ulong AccessedDirtyFlagsOf(Pte pte) => Arm64.AccessedDirtyFlagsOf(pte);

    /// <inheritdoc/>
    public static Pte Merge(PteReading reading) => Arm64.Merge(reading);

    /// <inheritdoc/>
    public static ulong ReadRaw(ulong* entry) => Arm64.ReadRaw(entry);

    /// <inheritdoc/>
    public static ulong ReadLockless(ulong* entry) => Arm64.ReadLockless(entry);

    /// <inheritdoc/>
    public static void Write(ulong* entry, ulong value) => Arm64.Write(entry, value);

    /// <inheritdoc/>
    public static void Clear(ulong* entry) => Arm64.Clear(entry);

    /// <inheritdoc/>
    public static ulong GetAndClear(ulong* entry) => Arm64.GetAndClear(entry);

    /// <inheritdoc/>
    public static void WriteUpper(ulong* entry, ulong value) => Arm64.WriteUpper(entry, value);

    /// <inheritdoc/>
    public static void SetWrprotect(ulong* entry) => Arm64.SetWrprotect(entry);

    /// <inheritdoc/>
    public static bool TestAndClearYoung(ulong* entry) => Arm64.TestAndClearYoung(entry);

    /// <inheritdoc/>
    public static void ClearYoungDirty(ulong* entry) => Arm64.ClearYoungDirty(entry);

    /// <inheritdoc/>
    public static bool SetAccessFlags(ulong* entry, Pte wanted, bool isWrite) => Arm64.SetAccessFlags(entry, wanted, isWrite);

    // An entry has 8 bytes.
    private const int EntryShift = 3;
}
