namespace Tablewalk.Mm;

/// <summary>arm64 with the 4K granule and four levels. An entry is one 64-bit word.</summary>
/// <remarks>
/// Dirty is told in two ways: the hardware's, writable (<see cref="WriteBit"/>) and not <see cref="ReadOnly"/>, and the software's own bit.
/// <para><b>Source.</b> ARM: D8.3, VMSAv8-64 descriptor formats. LINUX: arch/arm64/include/asm/pgtable-hwdef.h, pgtable-prot.h.</para>
/// </remarks>
public readonly unsafe struct Arm64 : IArch
{
    /// <summary>Bit 0. LINUX: PTE_VALID.</summary>
    public const ulong Valid = 1UL << 0;

    /// <summary>Bits 1:0, both set: a page at level 3, a table above. LINUX: PTE_TYPE_PAGE, PMD_TYPE_TABLE.</summary>
    public const ulong TypeTableOrPage = 3UL;

    /// <summary>Bits 1:0 of an upper entry that maps memory itself. LINUX: PMD_TYPE_SECT.</summary>
    public const ulong TypeBlock = 1UL;

    /// <summary>Bit 6, AP[1]. LINUX: PTE_USER.</summary>
    public const ulong User = 1UL << 6;

    /// <summary>Bit 7, AP[2]. LINUX: PTE_RDONLY. With <see cref="WriteBit"/> it means writable but clean.</summary>
    public const ulong ReadOnly = 1UL << 7;

    /// <summary>Bits 9:8. LINUX: PTE_SHARED, inner shareable.</summary>
    public const ulong InnerShareable = 3UL << 8;

    /// <summary>Bit 10. LINUX: PTE_AF.</summary>
    public const ulong AccessFlag = 1UL << 10;

    /// <summary>Bit 11, nG, while valid. LINUX: PTE_NG.</summary>
    public const ulong NotGlobal = 1UL << 11;

    /// <summary>Bit 11 while not valid: present for software all the same. LINUX: PTE_PRESENT_INVALID.</summary>
    public const ulong PresentInvalid = 1UL << 11;

    /// <summary>Bit 51, DBM. LINUX: PTE_WRITE.</summary>
    public const ulong WriteBit = 1UL << 51;

    /// <summary>Bit 52. LINUX: PTE_CONT.</summary>
    public const ulong Cont = 1UL << 52;

    /// <summary>Bit 53. LINUX: PTE_PXN.</summary>
    public const ulong PrivilegedExecuteNever = 1UL << 53;

    /// <summary>Bit 54. LINUX: PTE_UXN.</summary>
    public const ulong UserExecuteNever = 1UL << 54;

    /// <summary>Bit 55. LINUX: PTE_DIRTY.</summary>
    public const ulong SoftwareDirty = 1UL << SoftwareDirtyShift;

    /// <summary>Bit 56. LINUX: PTE_SPECIAL.</summary>
    public const ulong Special = 1UL << 56;

    /// <summary>Bits 47:12, the output address of the 4K granule without the 52-bit extension.</summary>
    public const ulong AddressMask = 0x0000_FFFF_FFFF_F000;

    private const int ReadOnlyShift = 7;
    private const int WriteShift = 51;
    private const int SoftwareDirtyShift = 55;

    private const ulong PermissionMask =
        Valid | User | ReadOnly | PresentInvalid | WriteBit | PrivilegedExecuteNever | UserExecuteNever;

    /// <inheritdoc/>
    public static string Name => "arm64";

    /// <inheritdoc/>
    public static bool HasPud => true;

    /// <inheritdoc/>
    public static int PgdShift => 39;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => 512;

    /// <inheritdoc/>
    public static ulong AccessedDirtyMask => AccessFlag | ReadOnly | SoftwareDirty;

    /// <inheritdoc/>
    public static Pte MakeSharedPage(ulong pfn) => new(
        (pfn << PhysicalMemory.PageShift) | TypeTableOrPage | User | ReadOnly | InnerShareable | AccessFlag | NotGlobal | WriteBit
        | PrivilegedExecuteNever | UserExecuteNever);

    /// <inheritdoc/>
    public static Pte ProtNone => new(PresentInvalid | ReadOnly | PrivilegedExecuteNever | UserExecuteNever);

    /// <inheritdoc/>
    public static ulong SwapExclusive => 1UL << 2;

    /// <inheritdoc/>
    public static Pmd MakeTable(ulong physicalAddress) => new(physicalAddress | TypeTableOrPage);

    /// <inheritdoc/>
    public static bool IsTable(Pmd pmd) => (pmd.Raw & TypeTableOrPage) == TypeTableOrPage;

    /// <inheritdoc/>
    public static Pmd MakeLeaf(Pte pte) => new(pte.Raw & ~TypeTableOrPage | TypeBlock);

    /// <inheritdoc/>
    public static bool IsLeaf(Pmd pmd) => (pmd.Raw & TypeTableOrPage) == TypeBlock;

    /// <inheritdoc/>
    public static ulong TableAddressOf(Pmd pmd) => pmd.Raw & AddressMask;

    /// <inheritdoc/>
    public static ulong PfnOf(Pte pte) => (pte.Raw & AddressMask) >> PhysicalMemory.PageShift;

    /// <summary>Whether the hardware may use the entry. LINUX: pte_valid.</summary>
    public static bool IsValid(Pte pte) => (pte.Raw & Valid) != 0;

    /// <summary>LINUX: pte_valid_cont.</summary>
    public static bool IsValidCont(Pte pte) => (pte.Raw & (Valid | Cont)) == (Valid | Cont);

    /// <inheritdoc/>
    public static bool IsPresent(Pte pte) => (pte.Raw & Valid) != 0 || IsPresentInvalid(pte);

    /// <summary>Present for software, though not valid. LINUX: pte_present_invalid.</summary>
    public static bool IsPresentInvalid(Pte pte) => (pte.Raw & (Valid | PresentInvalid)) == PresentInvalid;

    /// <inheritdoc/>
    public static bool IsProtNone(Pte pte) => IsPresentInvalid(pte) && (pte.Raw & User) == 0;

    /// <inheritdoc/>
    public static bool IsYoung(Pte pte) => (pte.Raw & AccessFlag) != 0;

    /// <inheritdoc/>
    public static bool IsWritable(Pte pte) => (pte.Raw & WriteBit) != 0;

    /// <summary>LINUX: pte_hw_dirty.</summary>
    public static bool IsHardwareDirty(Pte pte) => (pte.Raw & (WriteBit | ReadOnly)) == WriteBit;

    /// <inheritdoc/>
    public static bool IsDirty(Pte pte) => DirtyBitOf(pte) != 0;

    /// <inheritdoc/>
    public static bool IsSpecial(Pte pte) => (pte.Raw & Special) != 0;

    /// <inheritdoc/>
    public static bool IsAccessPermitted(Pte pte, bool write)
    {
        ulong needed = write ? Valid | User | WriteBit : Valid | User;
        return (pte.Raw & needed) == needed;
    }

    /// <inheritdoc/>
    public static Pte MkClean(Pte pte) => new((pte.Raw & ~SoftwareDirty) | ReadOnly);

    /// <inheritdoc/>
    public static Pte MkDirty(Pte pte) => new((pte.Raw & ~ReadOnlyIfWritable(pte.Raw)) | SoftwareDirty);

    /// <inheritdoc/>
    public static Pte MkWrite(Pte pte) =>
        new((pte.Raw & ~(((pte.Raw >> SoftwareDirtyShift) & 1) << ReadOnlyShift)) | WriteBit);

    /// <inheritdoc/>
    public static Pte WrProtect(Pte pte) =>
        new((pte.Raw & ~WriteBit) | ReadOnly | (DirtyBitOf(pte) << SoftwareDirtyShift));

    /// <inheritdoc/>
    public static Pte MkOld(Pte pte) => new(pte.Raw & ~AccessFlag);

    /// <inheritdoc/>
    public static Pte MkYoung(Pte pte) => new(pte.Raw | AccessFlag);

    /// <summary>LINUX: pte_mkcont.</summary>
    public static Pte MkCont(Pte pte) => new(pte.Raw | Cont);

    /// <summary>LINUX: pte_mknoncont.</summary>
    public static Pte MkNonCont(Pte pte) => new(pte.Raw & ~Cont);

    /// <inheritdoc/>
    public static Pte Modify(Pte pte, Pte protection)
    {
        ulong dirty = DirtyBitOf(pte);
        ulong raw = (pte.Raw & ~PermissionMask) | (protection.Raw & PermissionMask);
        raw &= ~(ReadOnlyIfWritable(raw) & (dirty << ReadOnlyShift));
        return new Pte(raw | (dirty << SoftwareDirtyShift));
    }

    /// <inheritdoc/>
    public static ulong AccessedDirtyFlagsOf(Pte pte) => (pte.Raw & AccessFlag) | (DirtyBitOf(pte) << SoftwareDirtyShift);

    /// <inheritdoc/>
    public static Pte Merge(PteReading reading)
    {
        ulong dirty = (reading.Flags >> SoftwareDirtyShift) & 1;
        ulong readOnly = ReadOnlyIfWritable(reading.TargetRaw) & (dirty << ReadOnlyShift);
        return new Pte((reading.TargetRaw & ~readOnly) | reading.Flags);
    }

    /// <inheritdoc/>
    public static ulong ReadRaw(ulong* entry) => Cpu.ReadOnce(entry);

    /// <inheritdoc/>
    public static ulong ReadLockless(ulong* entry) => Cpu.ReadOnce(entry);

    /// <inheritdoc/>
    public static void Write(ulong* entry, ulong value) => Cpu.WriteOnce(entry, value);

    /// <inheritdoc/>
    public static void Clear(ulong* entry) => Cpu.WriteOnce(entry, 0);

    /// <inheritdoc/>
    public static ulong GetAndClear(ulong* entry) => Cpu.XchgRelaxed(entry, 0);

    /// <inheritdoc/>
    public static void WriteUpper(ulong* entry, ulong value) => Cpu.WriteOnce(entry, value);

    /// <inheritdoc/>
    public static void SetWrprotect(ulong* entry)
    {
        ulong old = Cpu.ReadOnce(entry);
        while (true)
        {
            ulong seen = Cpu.CmpXchgRelaxed(entry, old, WrProtect(new Pte(old)).Raw);
            if (seen == old)
            {
                return;
            }

            old = seen;
        }
    }

    /// <inheritdoc/>
    public static bool TestAndClearYoung(ulong* entry)
    {
        ulong old = Cpu.ReadOnce(entry);
        while (true)
        {
            ulong seen = Cpu.CmpXchgRelaxed(entry, old, MkOld(new Pte(old)).Raw);
            if (seen == old)
            {
                return IsYoung(new Pte(old));
            }

            old = seen;
        }
    }

    /// <summary>LINUX: __clear_young_dirty_pte with both flags: a load and a plain store.</summary>
    /// <remarks>A bit that hardware sets in between is overwritten. That write to the page is then as old as the call: MADV_FREE may drop it.</remarks>
    public static void ClearYoungDirty(ulong* entry) =>
        Cpu.WriteOnce(entry, MkOld(MkClean(new Pte(Cpu.ReadOnce(entry)))).Raw);

    /// <summary>LINUX: __ptep_set_access_flags. Adds to what is there and takes nothing away, whatever <paramref name="wanted"/> leaves out.</summary>
    public static bool SetAccessFlags(ulong* entry, Pte wanted, bool isWrite)
    {
        ulong old = Cpu.ReadOnce(entry);
        if (old == wanted.Raw)
        {
            return false;
        }

        // Read-only is the one flag of which less is more: it stays only if both have it.
        ulong added = wanted.Raw & (AccessFlag | WriteBit | SoftwareDirty);
        ulong kept = wanted.Raw | ~ReadOnly;
        while (true)
        {
            ulong seen = Cpu.CmpXchgRelaxed(entry, old, (old | added) & kept);
            if (seen == old)
            {
                return true;
            }

            old = seen;
        }
    }

    // 1 if dirty in either of the two ways.
    private static ulong DirtyBitOf(Pte pte) =>
        ((pte.Raw >> SoftwareDirtyShift) | ((pte.Raw >> WriteShift) & ~(pte.Raw >> ReadOnlyShift))) & 1;

    private static ulong ReadOnlyIfWritable(ulong raw) => ((raw >> WriteShift) & 1) << ReadOnlyShift;
}
