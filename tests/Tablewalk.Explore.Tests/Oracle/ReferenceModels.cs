using System.Numerics;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>
/// The three models as predicates in C#, written from the papers and apart from <c>models/*.cat</c>, so that a mistake in a cat file or in
/// its evaluation shows as a difference. Sources: Owens, Sarkar, Sewell, "A Better x86 Memory Model: x86-TSO" (2009); Pulte et al.,
/// "Simplifying ARM Concurrency" (POPL 2018); Alglave, Maranget, Tautschnig, "Herding Cats" (TOPLAS 2014).
/// </summary>
internal static class ReferenceModels
{
    /// <summary>The models that allow a candidate; null if it is incoherent or not atomic, which none allows.</summary>
    internal static IReadOnlyCollection<string>? Allowing(Candidate candidate)
    {
        var c = new Vocabulary(candidate);
        return c.IsCoherent && c.IsAtomic ? [.. Allowing(c)] : null;
    }

    private static IEnumerable<string> Allowing(Vocabulary c)
    {
        if ((c.Po | c.Rf | c.Co | c.Fr | c.Waits).IsAcyclic)
        {
            yield return "sc";
        }

        if ((c.TsoPreserved | c.Rfe | c.Co | c.Fr | c.Waits).IsAcyclic)
        {
            yield return "x86-tso";
        }

        if ((c.Rfe | c.Coe | c.Fre | c.ArmPreserved | c.Waits).IsAcyclic)
        {
            yield return "armv8";
        }
    }

    /// <summary>The relations that the formulas use.</summary>
    private sealed class Vocabulary(Candidate candidate)
    {
        internal Bits Po { get; } = Bits.Of(candidate.Events.Count, candidate.Pairs("po"));

        internal Bits Rf { get; } = Bits.Of(candidate.Events.Count, candidate.Pairs("rf"));

        internal Bits Co { get; } = Bits.Of(candidate.Events.Count, candidate.Pairs("co"));

        internal Bits Fr => Rf.Inverse * Co;

        internal Bits Rfe => Rf & External;

        internal Bits Rfi => Rf & Base("int");

        internal Bits Coe => Co & External;

        internal Bits Fre => Fr & External;

        internal bool IsCoherent => ((Po & Base("loc")) | Rf | Co | Fr).IsAcyclic;

        internal bool IsAtomic => (Base("rmw") & (Fre * Coe)).IsEmpty;

        /// <summary>A wait is a full barrier; of a section only the end comes before it, or only the entry after it.</summary>
        internal Bits Waits
        {
            get
            {
                var wait = Set("IPI") | Set("GP");
                var order = Base("wait-order");
                return (Po * wait) | (wait * Po) | (Po * order * wait) | (wait * order * Po);
            }
        }

        /// <summary>All of program order but write to later read, unless a fence or a locked instruction stands between or takes part.</summary>
        internal Bits TsoPreserved
        {
            get
            {
                var locked = Set("AMO") | Set("RMW");
                var full = Set("MFENCE");
                var storeToLoad = Set("W") * Po * Set("R");
                return (Po * (Set("M") | full)).Without(storeToLoad) | (Po * full * Po) | (locked * Po) | (Po * locked);
            }
        }

        internal Bits ArmPreserved
        {
            get
            {
                var (r, w, a, q, l) = (Set("R"), Set("W"), Set("A"), Set("Q"), Set("L"));
                var (addr, data, ctrl) = (r * Base("addr"), r * Base("data"), r * Base("ctrl"));
                var (pickAddr, pickData, pickCtrl) = (Base("pick-addr"), Base("pick-data"), Base("pick-ctrl"));
                var rmw = Base("rmw");
                var laterWrite = Po & Base("loc") & (Po * w);
                var dependencies = addr | data | (ctrl * w) | ((ctrl | (addr * Po)) * Set("ISB") * Po * r) | (addr * Po * w)
                    | ((addr | data) * Rfi);
                var atomics = rmw | (rmw * Rfi * (a | q));
                var fullBarrier = Po * (Set("DMB.SY") | Set("DSB.SY")) * Po;
                var fullAtomic = (a * Base("amo") * l).Range * Po;
                var barriers = fullBarrier | fullAtomic | (l * Po * a)
                    | (r * Po * (Set("DMB.LD") | Set("DSB.LD")) * Po)
                    | ((a | q) * Po)
                    | (w * Po * Set("DMB.ST") * Po * w) | (w * Po * Set("DSB.ST") * Po)
                    | (Po * l);
                // A read that a pick leads to through memory; what is picked, with and without memory on the way.
                var carried = ((Base("data") | pickData) * Rfi).Star;
                var speculative = r * carried * pickData * Rfi * carried;
                var pickedAddress = (r * carried * pickAddr) | (speculative * addr);
                var pickedControl = (r * carried * pickCtrl) | (speculative * ctrl);
                var picked = speculative | pickedAddress | pickedControl | (r * carried * pickData) | (speculative * data);
                var picks = (picked * w) | ((pickedControl | (pickedAddress * Po)) * Set("ISB") * Po * r) | (pickedAddress * Po * w);
                var preserved = laterWrite | dependencies | atomics | barriers | picks | Waits;
                while (true)
                {
                    var more = preserved | (picked * r * preserved.Star * preserved * w);
                    if (more.IsSame(preserved))
                    {
                        return preserved;
                    }

                    preserved = more;
                }
            }
        }

        private Bits External => Base("ext");

        private Bits Base(string name) => Bits.Of(candidate.Events.Count, candidate.Pairs(name));

        private Bits Set(string name) =>
            Bits.Of(candidate.Events.Count, Enumerable.Range(0, candidate.Events.Count).Where(e => candidate.Events[e].IsIn(name)).Select(e => (e, e)));
    }

    /// <summary>A relation over at most 64 events, a word a row. <c>*</c> is composition; a set is a part of the identity.</summary>
    private readonly struct Bits(ulong[] rows)
    {
        private readonly ulong[] _rows = rows;

        internal bool IsEmpty => _rows.All(r => r == 0);

        internal Bits Inverse => Of(_rows.Length, Pairs().Select(p => (p.To, p.From)));

        internal Bits Range => Of(_rows.Length, Pairs().Select(p => (p.To, p.To)));

        /// <summary>The reflexive and transitive closure.</summary>
        internal Bits Star
        {
            get
            {
                var star = Of(_rows.Length, Enumerable.Range(0, _rows.Length).Select(e => (e, e))) | this;
                for (var longer = star * star; !longer.IsSame(star); longer = star * star)
                {
                    star = longer;
                }

                return star;
            }
        }

        internal bool IsAcyclic
        {
            get
            {
                // Remove what has no successor among the rest, until nothing changes; a cycle never goes away.
                var left = _rows.Length == 64 ? ulong.MaxValue : (1UL << _rows.Length) - 1;
                for (var before = 0UL; before != left;)
                {
                    before = left;
                    for (var e = 0; e < _rows.Length; e++)
                    {
                        left &= (_rows[e] & left) == 0 ? ~(1UL << e) : ulong.MaxValue;
                    }
                }

                return left == 0;
            }
        }

        public static Bits operator |(Bits a, Bits b) => new([.. a._rows.Select((row, i) => row | b._rows[i])]);

        public static Bits operator &(Bits a, Bits b) => new([.. a._rows.Select((row, i) => row & b._rows[i])]);

        public static Bits operator *(Bits a, Bits b)
        {
            var rows = new ulong[a._rows.Length];
            for (var from = 0; from < rows.Length; from++)
            {
                for (var via = a._rows[from]; via != 0; via &= via - 1)
                {
                    rows[from] |= b._rows[BitOperations.TrailingZeroCount(via)];
                }
            }

            return new Bits(rows);
        }

        internal static Bits Of(int count, IEnumerable<(int From, int To)> pairs)
        {
            var rows = new ulong[count];
            foreach (var (from, to) in pairs)
            {
                rows[from] |= 1UL << to;
            }

            return new Bits(rows);
        }

        internal bool IsSame(Bits other) => _rows.AsSpan().SequenceEqual(other._rows);

        internal Bits Without(Bits b) => new([.. _rows.Select((row, i) => row & ~b._rows[i])]);

        private IEnumerable<(int From, int To)> Pairs()
        {
            for (var from = 0; from < _rows.Length; from++)
            {
                for (var rest = _rows[from]; rest != 0; rest &= rest - 1)
                {
                    yield return (from, BitOperations.TrailingZeroCount(rest));
                }
            }
        }
    }
}
