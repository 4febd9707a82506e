using System.Collections.Immutable;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;

namespace Tablewalk.Report.Tests;

/// <summary>Counterexamples made by hand.</summary>
internal static class Samples
{
    /// <summary>A read that misses the dirty bit while an updater clears the block.</summary>
    public static Counterexample MissedDirty { get; } = new(
        "no-false-negative-dirty",
        "the block was dirty throughout, and the value used says clean",
        ["walker", "updater"],
        [
            Read(0, At(31, "Pte target = new(Cpu.ReadOnce((ulong*)ptep));"), "PTE3", 0x3, "A+3 cont", readsFrom: -1),
            Write(1, At(88, "    Cpu.Xchg((ulong*)(block + i), 0);"), "PTE0", 0, "none", "RMW.W"),
            Read(0, At(40, "Pte entry = new(Cpu.ReadOnce((ulong*)(block + i)));"), "PTE0", 0, "none", readsFrom: 1),
            Read(0, At(40, "Pte entry = new(Cpu.ReadOnce((ulong*)(block + i)));"), "PTE1", 0x1, "A+1 cont", readsFrom: -1),
            new Step(0, StepKind.Claim, At(52, "Cpu.BugOn(!used.IsDirty, \"no-false-negative-dirty\");"), "CLAIM", "", 0, null, false, -1),
        ],
        LeftOut: 12);

    /// <summary>A weak execution: an early read, sections, waits, fences, a read that skips a newer write, and the final state.</summary>
    public static Counterexample Everything { get; } = new(
        "no-pin-on-freed-page",
        "a reference was taken on a page after its free \u2013 count 0",
        ["walker", "zapper", "owner"],
        [
            new Step(0, StepKind.Section, At(10, "Cpu.LocalIrqSave();"), "IRQ-OFF", "", 0, null, false, -1),
            Read(0, At(14, "Pte second = TPolicy.Recheck(ptep, first, aFairlyLongParameterName, anotherFairlyLongParameterName); // and more"), "PTE0", 0xff, null, -1, early: true),
            Write(1, At(20, "Cpu.WriteOnce((ulong*)ptep, 0);"), "PTE0", 0, "none"),
            new Step(1, StepKind.Fence, At(21, "Cpu.FlushTlbByBroadcast(start, length);"), "DSB.ST", "", 0, null, false, -1),
            new Step(1, StepKind.Fence, At(21, "Cpu.FlushTlbByBroadcast(start, length);"), "TLBI", "", 0, null, false, -1),
            new Step(1, StepKind.Fence, At(21, "Cpu.FlushTlbByBroadcast(start, length);"), "DSB.SY", "", 0, null, false, -1),
            Write(1, At(25, "Cpu.FetchAdd(&folio->RefCount, -1);"), "folio A refcount", 7, null, "RMW.W"),
            new Step(2, StepKind.Wait, At(60, "Cpu.SynchronizeRcu();"), "GP", "", 0, null, false, -1),
            Read(2, null, "folio A refcount", 0xdead_beef, null, readsFrom: -1),
            Read(0, At(12, "uint old = Cpu.FetchAdd(&folio->RefCount, 1);"), "folio A refcount", 7, null, readsFrom: 6, operation: "RMW.R"),
            Read(-1, At(70, "ulong count = Cpu.ReadOnce(&state->Count);"), "count", 12, null, readsFrom: -1),
            new Step(-1, StepKind.Claim, At(71, "Cpu.BugOn(count != 0, Claim);"), "CLAIM", "", 0, null, false, -1),
        ],
        LeftOut: 0);

    /// <summary>Loops over a block of four, an update in two halves, and rows that look alike and must stay apart.</summary>
    public static Counterexample Folded { get; } = new(
        "no-false-negative-dirty",
        "Cpu.BugOn(!used.IsDirty, Claim);",
        ["walker", "updater"],
        [
            .. Updates(1, At(90, "flags |= FlagsOf(new Pte(GetAndClear(start + i)));"), ("PTE0", "A+0 cont dirty", "none")),
            .. Updates(
                1, At(90, "flags |= FlagsOf(new Pte(GetAndClear(start + i)));"),
                ("PTE1", "A+1 cont clean", "none"), ("PTE2", "A+2 cont clean", "none"), ("PTE3", "A+3 cont clean", "none")),
            .. new[] { "DSB.ST", "TLBI", "DSB" }.Select(
                operation => new Step(1, StepKind.Fence, At(95, "Cpu.FlushTlbByBroadcast(start, length);"), operation, "", 0, null, false, -1)),
            .. Enumerable.Range(0, 4).Select(i => Write(1, At(97, "Cpu.WriteOnce(start + i, first + (i << PageShift));"), $"PTE{i}", 1, $"A+{i} dirty")),
            Read(0, At(40, "target = Cpu.ReadOnce(start + i);"), "PTE0", 0, "A+0 dirty", readsFrom: 11),
            Read(0, At(40, "target = Cpu.ReadOnce(start + i);"), "PTE1", 0, "none", readsFrom: 3),
            Read(0, At(40, "target = Cpu.ReadOnce(start + i);"), "PTE2", 0, "none", readsFrom: 5),
            Read(0, At(40, "target = Cpu.ReadOnce(start + i);"), "PTE3", 0, "none", readsFrom: 7),
            Read(0, At(41, "target = Cpu.ReadOnce(start + 4);"), "PTE4", 0, "none", readsFrom: -1), // another line
            Read(0, At(41, "target = Cpu.ReadOnce(start + 4);"), "PTE6", 0, "none", readsFrom: -1), // leaves one out
            Read(0, At(41, "target = Cpu.ReadOnce(start + 4);"), "PTE7", 0, "none", readsFrom: -1, early: true), // early
            Read(0, At(60, "ulong seen = Cpu.CmpXchg(entry, old, 0);"), "PTE8.low", 5, null, readsFrom: -1, operation: "RMW.R"), // fails
            Read(0, At(60, "ulong seen = Cpu.CmpXchg(entry, old, 0);"), "PTE8.low", 5, null, readsFrom: -1, operation: "RMW.R"),
            Read(0, At(60, "ulong seen = Cpu.CmpXchg(entry, old, 0);"), "PTE8.high", 6, null, readsFrom: -1, operation: "RMW.R"),
            Write(0, At(60, "ulong seen = Cpu.CmpXchg(entry, old, 0);"), "PTE8.low", 0, null, "RMW.W"),
            Write(0, At(60, "ulong seen = Cpu.CmpXchg(entry, old, 0);"), "PTE8.high", 0, null, "RMW.W"),
            new Step(0, StepKind.Claim, At(70, "Cpu.BugOn(!used.IsDirty, Claim);"), "CLAIM", "", 0, null, false, -1),
        ],
        LeftOut: 1);

    /// <summary>A row with a verdict.</summary>
    public static ResultRow Row(Verdict verdict, params ImmutableArray<VariantValue> variants) => new(
        "gup-fast/contpte-unfold", "no-false-negative-dirty", "arm64", "armv8", variants, new CheckResult(verdict, 1234, 1300), 0.12345);

    private static IEnumerable<Step> Updates(int cpu, SourceLocation at, params (string Location, string Old, string New)[] updates) =>
        updates.SelectMany(update => new[]
        {
            Read(cpu, at, update.Location, 1, update.Old, readsFrom: -1, operation: "RMW.R"),
            Write(cpu, at, update.Location, 0, update.New, "RMW.W"),
        });

    private static SourceLocation At(int line, string text) => new("/_/src/Tablewalk.Mm/Contpte/Contpte.cs", line, text, "Method");

    private static Step Read(
        int cpu, SourceLocation? at, string location, ulong value, string? description, int readsFrom, bool early = false, string operation = "R") =>
        new(cpu, StepKind.Read, at, operation, location, value, description, early, readsFrom);

    private static Step Write(int cpu, SourceLocation at, string location, ulong value, string? description, string operation = "W") =>
        new(cpu, StepKind.Write, at, operation, location, value, description, false, -1);
}
