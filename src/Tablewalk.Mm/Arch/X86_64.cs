namespace Tablewalk.Mm;

/// <summary>x86-64 with four levels. An entry is one 64-bit word.</summary>
public readonly unsafe struct X86_64 : IArch
{
    /// <summary>Where software keeps the dirty bit of a read-only entry. LINUX: _PAGE_SAVED_DIRTY.</summary>
    public const ulong SavedDirty = 1UL << SavedDirtyShift;

    private const int SavedDirtyShift = 58;

    /// <inheritdoc/>
    public static string Name => "x86_64";

    /// <inheritdoc/>
    public static bool HasPud => true;

    /// <inheritdoc/>
    public static int PgdShift => 39;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => 512;

    /// <inheritdoc/>
    public static ulong AccessedDirtyMask => X86Bits.Accessed | X86Bits.Dirty | SavedDirty;

    /// <inheritdoc/>
    public static Pte MakeSharedPage(ulong pfn) => X86Bits.MakeSharedPage(pfn);

    /// <inheritdoc/>
    public static Pte ProtNone => new(X86Bits.ProtNone | X86Bits.NoExecute);

    /// <inheritdoc/>
    public static ulong SwapExclusive => 1UL << 3;

    /// <inheritdoc/>
    public static Pmd MakeTable(ulong physicalAddress) => X86Bits.MakeTable(physicalAddress);

    /// <inheritdoc/>
    public static bool IsTable(Pmd pmd) => X86Bits.IsTable(pmd);

    /// <inheritdoc/>
    public static Pmd MakeLeaf(Pte pte) => X86Bits.MakeLeaf(pte);

    /// <inheritdoc/>
    public static bool IsLeaf(Pmd pmd) => X86Bits.IsLeaf(pmd);

    /// <inheritdoc/>
    public static ulong TableAddressOf(Pmd pmd) => X86Bits.AddressOf(pmd.Raw);

    /// <inheritdoc/>
    public static ulong PfnOf(Pte pte) => X86Bits.AddressOf(pte.Raw) >> PhysicalMemory.PageShift;

    /// <inheritdoc/>
    public static bool IsPresent(Pte pte) => X86Bits.IsPresent(pte);

    /// <inheritdoc/>
    public static bool IsProtNone(Pte pte) => X86Bits.IsProtNone(pte);

    /// <inheritdoc/>
    public static bool IsYoung(Pte pte) => (pte.Raw & X86Bits.Accessed) != 0;

    /// <inheritdoc/>
    public static bool IsWritable(Pte pte) => (pte.Raw & X86Bits.ReadWrite) != 0;

    /// <inheritdoc/>
    public static bool IsDirty(Pte pte) => X86Bits.IsDirty(pte, SavedDirtyShift);

    /// <inheritdoc/>
    public static bool IsSpecial(Pte pte) => (pte.Raw & X86Bits.Special) != 0;

    /// <inheritdoc/>
    public static bool IsAccessPermitted(Pte pte, bool write) => X86Bits.IsAccessPermitted(pte, write);

    /// <inheritdoc/>
    public static Pte MkClean(Pte pte) => X86Bits.MkClean(pte, SavedDirtyShift);

    /// <inheritdoc/>
    public static Pte MkDirty(Pte pte) => X86Bits.MkDirty(pte, SavedDirtyShift);

    /// <inheritdoc/>
    public static Pte MkWrite(Pte pte) => X86Bits.MkWrite(pte, SavedDirtyShift);

    /// <inheritdoc/>
    public static Pte WrProtect(Pte pte) => X86Bits.WrProtect(pte, SavedDirtyShift);

    /// <inheritdoc/>
    public static Pte MkOld(Pte pte) => X86Bits.MkOld(pte);

    /// <inheritdoc/>
    public static Pte MkYoung(Pte pte) => X86Bits.MkYoung(pte);

    /// <inheritdoc/>
    public static Pte Modify(Pte pte, Pte protection) => X86Bits.Modify(pte, protection, SavedDirtyShift);

    /// <inheritdoc/>
    public static ulong AccessedDirtyFlagsOf(Pte pte) => X86Bits.FlagsOf(pte, SavedDirtyShift);

    /// <inheritdoc/>
    public static Pte Merge(PteReading reading) => X86Bits.Merge(reading, SavedDirtyShift);

    /// <inheritdoc/>
    public static ulong ReadRaw(ulong* entry) => Cpu.ReadOnce(entry);

    /// <inheritdoc/>
    public static ulong ReadLockless(ulong* entry) => Cpu.ReadOnce(entry);

    /// <inheritdoc/>
    public static void Write(ulong* entry, ulong value) => Cpu.WriteOnce(entry, value);

    /// <inheritdoc/>
    public static void Clear(ulong* entry) => Cpu.WriteOnce(entry, 0);

    /// <inheritdoc/>
    public static ulong GetAndClear(ulong* entry) => Cpu.Xchg(entry, 0);

    /// <inheritdoc/>
    public static void WriteUpper(ulong* entry, ulong value) => Cpu.WriteOnce(entry, value);

    /// <inheritdoc/>
    public static void SetWrprotect(ulong* entry)
    {
        ulong old = Cpu.ReadOnce(entry);
        while (true)
        {
            ulong seen = Cpu.CmpXchg(entry, old, WrProtect(new Pte(old)).Raw);
            if (seen == old)
            {
                return;
            }

            old = seen;
        }
    }

    /// <inheritdoc/>
    public static bool TestAndClearYoung(ulong* entry) => IsYoung(new Pte(Cpu.FetchAnd(entry, ~X86Bits.Accessed)));

    /// <inheritdoc/>
    public static void ClearYoungDirty(ulong* entry) => Write(entry, MkOld(MkClean(new Pte(GetAndClear(entry)))).Raw);

    /// <inheritdoc/>
    public static bool SetAccessFlags(ulong* entry, Pte wanted, bool isWrite) => X86Bits.SetAccessFlags<X86_64>(entry, wanted, isWrite);
}
