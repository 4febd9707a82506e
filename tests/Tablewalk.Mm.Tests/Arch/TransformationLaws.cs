using CsCheck;
using Xunit;

namespace Tablewalk.Mm.Tests.Arch;

/// <summary>Laws that the pure transformations obey on every architecture, for every bit pattern unless a law says otherwise.</summary>
public abstract class TransformationLaws<TArch>
    where TArch : IArch
{
    private static readonly Gen<Pte> s_any = Gen.ULong.Select(static raw => new Pte(raw));

    private static readonly Gen<Func<Pte, Pte>> s_transformation = Gen.OneOfConst<Func<Pte, Pte>>(
        TArch.MkDirty, TArch.MkWrite, TArch.WrProtect, TArch.MkOld, TArch.MkYoung);

    // Entries as transformations make them from a new page: no bit pattern that nobody writes.
    private static readonly Gen<Pte> s_legal = Gen.Select(
        Gen.ULong[0, 0xF_FFFF], s_transformation.Array[0, 8], Gen.Int[0, 3]).Select(static (pfn, steps, clean) =>
        {
            Pte pte = steps.Aggregate(TArch.MakeSharedPage(pfn), static (entry, step) => step(entry));
            return clean == 0 ? TArch.MkClean(pte) : pte;
        });

    [Fact]
    public void No_transformation_but_mkclean_loses_dirty() =>
        Gen.Select(s_any, s_transformation).Sample(static (pte, step) => !TArch.IsDirty(pte) || TArch.IsDirty(step(pte)));

    [Fact]
    public void Modify_never_loses_dirty() =>
        Gen.Select(s_any, s_any).Sample(static (pte, protection) => !TArch.IsDirty(pte) || TArch.IsDirty(TArch.Modify(pte, protection)));

    [Fact]
    public void Merge_never_loses_dirty() =>
        Gen.Select(s_any, s_any).Sample(static (pte, other) =>
            !TArch.IsDirty(pte) || TArch.IsDirty(TArch.Merge(new PteReading(pte.Raw, TArch.AccessedDirtyFlagsOf(other)))));

    [Fact]
    public void Chains_of_transformations_keep_dirty_until_mkclean() =>
        Gen.Select(s_legal, s_transformation.Array[0, 12]).Sample(static (pte, steps) =>
        {
            Pte end = steps.Aggregate(TArch.MkDirty(pte), static (entry, step) => step(entry));
            return TArch.IsDirty(end) && !TArch.IsDirty(TArch.MkClean(end));
        });

    [Fact]
    public void Only_mkdirty_makes_a_legal_entry_dirty() =>
        Gen.Select(s_legal, s_transformation).Sample(static (pte, step) =>
            TArch.IsDirty(pte) || step == TArch.MkDirty || !TArch.IsDirty(step(pte)));

    [Fact]
    public void Each_transformation_does_what_its_name_says() =>
        s_any.Sample(static pte =>
            TArch.IsYoung(TArch.MkYoung(pte)) && !TArch.IsYoung(TArch.MkOld(pte))
            && TArch.IsWritable(TArch.MkWrite(pte)) && !TArch.IsWritable(TArch.WrProtect(pte))
            && TArch.IsDirty(TArch.MkDirty(pte)) && !TArch.IsDirty(TArch.MkClean(pte)));

    [Fact]
    public void Each_transformation_does_nothing_the_second_time() =>
        Gen.Select(s_any, s_transformation).Sample(static (pte, step) => step(step(pte)) == step(pte));

    [Fact]
    public void No_transformation_changes_the_page_or_its_presence() =>
        Gen.Select(s_legal, s_transformation).Sample(static (pte, step) =>
            TArch.PfnOf(step(pte)) == TArch.PfnOf(pte) && TArch.IsPresent(step(pte)) && TArch.IsYoung(pte) == TArch.IsYoung(TArch.MkDirty(pte)));

    [Fact]
    public void Modify_takes_the_permissions_and_keeps_page_and_age() =>
        Gen.Select(s_legal, s_legal.Select(TArch.MkClean)).Sample(static (pte, protection) =>
        {
            Pte modified = TArch.Modify(pte, protection);
            return TArch.PfnOf(modified) == TArch.PfnOf(pte) && TArch.IsYoung(modified) == TArch.IsYoung(pte)
                && TArch.IsWritable(modified) == TArch.IsWritable(protection) && TArch.IsDirty(modified) == TArch.IsDirty(pte);
        });

    [Fact]
    public void Merge_is_the_or_of_accessed_and_dirty_and_changes_nothing_else() =>
        Gen.Select(s_legal, s_legal).Sample(static (pte, other) =>
        {
            Pte merged = TArch.Merge(new PteReading(pte.Raw, TArch.AccessedDirtyFlagsOf(other)));
            Pte expected = TArch.IsDirty(other) ? TArch.MkDirty(pte) : pte;
            return merged == (TArch.IsYoung(other) ? TArch.MkYoung(expected) : expected)
                && ((merged.Raw ^ pte.Raw) & ~TArch.AccessedDirtyMask) == 0;
        });

    [Fact]
    public void Merging_nothing_changes_nothing() =>
        s_any.Sample(static pte => TArch.Merge(new PteReading(pte.Raw, 0)) == pte);

    [Fact]
    public void A_new_page_is_present_writable_young_clean_and_accessible() =>
        Gen.ULong[0, 0xF_FFFF].Sample(static pfn =>
        {
            Pte pte = TArch.MakeSharedPage(pfn);
            return TArch.PfnOf(pte) == pfn && TArch.IsPresent(pte) && TArch.IsWritable(pte) && TArch.IsYoung(pte) && !TArch.IsDirty(pte)
                && !TArch.IsSpecial(pte) && !TArch.IsProtNone(pte) && TArch.IsAccessPermitted(pte, write: true)
                && !TArch.IsAccessPermitted(TArch.WrProtect(pte), write: true) && TArch.IsAccessPermitted(TArch.WrProtect(pte), write: false);
        });

    [Fact]
    public void Poison_and_none_are_no_entries() =>
        Assert.All(
            [0UL, Cpu.PoisonPattern, Cpu.PoisonPattern & uint.MaxValue],
            static raw => Assert.False(
                TArch.IsPresent(new Pte(raw)) || TArch.IsTable(new Pmd(raw)) || TArch.IsAccessPermitted(new Pte(raw), write: false)));

    [Fact]
    public void A_table_entry_points_to_its_table() =>
        Gen.ULong[0, 0xF_FFFF].Sample(static pfn =>
            TArch.IsTable(TArch.MakeTable(pfn << 12)) && TArch.TableAddressOf(TArch.MakeTable(pfn << 12)) == pfn << 12);
}

public sealed class Arm64Transformations : TransformationLaws<Arm64>
{
    [Fact]
    public void Hardware_dirty_moves_to_software_dirty_on_write_protection()
    {
        Pte dirtied = new(Arm64.MakeSharedPage(1).Raw & ~Arm64.ReadOnly);
        Assert.True(Arm64.IsHardwareDirty(dirtied));
        Pte isProtected = Arm64.WrProtect(dirtied);
        Assert.False(Arm64.IsHardwareDirty(isProtected));
        Assert.NotEqual(0UL, isProtected.Raw & Arm64.SoftwareDirty);
    }

    [Fact]
    public void A_present_but_invalid_entry_grants_nothing()
    {
        Pte protNone = new((Arm64.MakeSharedPage(1).Raw & ~(Arm64.Valid | Arm64.User)) | Arm64.PresentInvalid);
        Assert.True(Arm64.IsPresent(protNone) && Arm64.IsProtNone(protNone) && !Arm64.IsValid(protNone));
        Assert.False(Arm64.IsAccessPermitted(protNone, write: false));
    }
}

public sealed class X86Transformations64 : TransformationLaws<X86_64>
{
    [Fact]
    public void No_transformation_makes_a_shadow_stack_entry() => ShadowStack.NeverAppears<X86_64>();
}

public sealed class X86TransformationsPae : TransformationLaws<X86Pae>
{
    [Fact]
    public void No_transformation_makes_a_shadow_stack_entry() => ShadowStack.NeverAppears<X86Pae>();

    [Fact]
    public void All_flags_but_no_execute_are_in_the_low_half() =>
        Assert.Equal(0UL, X86Pae.AccessedDirtyMask >> 32);
}

internal static class ShadowStack
{
    internal static void NeverAppears<TArch>()
        where TArch : IArch =>
        Gen.OneOfConst<Func<Pte, Pte>>(TArch.MkDirty, TArch.MkWrite, TArch.WrProtect, TArch.MkOld, TArch.MkYoung).Array[0, 10].Sample(steps =>
        {
            Pte end = steps.Aggregate(TArch.MakeSharedPage(7), static (entry, step) => step(entry));
            return (end.Raw & (X86Bits.ReadWrite | X86Bits.Dirty)) != X86Bits.Dirty;
        });
}
