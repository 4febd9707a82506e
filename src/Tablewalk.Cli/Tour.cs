using System.Collections.Immutable;
using Tablewalk.Judge;
using Tablewalk.Report;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>One check of the tour and the verdict that it must have.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Claim">The claim.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Model">The model.</param>
/// <param name="Variants">What differs from the defaults, as on the command line.</param>
/// <param name="Expected">The expected verdict in a word.</param>
/// <param name="About">Which statement of the thread it settles, or what it shows.</param>
internal sealed record TourStop(
    string Scenario, string Claim, string Architecture, string Model, ImmutableArray<string> Variants, string Expected, string About);

/// <summary>
/// What the command shows without arguments: each scenario under its defaults, then what the thread argues about. T and D numbers are the
/// statements of the discussion (glossary: docs/glossary.md).
/// </summary>
internal static class Tour
{
    private const string Holds = "holds";
    private const string Violated = "violated";

    private const string Contpte = "gup-fast/contpte-unfold";
    private const string FalseNegative = "no-false-negative-dirty";
    private const string FalsePositive = "no-false-positive-dirty";

    private const string PaeRemap = "gup-fast/pae-remap";
    private const string Mapped = "pinned-page-was-mapped";

    private const string Zap = "gup-fast/zap";
    private const string FreedPage = "no-pin-on-freed-page";
    private const string FreedTable = "no-freed-table-read";

    private const string AccessFlags = "fault/access-flags";
    private const string DirtyIsKept = "dirty-is-kept";
    private const string FaultEnds = "fault-ends";

    private const string UserUnmap = "mmu/unmap";
    private const string StoreToFreed = "no-store-to-freed-page";
    private const string UserUnfold = "mmu/contpte-unfold";
    private const string UserMkClean = "mmu/mkclean";
    private const string WriteLost = "no-write-lost";
    private const string MadviseFree = "mmu/madvise-free";
    private const string LaterWrite = "later-write-is-kept";

    private const string Fork = "fork/pin";
    private const string SharedPage = "no-pin-on-shared-page";

    private const string Invalidated = "no-entry-after-invalidation";

    /// <summary>The race that the tour prints in full: T71.</summary>
    public static TourStop Race { get; } =
        new(Contpte, FalseNegative, "arm64", "armv8", ["read=ptep_get"], Violated, "T71: the missed dirty bit passes the re-check");

    /// <summary>The stops, in order.</summary>
    public static ImmutableArray<TourStop> Stops { get; } =
    [
        // Defaults.
        new(Contpte, FalseNegative, "arm64", "armv8", [], Holds, "the precise getter of v6.9"),
        new(Contpte, FalsePositive, "arm64", "armv8", [], Holds, "the precise getter of v6.9"),
        new(PaeRemap, Mapped, "x86_pae", "x86-tso", [], Holds, "T45, T66: the flush waits for the walker"),
        new(Zap, FreedPage, "arm64", "armv8", [], Holds, "T46: re-check after the reference"),
        new(Zap, FreedTable, "arm64", "armv8", [], Holds, "RCU frees the table"),
        new(Zap, FreedPage, "x86_64", "x86-tso", [], Holds, "T46"),
        new(Zap, FreedTable, "x86_64", "x86-tso", [], Holds, "RCU frees the table"),
        new(Zap, FreedPage, "x86_pae", "x86-tso", [], Holds, "T46"),
        new(Zap, FreedTable, "x86_pae", "x86-tso", [], Holds, "RCU frees the table"),
        .. Everywhere(AccessFlags, DirtyIsKept, "T24, T25: the exact comparison backs out"),
        .. Everywhere(AccessFlags, FaultEnds, "T33"),
        .. OnWords("gup-fast/range", FreedPage, "each page is looked at again"),
        new("gup-fast/block", FreedPage, "arm64", "armv8", [], Holds, "the whole block is looked at again"),
        .. OnWords("gup-fast/huge", FreedPage, "the PMD entry is looked at again"),
        .. Everywhere("fault/missing", "one-page-is-used", "the second finds the entry taken"),
        .. OnWords("fault/swap-in", "no-old-contents", "the entry is compared under the lock"),
        .. Everywhere("fault/collapse-swap-in", "no-old-contents", "read without the lock, compared under it"),
        .. OnWords("fault/copy", "no-load-of-old-page", "break before make"),
        .. OnWords("reclaim/swap-out", SharedPage, "clear, barrier, look for pins"),
        .. Everywhere("reclaim/lazy-free", "no-reference-on-dropped-page", "clear, barrier, look at the count"),
        .. OnWords(Fork, SharedPage, "with a full barrier in fork"),
        .. Everywhere("walk/free-table", FreedTable, "T61: RCU frees the table"),
        .. Everywhere("kvm/zap", Invalidated, "the sequence number is read first"),
        .. Everywhere("kvm/mkclean", "writable-needs-dirty", "T63: the second MMU is told"),
        .. Everywhere(UserUnmap, StoreToFreed, "the flush waits for accesses"),
        .. Everywhere(UserUnmap, "no-load-from-freed-page", "the flush waits for accesses"),
        .. Everywhere("mmu/free-table", "no-store-through-freed-table", "the flush waits for walks"),
        new(UserUnfold, WriteLost, "arm64", "armv8", [], Holds, "T80: dirty may be in any entry"),
        new(UserUnfold, "no-store-to-taken-page", "arm64", "armv8", [], Holds, "T81: through any entry's translation"),
        .. OnWords("mmu/fork", "no-store-to-shared-page", "the flush at fork's end waits for accesses"),
        .. Everywhere(UserMkClean, WriteLost, "a later write sets dirty again"),
        .. Everywhere(MadviseFree, LaterWrite, "D10: a later write sets dirty again"),

        .. Everywhere("mmu/protect", "no-store-after-protect", "the flush waits for accesses"),
        .. OnWords("mmu/protect-dirty", WriteLost, "the entry is taken by an exchange"),
        .. Everywhere("mmu/clear-young", WriteLost, "accessed is taken by an exchange"),
        .. OnWords("mmu/drop-free", WriteLost, "dirty is looked at in what was taken"),
        .. OnWords("mmu/swap-out", WriteLost, "one flush before the batch is copied"),
        .. OnWords("mmu/unmap-range", StoreToFreed, "one flush for two tables"),
        .. OnWords("mmu/move", StoreToFreed, "the flush is under the lock: CVE-2018-18281"),
        .. OnWords("mmu/move-table", StoreToFreed, "the same with a whole table"),
        .. OnWords("collapse/pin", "no-pin-on-taken-page", "the PMD entry is looked at again"),
        .. OnWords("collapse/store", WriteLost, "the flush waits for accesses"),
        .. OnWords("collapse/walk", FreedTable, "RCU frees the table"),
        .. OnWords("kvm/protect", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/fork", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/move", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/swap-out", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/copy", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/collapse", Invalidated, "the second MMU is told"),

        .. OnWords("gup-fast/split-huge", FreedPage, "one reference for each page of the folio"),
        new("gup-fast/fault-in", Mapped, "x86_pae", "x86-tso", [], Holds, "T45: the half with the present bit comes last"),
        .. OnWords("gup-fast/unpin-dirty", WriteLost, "the flag comes after the write"),
        .. OnWords("fault/take-over", "taken-page-stays", "exclusive, or no pin"),
        .. Everywhere("fault/table", "one-table-is-used", "the second finds the entry taken"),
        .. OnWords("fault/huge", DirtyIsKept, "the PMD entry is compared under the lock"),
        new("fault/block-flags", "entry-allows-access", "arm64", "armv8", [], Holds, "T94: each entry is looked at"),
        .. OnWords("mmu/numa-hint", WriteLost, "the entry is taken by an exchange"),
        .. OnWords("mmu/collect-dirty", WriteLost, "the flush comes before the copy"),
        .. OnWords("mmu/unmap-shared", WriteLost, "the flush comes before the page counts as unmapped"),
        .. OnWords("mmu/discard-twice", "no-store-after-discard", "who is not alone flushes everything"),
        .. Everywhere("mmu/fork-table", "no-store-to-shared-page", "the flush at fork's end waits for accesses"),
        new("mmu/block", WriteLost, "arm64", "armv8", [], Holds, "unfolded and folded again under stores"),
        new("mmu/granule", StoreToFreed, "arm64", "armv8", [], Holds, "pages of 16K: the flush waits for accesses"),
        .. OnWords("walk/free-tables", FreedTable, "RCU frees both tables"),
        .. Everywhere("walk/translate", FreedTable, "RCU frees the table"),
        .. OnWords("kvm/hint", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/advise-free", Invalidated, "the second MMU is told"),
        .. OnWords("kvm/store", WriteLost, "the notice waits for the guest"),

        // How to read an entry of a contiguous block.
        Race,
        new(Contpte, FalsePositive, "arm64", "armv8", ["read=ptep_get"], Holds, "T70, T72: the re-check catches it"),
        new(Contpte, FalsePositive, "arm64", "armv8", ["read=ptep_get", "reference=relaxed"], Violated, "T68, D1: the barrier is in the reference"),
        new(Contpte, FalsePositive, "arm64", "sc", ["read=ptep_get", "reference=relaxed"], Holds, "T68, D1: only weak memory shows it"),
        new(Contpte, FalseNegative, "arm64", "armv8", ["read=raw"], Violated, "the bit is in another entry"),
        new(Contpte, FalsePositive, "arm64", "armv8", ["read=raw"], Holds, "one load cannot mix two folios"),
        new(Contpte, FalseNegative, "arm64", "armv8", ["read=precise-early-exit"], Holds, "T92, D3: leaving early loses nothing"),
        new("fault/block-flags", "entry-allows-access", "arm64", "armv8", ["test=gathered"], Violated, "T94: the gathered value hides what an entry lacks"),

        // How to read and re-check an entry in two halves.
        new(PaeRemap, Mapped, "x86_pae", "x86-tso", ["recheck=ptep_get_lockless"], Holds, "T45: the flush waits for the walker"),
        new(PaeRemap, Mapped, "x86_pae", "x86-tso", ["recheck=none"], Holds, "T45, T51: the flush waits for the walker"),
        new(PaeRemap, Mapped, "x86_pae", "x86-tso", ["flush=no-ipi", "recheck=none"], Violated, "T51: torn, and nothing looks again"),
        new(PaeRemap, Mapped, "x86_pae", "x86-tso", ["flush=no-ipi", "recheck=ptep_get"], Violated, "T60: a torn re-check can match"),
        new(PaeRemap, Mapped, "x86_pae", "x86-tso", ["flush=no-ipi", "recheck=ptep_get_lockless"], Holds, "T60, T66"),

        // What keeps a page from being freed under the walker.
        new(Zap, FreedPage, "arm64", "armv8", ["recheck=none"], Violated, "T46: a broadcast flush waits for nobody"),
        new(Zap, FreedPage, "x86_64", "x86-tso", ["recheck=none"], Holds, "T46: the flush's IPI waits for the walker"),

        // Getter, comparator and ptep_set_access_flags must fit together.
        new(AccessFlags, DirtyIsKept, "arm64", "armv8", ["compare=blind", "helper=generic"], Violated, "T23: the plain store loses dirty"),
        new(AccessFlags, DirtyIsKept, "arm64", "armv8", ["compare=blind", "helper=arch"], Holds, "T26: arm64's helper only adds"),
        new(AccessFlags, FaultEnds, "arm64", "armv8", ["read=norecency", "compare=exact"], Violated, "T33: retries for ever"),

        // What a TLB keeps.
        new(UserUnmap, StoreToFreed, "arm64", "armv8", ["flush=after-free"], Violated, "a store by the entry that a TLB has"),
        new(UserUnmap, StoreToFreed, "x86_64", "x86-tso", ["flush=after-free"], Violated, "a store by the entry that a TLB has"),
        new(UserUnmap, StoreToFreed, "arm64", "sc", ["flush=none"], Holds, "only a TLB shows it"),
        new(UserMkClean, WriteLost, "arm64", "armv8", ["flush=none"], Violated, "a store by the dirty entry that a TLB has"),
        new(MadviseFree, LaterWrite, "arm64", "armv8", ["return=plain"], Violated, "D10: the walk was made before the flush"),
        new(UserUnfold, WriteLost, "arm64", "armv8", ["bbm=level-2"], Holds, "a split without a flush keeps dirty"),
        new(UserUnfold, WriteLost, "arm64", "armv8", ["split=store"], Violated, "dirty set between the gather and the store"),

        // What orders fork before its look at pins.
        new(Fork, SharedPage, "arm64", "armv8", ["barrier=lock"], Violated, "D4: a lock is no full barrier"),
        new(Fork, SharedPage, "x86_64", "x86-tso", ["barrier=lock"], Holds, "D4: a locked instruction is one"),
    ];

    // Where entries are one word.
    private static IEnumerable<TourStop> OnWords(string scenario, string claim, string about) =>
    [
        new(scenario, claim, "arm64", "armv8", [], Holds, about),
        new(scenario, claim, "x86_64", "x86-tso", [], Holds, about),
    ];

    private static IEnumerable<TourStop> Everywhere(string scenario, string claim, string about) =>
    [
        .. OnWords(scenario, claim, about),
        new(scenario, claim, "x86_pae", "x86-tso", [], Holds, about),
    ];

    /// <summary>A stop as a case to check.</summary>
    /// <exception cref="InputException">The tour names something that does not exist.</exception>
    public static CheckCase CaseOf(TourStop stop)
    {
        ImmutableArray<CheckCase> cases = CaseSelector.Select(
            Catalog.All, new CheckRequest([stop.Scenario], [stop.Architecture], [stop.Model], stop.Variants, [stop.Claim]));
        return cases.Single();
    }

    /// <summary>A row's variants as the tour shows them: those that the stop names, or "defaults".</summary>
    public static string VariantsOf(TourStop stop) => stop.Variants.IsEmpty ? "defaults" : string.Join(' ', stop.Variants);

    /// <summary>Whether a row has the verdict that its stop expects.</summary>
    public static bool IsAsExpected(TourStop stop, ResultRow row) => row.VerdictWord == stop.Expected;
}
