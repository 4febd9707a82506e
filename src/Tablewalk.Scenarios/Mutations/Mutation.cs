using System.Collections.Immutable;
using Tablewalk.Mm;
using ArmPtes = Tablewalk.Mm.ContiguousPtes<Tablewalk.Mm.Block16, Tablewalk.Mm.PreciseRead<Tablewalk.Mm.Block16, Tablewalk.Mm.FullGatherTest>, Tablewalk.Mm.EachEntryTest>;
using PaePtes = Tablewalk.Mm.SinglePtes<Tablewalk.Mm.X86Pae, Tablewalk.Mm.LocklessRead<Tablewalk.Mm.X86Pae>, Tablewalk.Mm.FlushByIpi, Tablewalk.Mm.ArchAccessFlags>;
using X86Ptes = Tablewalk.Mm.SinglePtes<Tablewalk.Mm.X86_64, Tablewalk.Mm.LocklessRead<Tablewalk.Mm.X86_64>, Tablewalk.Mm.FlushByIpi, Tablewalk.Mm.ArchAccessFlags>;

namespace Tablewalk.Scenarios;

/// <summary>One step of <c>Tablewalk.Mm</c> left out or done wrongly, and the check that tells.</summary>
/// <param name="Name">What was done to the method.</param>
/// <param name="Claim">The claim whose verdict changes.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Model">The memory model under which it changes.</param>
/// <param name="Original">The scenario as it should be, closed.</param>
/// <param name="Mutated">The scenario over the mutated method, closed.</param>
/// <param name="OriginalHolds">Whether the claim holds for the original.</param>
/// <param name="MutatedHolds">Whether it holds for the mutated one.</param>
public sealed record Mutation(
    string Name, string Claim, string Architecture, string Model, Type Original, Type Mutated, bool OriginalHolds = true, bool MutatedHolds = false);

/// <summary>The mutations that a checker must tell from the original.</summary>
internal static class Mutations
{
    internal static ImmutableArray<Mutation> All { get; } =
    [
        new("zap: drop the re-check", "no-pin-on-freed-page", "arm64", "armv8",
            typeof(Zap<Arm64, ArmPtes, FullReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, IrqOffSection>),
            typeof(Zap<Arm64, ArmPtes, FullReference, NoRecheck<Arm64>, IrqOffSection>)),
        new("zap: drop the flush", "no-pin-on-freed-page", "x86_64", "x86-tso",
            typeof(Zap<X86_64, X86Ptes, FullReference, NoRecheck<X86_64>, IrqOffSection>),
            typeof(Zap<X86_64, FaultyPtes<X86Ptes, MissingFlushes>, FullReference, NoRecheck<X86_64>, IrqOffSection>)),
        new("zap: drop the irq-off section", "no-freed-table-read", "arm64", "armv8",
            typeof(ZapTable<Arm64, ArmPtes, FullReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, IrqOffSection>),
            typeof(ZapTable<Arm64, ArmPtes, FullReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, NoSection>)),
        new("zap: drop the barrier of the reference", "no-pin-on-freed-page", "arm64", "armv8",
            typeof(Zap<Arm64, ArmPtes, FullReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, IrqOffSection>),
            typeof(Zap<Arm64, ArmPtes, RelaxedReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, IrqOffSection>)),
        new("pae-remap: set the low half first", "pinned-page-was-mapped", "x86_pae", "x86-tso",
            typeof(PaeRemap<PaePtes, RecheckBoth<X86Pae, LocklessRead<X86Pae>, LocklessRead<X86Pae>>>),
            typeof(PaeRemap<
                FaultyPtes<PaePtes, LowHalfFirst>, RecheckBoth<X86Pae, LocklessRead<X86Pae>, LocklessRead<X86Pae>>>)),
        new("contpte-remap: drop the gather's page-frame test", "no-false-positive-dirty", "arm64", "armv8",
            typeof(ContpteRemap<PreciseRead<Block2, FullGatherTest>, NoRecheck<Arm64>, Block2>),
            typeof(ContpteRemap<PreciseRead<Block2, GatherTestWithoutPageFrame>, NoRecheck<Arm64>, Block2>)),
        new("zap-owner: drop the condition of the reference", "owner-keeps-its-reference", "arm64", "armv8",
            typeof(ZapOwner<Arm64, ArmPtes, FullReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, IrqOffSection>),
            typeof(ZapOwner<Arm64, ArmPtes, UnconditionalReference, RecheckBoth<Arm64, LocklessRead<Arm64>, LocklessRead<Arm64>>, IrqOffSection>)),
        new("collapse: drop the PMD re-check", "no-pin-on-taken-page", "arm64", "armv8",
            typeof(CollapseAgainstPin<Arm64, ArmPtes, NoWalkerSync, RecheckBoth<SmallTables<Arm64>, LocklessRead<Arm64>, LocklessRead<Arm64>>>),
            typeof(CollapseAgainstPin<Arm64, ArmPtes, NoWalkerSync, RecheckPte<SmallTables<Arm64>, LocklessRead<Arm64>>>)),
        new("pae-remap-once: re-check with ptep_get, which a single remap does not fool", "pinned-page-was-mapped", "x86_pae", "x86-tso",
            typeof(PaeRemapOnce<SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushWithoutIpi, ArchAccessFlags>, RecheckBoth<X86Pae, LocklessRead<X86Pae>, LocklessRead<X86Pae>>>),
            typeof(PaeRemapOnce<SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushWithoutIpi, ArchAccessFlags>, RecheckBoth<X86Pae, RawRead<X86Pae>, RawRead<X86Pae>>>),
            MutatedHolds: true),
        new("collapse: drop the PMD re-check, with the IPI in its place", "no-pin-on-taken-page", "arm64", "armv8",
            typeof(CollapseAgainstPin<Arm64, ArmPtes, SyncByIpi, RecheckBoth<SmallTables<Arm64>, LocklessRead<Arm64>, LocklessRead<Arm64>>>),
            typeof(CollapseAgainstPin<Arm64, ArmPtes, SyncByIpi, RecheckPte<SmallTables<Arm64>, LocklessRead<Arm64>>>),
            MutatedHolds: true),
    ];
}
