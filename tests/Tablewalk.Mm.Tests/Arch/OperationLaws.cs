using CsCheck;
using Xunit;

namespace Tablewalk.Mm.Tests.Arch;

public sealed unsafe class OperationsOnArm64 : OperationLaws<Arm64>
{
    [Fact] // what makes a comparison that ignores accessed and dirty sound: T26, T33
    public void Access_flags_take_nothing_away() =>
        Gen.Select(Legal, Legal).Sample(static (pte, wanted) =>
        {
            ulong word = pte.Raw;
            Arm64.SetAccessFlags(&word, wanted, isWrite: true);
            Pte after = new(word);
            return (!Arm64.IsDirty(pte) || Arm64.IsDirty(after)) && (!Arm64.IsYoung(pte) || Arm64.IsYoung(after))
                && (!Arm64.IsWritable(pte) || Arm64.IsWritable(after)) && (!Arm64.IsDirty(wanted) || Arm64.IsDirty(after));
        }, threads: 1);
}

public sealed unsafe class OperationsOnArm64Of16K : OperationLaws<Arm64<Granule16K>>
{
    [Fact]
    public void Tables_have_2048_entries_and_levels_at_14_25_and_36() =>
        Assert.Equal((2048UL, 14, 25, 36), (Arm64<Granule16K>.PtrsPerTable, Arm64<Granule16K>.PageShift, Arm64<Granule16K>.PmdShift, Arm64<Granule16K>.PgdShift));
}

public sealed unsafe class OperationsOnArm64Of64K : OperationLaws<Arm64<Granule64K>>
{
    [Fact]
    public void Tables_have_8192_entries_and_levels_at_16_29_and_42() =>
        Assert.Equal((8192UL, 16, 29, 42), (Arm64<Granule64K>.PtrsPerTable, Arm64<Granule64K>.PageShift, Arm64<Granule64K>.PmdShift, Arm64<Granule64K>.PgdShift));
}

public sealed unsafe class OperationsOnX86_64 : OperationLaws<X86_64>;

public sealed unsafe class OperationsOnX86Pae : OperationLaws<X86Pae>;

/// <summary>What the operations on an entry in memory do when nobody else writes it: the same as the pure transformations.</summary>
public abstract unsafe class OperationLaws<TArch>
    where TArch : IArch
{
    protected static readonly Gen<Pte> Legal = Gen.Select(
        Gen.ULong[0, 0xF_FFFF],
        Gen.OneOfConst<Func<Pte, Pte>>(TArch.MkDirty, TArch.MkWrite, TArch.WrProtect, TArch.MkOld, TArch.MkYoung, TArch.MkClean).Array[0, 8])
        .Select(static (pfn, steps) => steps.Aggregate(TArch.MakeSharedPage(pfn), static (entry, step) => step(entry)));

    private delegate void Change(ulong* entry);

    [Fact]
    public void Write_protection_in_memory_is_write_protection() =>
        Legal.Sample(static pte => After(pte, static entry => TArch.SetWrprotect(entry)) == TArch.WrProtect(pte), threads: 1);

    [Fact]
    public void Clearing_young_tells_what_was_there() =>
        Legal.Sample(static pte =>
        {
            ulong word = pte.Raw;
            return TArch.TestAndClearYoung(&word) == TArch.IsYoung(pte) && new Pte(word) == TArch.MkOld(pte);
        }, threads: 1);

    [Fact]
    public void Clearing_young_and_dirty_leaves_the_rest() =>
        Legal.Sample(static pte => After(pte, static entry => TArch.ClearYoungDirty(entry)) == TArch.MkOld(TArch.MkClean(pte)), threads: 1);

    [Fact]
    public void Getting_and_clearing_gives_the_value_and_leaves_nothing() =>
        Legal.Sample(static pte =>
        {
            ulong word = pte.Raw;
            return TArch.GetAndClear(&word) == pte.Raw && word == 0;
        }, threads: 1);

    [Fact]
    public void Upper_entries_come_back_as_they_were_written() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample(static (old, value) =>
        {
            ulong written = old;
            TArch.WriteUpper(&written, value);
            return written == value;
        }, threads: 1);

    [Fact]
    public void A_write_fault_makes_the_entry_what_it_wants() =>
        Legal.Sample(static pte =>
        {
            Pte wanted = TArch.MkYoung(TArch.MkWrite(TArch.MkDirty(pte)));
            ulong word = pte.Raw;
            bool isChanged = TArch.SetAccessFlags(&word, wanted, isWrite: true);
            Pte after = new(word);
            return isChanged == (pte != wanted) && TArch.IsYoung(after) && TArch.IsWritable(after) && TArch.IsDirty(after)
                && TArch.PfnOf(after) == TArch.PfnOf(pte) && !TArch.SetAccessFlags(&word, after, isWrite: true);
        }, threads: 1);

    [Fact] // T23, T27: the plain store of the generic helper
    public void The_generic_helper_takes_away_what_was_set_meanwhile()
    {
        Pte clean = TArch.MakeSharedPage(1);
        ulong word = TArch.MkDirty(clean).Raw;
        Assert.True(GenericAccessFlags.Set<TArch>(&word, TArch.MkOld(clean), isWrite: false));
        Assert.False(TArch.IsDirty(new Pte(word)));
    }

    [Fact]
    public void A_blind_comparison_sees_everything_but_age_and_dirty() =>
        Gen.Select(Legal, Legal).Sample(static (left, right) =>
            BlindComparison.IsSame<TArch>(left, right) == (TArch.MkOld(TArch.MkClean(left)) == TArch.MkOld(TArch.MkClean(right)))
            && BlindComparison.IsSame<TArch>(left, TArch.MkOld(left)) && BlindComparison.IsSame<TArch>(TArch.MkDirty(left), left)
            && ExactComparison.IsSame<TArch>(left, right) == (left == right));

    [Fact] // T18
    public void Entries_that_are_not_present_are_compared_in_all_bits() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 63]).Where(static (raw, _) => !TArch.IsPresent(new Pte(raw))).Sample(static (raw, bit) =>
        {
            Pte other = new(raw ^ (1UL << bit));
            return !BlindComparison.IsSame<TArch>(new Pte(raw), other) && BlindComparison.IsSame<TArch>(new Pte(raw), new Pte(raw));
        });

    [Fact]
    public void A_leaf_is_no_table_and_keeps_page_and_permissions() =>
        Legal.Select(static pte => new Pte(pte.Raw & ~(PhysicalMemory.HugeFolioPages - 1 << PhysicalMemory.PageShift))).Sample(static pte =>
        {
            Pmd leaf = TArch.MakeLeaf(pte);
            Pte flags = new(leaf.Raw);
            return TArch.IsLeaf(leaf) && !TArch.IsTable(leaf) && TArch.PfnOf(flags) == TArch.PfnOf(pte) && TArch.IsPresent(flags)
                && TArch.IsAccessPermitted(flags, write: true) == TArch.IsAccessPermitted(pte, write: true)
                && !TArch.IsLeaf(TArch.MakeTable(PhysicalMemory.PageSize)) && !TArch.IsLeaf(default) && !TArch.IsLeaf(new Pmd(Cpu.PoisonPattern));
        });

    private static Pte After(Pte pte, Change change)
    {
        ulong word = pte.Raw;
        change(&word);
        return new Pte(word);
    }
}
