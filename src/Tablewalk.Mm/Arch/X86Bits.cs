namespace Tablewalk.Mm;

/// <summary>
/// The bits that entries of <see cref="X86_64"/> and <see cref="X86Pae"/> share, and what is done with them. The one difference is where
/// software keeps the dirty bit of a read-only entry, a parameter here.
/// </summary>
/// <remarks>
/// To the hardware, read-only and dirty together mean a shadow stack. So software moves dirty aside, to saved-dirty, whenever it takes
/// the write permission away, and back when it gives it again. LINUX: arch/x86/include/asm/pgtable.h, pgtable_types.h.
/// </remarks>
public static unsafe class X86Bits
{
    /// <summary>Bit 0. LINUX: _PAGE_PRESENT.</summary>
    public const ulong Present = 1UL << 0;

    /// <summary>Bit 1. LINUX: _PAGE_RW.</summary>
    public const ulong ReadWrite = 1UL << ReadWriteShift;

    /// <summary>Bit 2. LINUX: _PAGE_USER.</summary>
    public const ulong User = 1UL << 2;

    /// <summary>Bit 5. LINUX: _PAGE_ACCESSED.</summary>
    public const ulong Accessed = 1UL << 5;

    /// <summary>Bit 6. LINUX: _PAGE_DIRTY.</summary>
    public const ulong Dirty = 1UL << DirtyShift;

    /// <summary>Bit 7 of an upper entry: a leaf. LINUX: _PAGE_PSE.</summary>
    public const ulong PageSizeBit = 1UL << 7;

    /// <summary>Bit 8 of an entry that is not present: present for software. LINUX: _PAGE_PROTNONE.</summary>
    public const ulong ProtNone = 1UL << 8;

    /// <summary>Bit 9. LINUX: _PAGE_SPECIAL.</summary>
    public const ulong Special = 1UL << 9;

    /// <summary>Bits 51:12.</summary>
    public const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>Bit 63. LINUX: _PAGE_NX.</summary>
    public const ulong NoExecute = 1UL << 63;

    private const int ReadWriteShift = 1;
    private const int DirtyShift = 6;
    private const ulong ProtectionKeyMask = 0xFUL << 59;
    private const ulong PermissionMask = Present | ReadWrite | User | ProtNone | ProtectionKeyMask | NoExecute;

    internal static Pte MakeSharedPage(ulong pfn) =>
        new((pfn << PhysicalMemory.PageShift) | Present | ReadWrite | User | Accessed | NoExecute);

    internal static Pmd MakeTable(ulong physicalAddress) => new(physicalAddress | Present | ReadWrite | User | Accessed);

    internal static bool IsTable(Pmd pmd) => (pmd.Raw & (Present | PageSizeBit)) == Present;

    internal static Pmd MakeLeaf(Pte pte) => new(pte.Raw | PageSizeBit);

    internal static bool IsLeaf(Pmd pmd) => (pmd.Raw & (Present | PageSizeBit)) == (Present | PageSizeBit);

    internal static ulong AddressOf(ulong raw) => raw & AddressMask;

    internal static bool IsPresent(Pte pte) => (pte.Raw & (Present | ProtNone)) != 0;

    internal static bool IsProtNone(Pte pte) => (pte.Raw & (Present | ProtNone)) == ProtNone;

    internal static bool IsAccessPermitted(Pte pte, bool write)
    {
        ulong needed = write ? Present | User | ReadWrite : Present | User;
        return (pte.Raw & needed) == needed;
    }

    internal static bool IsDirty(Pte pte, int savedDirtyShift) => (pte.Raw & (Dirty | (1UL << savedDirtyShift))) != 0;

    internal static Pte MkClean(Pte pte, int savedDirtyShift) => new(pte.Raw & ~(Dirty | (1UL << savedDirtyShift)));

    internal static Pte MkDirty(Pte pte, int savedDirtyShift) => PlaceDirty(pte.Raw | Dirty, savedDirtyShift);

    internal static Pte MkWrite(Pte pte, int savedDirtyShift) => PlaceDirty(pte.Raw | ReadWrite, savedDirtyShift);

    internal static Pte WrProtect(Pte pte, int savedDirtyShift) => PlaceDirty(pte.Raw & ~ReadWrite, savedDirtyShift);

    internal static Pte MkOld(Pte pte) => new(pte.Raw & ~Accessed);

    internal static Pte MkYoung(Pte pte) => new(pte.Raw | Accessed);

    internal static Pte Modify(Pte pte, Pte protection, int savedDirtyShift) =>
        PlaceDirty((pte.Raw & ~PermissionMask) | (protection.Raw & PermissionMask), savedDirtyShift);

    internal static ulong FlagsOf(Pte pte, int savedDirtyShift) =>
        (pte.Raw & Accessed) | ((((pte.Raw >> DirtyShift) | (pte.Raw >> savedDirtyShift)) & 1) << DirtyShift);

    internal static Pte Merge(PteReading reading, int savedDirtyShift)
    {
        ulong dirty = (reading.Flags >> DirtyShift) & 1;
        ulong writable = (reading.TargetRaw >> ReadWriteShift) & 1;
        return new Pte(
            reading.TargetRaw | (reading.Flags & Accessed) | ((dirty & writable) << DirtyShift) | ((dirty & ~writable) << savedDirtyShift));
    }

    /// <summary>
    /// LINUX: ptep_set_access_flags, arch/x86/mm/pgtable.c. Stores on write faults alone, and leaves accessed to the hardware: that is right because the
    /// caller has compared the entry under the page-table lock, and hardware sets no dirty in an entry that it faulted on.
    /// </summary>
    internal static bool SetAccessFlags<TArch>(ulong* entry, Pte wanted, bool isWrite)
        where TArch : IArch
    {
        bool isChanged = TArch.ReadRaw(entry) != wanted.Raw;
        if (isChanged && isWrite)
        {
            TArch.Write(entry, wanted.Raw);
        }

        return isChanged;
    }

    // Dirty, wherever it is written down, moves to the hardware's bit if the entry is writable and to saved-dirty if not.
    private static Pte PlaceDirty(ulong raw, int savedDirtyShift)
    {
        ulong dirty = ((raw >> DirtyShift) | (raw >> savedDirtyShift)) & 1;
        ulong writable = (raw >> ReadWriteShift) & 1;
        ulong rest = raw & ~(Dirty | (1UL << savedDirtyShift));
        return new Pte(rest | ((dirty & writable) << DirtyShift) | ((dirty & ~writable) << savedDirtyShift));
    }
}
