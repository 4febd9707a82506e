namespace Tablewalk.Explore.Tests.Classic;

/// <summary>
/// Small programs with accesses through the MMU: the walk of an entry, then the access that it leads to. Verdicts by hand, after: Intel SDM volume 3, sections
/// 5.8 (accessed and dirty flags), 5.10 (caching translation information), 9.3 (serializing instructions); ARM DDI 0487, B2.3 and D8.16. Under sc there is no TLB, and an access happens at once with its walk.
/// The published suites have none for x86, and for Armv8 tables of one level only.
/// </summary>
internal static class TranslationShapes
{
    internal static readonly Shape[] All =
    [
        // A TLB may have what the entry was before, whatever the program has seen since.
        new("MP+mb+mb-walk", "x=1; mb; y=1 || a=y; mb; b=walk(x); c=z@b", "a=1 b=0", "FAA"),
        new("MP+mb+mfence-walk", "x=1; mb; y=1 || a=y; mfence; b=walk(x); c=z@b", "a=1 b=0", "FA-"),
        new("MP+mb+walk-walk", "x=1; mb; y=1 || a=walk(y); c=z@a; b=walk(x); d=z@b", "a=1 b=0", "FAA"),
        new("MP+mb+po-walk-fault", "x=1; mb; y=1 || a=y; b=walk(x); where b=0 {perm b}", "a=1 b=0", "FAA"),

        // An IPI whose handlers invalidate (x86): afterwards neither the old entry is found nor an access under way that found it, nor what came before one.
        new("MP+ipi-flush+po-walk", "x=1; tlbi x; ipi; y=1 || a=y; b=walk(x); c=z@b", "a=1 b=0", "FF-"),
        new("W+walk+ipi-flush", "x=1; tlbi x; ipi; z=2 || b=walk(x); z@b=1", "b=0 z=1", "FF-"),
        new("W+walk+ipi-flush-of-another-page", "x=1; tlbi w; ipi; z=2 || b=walk(x); z@b=1", "b=0 z=1", "FA-"),
        new("W+walk+invlpg", "x=1; invlpg x; ipi; z=2 || b=walk(x); z@b=1", "b=0 z=1", "FA-"),
        new("W+walk+no-flush", "x=1; mb; z=2 || b=walk(x); z@b=1", "b=0 z=1", "FAA"),
        new("R+ipi-flush+po-walk", "x=1; tlbi x; ipi; u=2 || u=1; b=walk(x); c=z@b", "b=0 u=1", "FF-"),
        new("SB-by-handler", "v=1; tlbi x; ipi; u=2 || u=1; b=walk(x); c=v@b", "c=0 u=1", "FF-"),
        new("SB-without-handler", "v=1; ipi; u=2 || u=1; b=walk(x); c=v@b", "c=0 u=1", "FA-"),
        new("W+two-level-walk+ipi-flush", "x=1; tlbi x; ipi; y=1 || a=walk(x); b=walk(y@a,x); c=z@b", "a=0 b=1", "FF-"),

        // Each CPU runs the handler at a time of its own: one uses the new entry and tells another, which uses the old one still.
        new("WRC+ipi-flush+walk+walk", "x=1; tlbi x; ipi || a=walk(x); w@a=1 || c=w; b=walk(x); d=z@b", "a=1 b=0 c=1", "FA-"),
        new("WRC+ipi-flush+walk+walk-after", "x=1; tlbi x; ipi; y=1 || a=y; b=walk(x); w@b=1 || c=w; d=walk(x); e=z@d", "a=1 c=1 d=0", "FF-"),

        // Arm's broadcast: the same of accesses, while what else the other CPU does takes no part.
        new("MP+flush+po-walk", "x=1; dsb.st; tlbi x; dsb.sy; y=1 || a=y; b=walk(x); c=z@b", "a=1 b=0", "F-A"),
        new("MP+flush+ctrl-isb-walk", "x=1; dsb.st; tlbi x; dsb.sy; y=1 || a=y; ctrl a; isb; b=walk(x); c=z@b", "a=1 b=0", "F-F"),
        new("W+walk+flush", "x=1; dsb.st; tlbi x; dsb.sy; z=2 || b=walk(x); z@b=1", "b=0 z=1", "F-F"),
        new("W+walk+flush-of-another-page", "x=1; dsb.st; tlbi w; dsb.sy; z=2 || b=walk(x); z@b=1", "b=0 z=1", "F-A"),
        new("W+walk+flush-without-dsb", "x=1; tlbi x; dsb.sy; z=2 || b=walk(x); z@b=1", "b=0 z=1", "F-A"),
        new("W+two-level-walk+flush", "x=1; dsb.st; tlbi x; dsb.sy; y=1 || a=walk(x); b=walk(y@a,x); c=z@b", "a=0 b=1", "F-F"),
        new("W+two-level-walk+mb", "x=1; mb; y=1 || a=walk(x); b=walk(y@a,x); c=z@b", "a=0 b=1", "FAA"),

        // On the own processor an invalidation stands where the program has it; on x86 it waits for the store buffer besides.
        new("CoWR+invlpg-walk", "x=1; invlpg x; b=walk(x); c=z@b", "b=0", "FFA"),
        new("CoWR+walk", "x=1; b=walk(x); c=z@b", "b=0", "FAA"),
        new("CoRW+walk", "a=walk(x); c=z@a; x=1", "a=1", "FFF"),
        new("CoRW+walk-alone", "a=walk(x); x=1", "a=1", "FFF"),
        new("SB+invlpg+mfence", "x=1; invlpg w; a=y || y=1; mfence; b=x", "a=0 b=0", "FF-"),

        // What is in memory as the walk comes to it: it found a new table, so it finds what was written there before; a TLB has no entry that is not valid.
        new("MP+walk-walk-fault", "x=1; wmb; y=1 || a=walk(y); b=walk(x@a,y); where b=0 {fault b}", "a=1 b=0", "FFF"),
        new("MP+walk-walk-perm", "x=1; wmb; y=1 || a=walk(y); b=walk(x@a,y); where b=0 {perm b}", "a=1 b=0", "FAA"),
        new("MP+walk-fault-po", "y=1; wmb; x=1 || b=walk(x); where b=1 {fault b}; c=y", "b=1 c=0", "FFF"),
        new("MP+walk-access", "y=1; wmb; x=1 || b=walk(x); c=y@b", "b=1 c=0", "FFF"),
        new("MP+halves-walk", "x.4=1; wmb; x.0=1 || a=walk(x); bug a=1", "", "FF-"),
        new("MP+halves-walk-other-order", "x.0=1; wmb; x.4=1 || a=walk(x); bug a=1", "", "AA-"),

        // After a fault the retry reads memory on x86; Arm's software sees to that.
        new("MP+mb+po-perm-walk", "x=1; mb; y=1 || a=y; b=walk(x); where b=0 {perm b}; c=walk(x); d=z@c", "a=1 b=0 c=0", "FFA"),
        new("MP+mb+po-walk-walk", "x=1; mb; y=1 || a=y; b=walk(x); e=z@b; c=walk(x); d=z@c", "a=1 b=0 c=0", "FAA"),
        new("MP+mb+perm-local-flush-walk", "x=1; mb; y=1 || a=y; b=walk(x); where b=0 {perm b}; dsb.sy; invlpg x; dsb.sy; isb; c=walk(x); d=z@c", "a=1 b=0 c=0", "FFF"),

        // The update is in one piece with the walk, and before the access.
        new("RMW+walk", "a=walk(x); upd x=1; c=z@a || x=2", "a=0 x=1", "FFF"),
        new("RMW+walk-after", "a=walk(x); upd x=1; c=z@a || x=2", "a=0 x=2", "AAA"),
        new("RMW+own-store-walk", "x=2; a=walk(x); upd x=3; c=z@a", "a=2 x=2", "FFF"),
        new("RMW+own-store-old-walk", "x=2; a=walk(x); upd x=1; c=z@a", "a=0 x=1", "FFF"),
        new("WRC+walk-walk-update", "z=1; wmb; y=1 || a=walk(y); b=walk(x@a,y); upd x=3; d=w@b || c=x; rmb; e=z", "a=1 c=3 e=0", "FF-"),
        new("MP+update-access", "a=walk(x); upd x=1; z@a=1 || b=z; rmb; c=x", "b=1 c=0", "FF-"),
        new("W+walk-walk-update", "x=2; mb; c=y || y=1 || a=walk(y); b=walk(x@a,y); upd x=1; d=w@b", "a=1 b=0 c=0 x=2", "FF-"),
        new("MP+own-store-update", "v=1; x=2; b=walk(x); upd x=3; d=w@b || c=x; rmb; e=v", "b=2 c=3 e=0", "FF-"),
    ];
}
