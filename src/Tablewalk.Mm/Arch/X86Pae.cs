namespace Tablewalk.Mm;

/// <summary>
/// 32-bit x86 with physical address extension: three levels, and entries of 64 bits that the CPU loads and stores as two halves of 32.
/// </summary>
/// <remarks>
/// The protocol of the two halves, which no single method shows:
/// <list type="number">
/// <item>The low half holds present and all permissions. A setter writes it last, a clearer first, so whoever sees a present low half after
/// the barrier sees the high half that was written with it.</item>
/// <item><see cref="ReadLockless"/> reads low, high, low. The high half is not older than the first low; if the second low is the first
/// again, the high half was not read from a later value, <i>provided</i> that between two values with the same low half the reader had to
/// leave its irq-off section: a flush by IPI stands between clearing one page and setting another.</item>
/// <item><see cref="ReadRaw"/> is two loads in the order that the compiler likes, and so may see halves that were never together.</item>
/// <item><see cref="GetAndClear"/> exchanges both halves at once, so no bit set by hardware in either is lost.</item>
/// </list>
/// LINUX: arch/x86/include/asm/pgtable-3level.h; include/linux/pgtable.h, ptep_get_lockless().
/// </remarks>
public readonly unsafe struct X86Pae : IArch
{
    /// <summary>Where software keeps the dirty bit of a read-only entry. LINUX: _PAGE_SAVED_DIRTY on 32 bits.</summary>
    public const ulong SavedDirty = 1UL << SavedDirtyShift;

    private const int SavedDirtyShift = 10;
    private const int HalfBits = 32;

    /// <inheritdoc/>
    public static string Name => "x86_pae";

    /// <inheritdoc/>
    public static bool HasPud => false;

    /// <inheritdoc/>
    public static int PgdShift => 30;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => 4;

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

    /// <summary>The half with the flags and the lower part of the page frame number.</summary>
    public static uint* LowHalf(ulong* entry) => (uint*)entry;

    /// <summary>The half with the upper part of the page frame number and no-execute.</summary>
    public static uint* HighHalf(ulong* entry) => (uint*)entry + 1;

    /// <inheritdoc/>
    public static ulong ReadRaw(ulong* entry)
    {
        uint low;
        uint high;
        if (Cpu.Choose(2) == 0)
        {
            low = Cpu.ReadOnce(LowHalf(entry));
            high = Cpu.ReadOnce(HighHalf(entry));
        }
        else
        {
            high = Cpu.ReadOnce(HighHalf(entry));
            low = Cpu.ReadOnce(LowHalf(entry));
        }

        return Join(low, high);
    }

    /// <inheritdoc/>
    public static ulong ReadLockless(ulong* entry)
    {
        uint low;
        uint high;
        do
        {
            // ORDER: load-load, twice; pairs with the store barriers in Write and Clear. TEST: A_set_with_the_low_half_first_is_caught_on_PAE.
            low = Cpu.ReadOnce(LowHalf(entry));
            Cpu.SmpRmb();
            high = Cpu.ReadOnce(HighHalf(entry));
            Cpu.SmpRmb();
        }
        while (Cpu.ReadOnce(LowHalf(entry)) != low);

        return Join(low, high);
    }

    /// <inheritdoc/>
    public static void Write(ulong* entry, ulong value)
    {
        // ORDER: store-store; pairs with the load barriers in ReadLockless: who sees the low half sees this high half.
        Cpu.WriteOnce(HighHalf(entry), (uint)(value >> HalfBits));
        Cpu.SmpWmb();
        Cpu.WriteOnce(LowHalf(entry), (uint)value);
    }

    /// <inheritdoc/>
    public static void Clear(ulong* entry)
    {
        // ORDER: store-store; pairs with the load barriers in ReadLockless: who sees the high half gone does not see a present low half again.
        Cpu.WriteOnce(LowHalf(entry), 0U);
        Cpu.SmpWmb();
        Cpu.WriteOnce(HighHalf(entry), 0U);
    }

    /// <inheritdoc/>
    public static ulong GetAndClear(ulong* entry) => Exchange(entry, 0);

    /// <inheritdoc/>
    public static void WriteUpper(ulong* entry, ulong value) => Exchange(entry, value);

    /// <summary>On the low half alone: all permissions are there.</summary>
    public static void SetWrprotect(ulong* entry)
    {
        uint old = Cpu.ReadOnce(LowHalf(entry));
        while (true)
        {
            uint seen = Cpu.CmpXchg(LowHalf(entry), old, (uint)WrProtect(new Pte(old)).Raw);
            if (seen == old)
            {
                return;
            }

            old = seen;
        }
    }

    /// <inheritdoc/>
    public static bool TestAndClearYoung(ulong* entry) =>
        IsYoung(new Pte(Cpu.FetchAnd(LowHalf(entry), ~(uint)X86Bits.Accessed)));

    /// <inheritdoc/>
    public static void ClearYoungDirty(ulong* entry) => Write(entry, MkOld(MkClean(new Pte(GetAndClear(entry)))).Raw);

    /// <inheritdoc/>
    public static bool SetAccessFlags(ulong* entry, Pte wanted, bool isWrite) => X86Bits.SetAccessFlags<X86Pae>(entry, wanted, isWrite);

    /// <summary>Both halves at once. LINUX: pxx_xchg64.</summary>
    /// <returns>The old value.</returns>
    public static ulong Exchange(ulong* entry, ulong value)
    {
        // The halves read first are only a guess; cmpxchg8b takes both at once or tells what they are.
        ulong old = Join(Cpu.ReadOnce(LowHalf(entry)), Cpu.ReadOnce(HighHalf(entry)));
        while (true)
        {
            ulong seen = Cpu.CmpXchg(entry, old, value);
            if (seen == old)
            {
                return old;
            }

            old = seen;
        }
    }

    /// <summary>One entry of two halves.</summary>
    public static ulong Join(uint low, uint high) => ((ulong)high << HalfBits) | low;
}
