using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Classic;

/// <summary>
/// A short notation for small programs. Threads are separated by <c>||</c>, steps by <c>;</c>. u to z are locations, other names
/// are registers, each set in one place of the whole program.
/// <code>
/// x=1            store            x:L=1      store-release
/// a=x            load             a=x:A      load-acquire, x:Q the weaker one
/// x=a            store of a register
/// x=a+1          store of a register plus a constant
/// x=1^a          store of 1 with a (false) data dependency on a
/// a=x@b, x@b=1   access with a (false) address dependency on b
/// a=x[b]         access to x if b is even, to the next location if it is odd
/// ctrl a         branch on a; all that follows is control-dependent
/// if a=1 {...}   what stands in braces runs only if a is 1
/// a=swp(x,1)     exchange; add, ior, and, cas(x,old,new); with the suffix a, l or al: acquire, release, full
/// a=ldx(x)       load-exclusive, ldax; s=stx(x,1) and stlx store-exclusive, s is 0 if it stored
/// a=sel(b,c,1)   c if b is not 0, else 1, without a branch
/// a=choose(2)    0 or 1
/// bug a=1        breaks the claim where a is 1
/// dmb.sy, mb ... fences;   irq{ ... }, rcu{ ... } sections;   ipi, gp waits
/// a=walk(x)      the MMU reads entry x for page x; walk(y@a,x) reads entry y for page x, by what it found
/// upd x=1        it updates the entry that it read last
/// fault a        it refuses an access, whose entry is not valid; perm a: it does not permit the access
/// where a=1 {...} as if, inside of the MMU: no control dependency
/// tlbi x         invalidates page x everywhere; invlpg x here
/// x.0=1, x.4=1   store of half a word
/// </code>
/// A condition is a list of <c>a=1</c> and <c>x=2</c>, all of which must hold in the end. Registers count modulo 256 there.
/// </summary>
internal static partial class ShapeParser
{
    internal const string Claim = "exists";

    private const int BitsPerRegister = 8;

    private static readonly Dictionary<string, FenceKind> s_fences = new(StringComparer.Ordinal)
    {
        ["mb"] = FenceKind.SmpMb,
        ["rmb"] = FenceKind.SmpRmb,
        ["wmb"] = FenceKind.SmpWmb,
        ["dmb.sy"] = FenceKind.DmbSy,
        ["dmb.ld"] = FenceKind.DmbLd,
        ["dmb.st"] = FenceKind.DmbSt,
        ["dsb.sy"] = FenceKind.DsbSy,
        ["dsb.ld"] = FenceKind.DsbLd,
        ["dsb.st"] = FenceKind.DsbSt,
        ["isb"] = FenceKind.Isb,
        ["mfence"] = FenceKind.MFence,
    };

    /// <summary>The program; its claim <see cref="Claim"/> is broken by the executions that end in the condition, if there is one.</summary>
    internal static (Program Program, FlatMemory Memory) Parse(string text, string condition)
    {
        var memory = new FlatMemory("u", "v", "w", "x", "y", "z");
        var places = new Dictionary<string, (int Thread, int Slot)>(StringComparer.Ordinal);
        var threads = text.Split("||").Select((body, i) => new ThreadParser(memory, places, i).Parse(body)).ToArray();
        var final = condition.Length == 0 ? null : Final(condition, threads.Length, memory, places);
        return (new Program([.. threads], final, ImmutableArray<ulong>.Empty), memory);
    }

    private static Procedure Final(string condition, int threads, FlatMemory memory, Dictionary<string, (int Thread, int Slot)> places)
    {
        var builder = new ThreadBuilder();
        var results = Enumerable.Range(0, threads).Select(_ => builder.Parameter()).ToArray();
        Operand all = 1;
        foreach (var term in condition.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, expected) = (term.Split('=')[0], ulong.Parse(term.Split('=')[1], CultureInfo.InvariantCulture));
            Register value;
            if (IsLocation(name))
            {
                value = builder.Load(memory.AddressOf(name));
            }
            else
            {
                var (thread, slot) = places[name];
                value = builder.Compute(
                    Operation.ZeroExtend, builder.Compute(Operation.ShiftRightLogical, results[thread], (ulong)(slot * BitsPerRegister)), BitsPerRegister);
            }

            all = builder.Compute(Operation.And, all, builder.Compute(Operation.Equal, value, expected));
        }

        builder.BugOn(all, Claim);
        return builder.Build("final", 0);
    }

    private static bool IsLocation(string name) => name.Length == 1 && name[0] >= 'u';

    private sealed class ThreadParser(FlatMemory memory, Dictionary<string, (int Thread, int Slot)> places, int thread)
    {
        private readonly ThreadBuilder _builder = new();
        private readonly Dictionary<string, Register> _registers = new(StringComparer.Ordinal);
        private readonly List<Register> _slots = [];

        internal ThreadCode Parse(string body)
        {
            Steps(body);
            Operand packed = 0;
            for (var i = 0; i < _slots.Count; i++)
            {
                packed = _builder.Compute(Operation.Or, packed, _builder.Compute(Operation.ShiftLeft, _slots[i], (ulong)(i * BitsPerRegister)));
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"P{thread}");
            return new ThreadCode(name, _builder.Build(name, packed), []);
        }

        private void Steps(string text)
        {
            while ((text = text.Trim(' ', ';')).Length > 0)
            {
                var brace = text.IndexOf('{', StringComparison.Ordinal);
                var end = text.IndexOf(';', StringComparison.Ordinal);
                if (brace >= 0 && (end < 0 || brace < end))
                {
                    var close = ClosingBrace(text, brace);
                    Compound(text[..brace].Trim(), text[(brace + 1)..close]);
                    text = text[(close + 1)..];
                }
                else
                {
                    Step((end < 0 ? text : text[..end]).Trim());
                    text = end < 0 ? string.Empty : text[end..];
                }
            }
        }

        private static int ClosingBrace(string text, int open)
        {
            var depth = 0;
            for (var i = open; ; i++)
            {
                depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
                if (depth == 0)
                {
                    return i;
                }
            }
        }

        private void Compound(string head, string body)
        {
            switch (head)
            {
                case "irq":
                    _builder.Section(SectionKind.IrqOff, () => Steps(body));
                    break;
                case "rcu":
                    _builder.Section(SectionKind.RcuRead, () => Steps(body));
                    break;
                default:
                    var isImplicit = head.StartsWith("where ", StringComparison.Ordinal);
                    var parts = head[(head.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('=');
                    _builder.If(_builder.Compute(Operation.Equal, _registers[parts[0]], Number(parts[1])), () => Steps(body), isImplicit: isImplicit);
                    break;
            }
        }

        private void Step(string step)
        {
            if (s_fences.TryGetValue(step, out var fence))
            {
                _builder.Fence(fence);
            }
            else if (step is "ipi" or "gp")
            {
                _builder.Wait(step == "ipi" ? WaitKind.Ipi : WaitKind.GracePeriod);
            }
            else if (step.Split(' ') is [var name, var operand] && name is "tlbi" or "invlpg")
            {
                _builder.Emit(new Invalidate(memory.AddressOf(operand), 1UL, IsAll: false, IsBroadcast: name == "tlbi"));
            }
            else if (step.Split(' ') is [var kind, var cause] && kind is "fault" or "perm")
            {
                _builder.Emit(new TakeFault(kind == "fault" ? MmuFault.Translation : MmuFault.Permission, _registers[cause]));
            }
            else if (step.StartsWith("upd ", StringComparison.Ordinal))
            {
                var parts = step["upd ".Length..].Split('=');
                _builder.Store(Address(parts[0]), Value(parts[1]), StoreOrder.HardwareUpdate);
            }
            else if (step.StartsWith("ctrl ", StringComparison.Ordinal))
            {
                _builder.If(_registers[step["ctrl ".Length..]], () => { });
            }
            else if (step.StartsWith("assume ", StringComparison.Ordinal))
            {
                var parts = step["assume ".Length..].Split('=');
                _builder.Emit(new Assume(_builder.Compute(Operation.Equal, _registers[parts[0]], Number(parts[1]))));
            }
            else if (step.StartsWith("bug ", StringComparison.Ordinal))
            {
                var parts = step["bug ".Length..].Split('=');
                _builder.BugOn(_builder.Compute(Operation.Equal, _registers[parts[0]], Number(parts[1])), Claim);
            }
            else
            {
                Assign(step);
            }
        }

        private void Assign(string step)
        {
            var equals = step.IndexOf('=', StringComparison.Ordinal);
            var (left, right) = (step[..equals], step[(equals + 1)..]);
            if (left.Split('.') is [var word, var offset])
            {
                var half = _builder.Compute(Operation.Add, memory.AddressOf(word), Number(offset));
                _builder.Emit(new Store(half, Value(right), AccessSize.Word, StoreOrder.Once));
            }
            else if (IsLocation(left[..1]))
            {
                _builder.Store(Address(left), Value(right), left.EndsWith(":L", StringComparison.Ordinal) ? StoreOrder.Release : StoreOrder.Once);
            }
            else if (Call().Match(right) is { Success: true } call)
            {
                Define(left, Intrinsic(call.Groups[1].Value, call.Groups[2].Value.Split(',')));
            }
            else
            {
                var order = right.EndsWith(":A", StringComparison.Ordinal) ? LoadOrder.Acquire
                    : right.EndsWith(":Q", StringComparison.Ordinal) ? LoadOrder.AcquirePc : LoadOrder.Once;
                Define(left, _builder.Load(Address(right), order));
            }
        }

        private Register Intrinsic(string name, string[] arguments)
        {
            if (name == "choose")
            {
                return _builder.Choose(int.Parse(arguments[0], CultureInfo.InvariantCulture));
            }

            if (name == "sel")
            {
                return _builder.Select(Value(arguments[0]), Value(arguments[1]), Value(arguments[2]));
            }

            var address = Address(arguments[0]);
            switch (name)
            {
                case "walk":
                    return _builder.Walk(address, memory.AddressOf(arguments[^1]));
                case "ldx" or "ldax":
                    return _builder.Load(address, name == "ldax" ? LoadOrder.Acquire : LoadOrder.Once, exclusive: true);
                case "stx" or "stlx":
                    return _builder.StoreExclusive(address, Value(arguments[1]), name == "stlx" ? StoreOrder.Release : StoreOrder.Once);
                default:
                    var order = name[3..] switch
                    {
                        "" => AtomicOrder.Relaxed,
                        "a" => AtomicOrder.Acquire,
                        "l" => AtomicOrder.Release,
                        "al" => AtomicOrder.Full,
                        _ => throw new FormatException(name),
                    };
                    return name[..3] switch
                    {
                        "swp" => _builder.Update(AtomicOperation.Exchange, address, Value(arguments[1]), order),
                        "ior" => _builder.Update(AtomicOperation.Or, address, Value(arguments[1]), order),
                        "and" => _builder.Update(AtomicOperation.And, address, Value(arguments[1]), order),
                        "add" => _builder.Update(AtomicOperation.Add, address, Value(arguments[1]), order),
                        "cas" => _builder.Update(AtomicOperation.CompareExchange, address, Value(arguments[2]), order, Value(arguments[1])),
                        _ => throw new FormatException(name),
                    };
            }
        }

        private void Define(string name, Register register)
        {
            _registers.Add(name, register);
            places.Add(name, (thread, _slots.Count));
            _slots.Add(register);
        }

        private Operand Address(string text)
        {
            var parts = AddressParts().Match(text).Groups;
            var address = memory.AddressOf(parts[1].Value);
            if (parts[2].Length > 0)
            {
                return _builder.Compute(Operation.Add, address, Zero(parts[2].Value));
            }

            if (parts[3].Length == 0)
            {
                return address;
            }

            var odd = _builder.Compute(Operation.And, _registers[parts[3].Value], 1);
            return _builder.Compute(Operation.Add, address, _builder.Compute(Operation.Multiply, odd, FlatMemory.StrideBytes));
        }

        private Operand Value(string text)
        {
            var (hat, plus) = (text.IndexOf('^', StringComparison.Ordinal), text.IndexOf('+', StringComparison.Ordinal));
            return hat >= 0 ? _builder.Compute(Operation.Add, Number(text[..hat]), Zero(text[(hat + 1)..]))
                : plus >= 0 ? _builder.Compute(Operation.Add, _registers[text[..plus]], Number(text[(plus + 1)..]))
                : char.IsDigit(text[0]) ? Number(text) : _registers[text];
        }

        private Register Zero(string register) => _builder.Compute(Operation.Xor, _registers[register], _registers[register]);

        private static Operand Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(\w+)\((.*)\)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^([u-z])(?:@(\w+))?(?:\[(\w+)\])?")]
    private static partial Regex AddressParts();
}
