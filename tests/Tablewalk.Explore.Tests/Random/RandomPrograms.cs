using System.Globalization;

namespace Tablewalk.Explore.Tests.Random;

/// <summary>Small random programs in the notation of <see cref="Classic.ShapeParser"/>, the same for the same seed.</summary>
internal sealed class RandomPrograms
{
    private static readonly string[] s_fences = ["mb", "rmb", "wmb", "dmb.sy", "dmb.ld", "dmb.st", "dsb.sy", "dsb.ld", "dsb.st", "isb", "mfence"];
    private static readonly string[] s_atomics = ["swp", "add", "ior", "and", "cas"];
    private static readonly string[] s_orders = ["", "a", "l", "al"];

    private readonly System.Random _random;
    private readonly List<string> _registers = []; // of the thread being written
    private readonly bool _hasSections;
    private readonly bool _mostlyUpdates;
    private readonly bool _hasAssumptions;
    private int _registerCount;
    private int _budget;
    private int _updates;
    private int _sums; // few, since each doubles the values that the oracle has to guess from

    private RandomPrograms(int seed, bool mostlyUpdates, bool hasAssumptions = false)
    {
        _random = new System.Random(seed);
        _mostlyUpdates = mostlyUpdates;
        _hasAssumptions = hasAssumptions;
        _hasSections = !mostlyUpdates && Chance(0.12);
    }

    /// <summary>A program, and a condition on its registers and memory which breaks its claim.</summary>
    internal static (string Program, string Condition) Make(int seed) => new RandomPrograms(seed, mostlyUpdates: false).Make();

    /// <summary>The same with updates for three quarters of the accesses.</summary>
    internal static (string Program, string Condition) MakeOfUpdates(int seed) => new RandomPrograms(seed, mostlyUpdates: true).Make();

    /// <summary>With values that loads must get, as those that end a wait: whatever gets another one is no execution.</summary>
    internal static (string Program, string Condition) MakeWithAssumptions(int seed) => new RandomPrograms(seed, mostlyUpdates: seed % 3 == 0, hasAssumptions: true).Make();

    /// <summary>A section that looks, updates if it likes what it sees and looks again, against a thread that changes something, waits for sections, and updates.</summary>
    internal static (string Program, string Condition) MakeOfSections(int seed) => new RandomPrograms(seed, mostlyUpdates: false).MakeSection();

    private (string Program, string Condition) MakeSection()
    {
        var first = Chance(0.7) ? Load() : Update();
        var second = Update();
        var section = $"{first}; if r0={_random.Next(2)} {{{second}; if r1={_random.Next(2)} {{{(Chance(0.7) ? Load() : Store())}}}}}";
        _registers.Clear();
        var before = Chance(0.5) ? Store() : Update();
        var (number, after) = (_registerCount, Chance(0.8) ? Update() : Load());
        var waiting = $"{before}; {(Chance(0.6) ? "ipi" : "gp")}; {after}; if r{number}={_random.Next(2)} {{{Location()}=2}}";
        return ($"{(Chance(0.7) ? "irq" : "rcu")}{{{section}}} || {waiting}", "");
    }

    private (string Program, string Condition) Make()
    {
        var threads = Chance(0.55) ? 2 : 3;
        var claims = new List<string>();
        var bodies = new List<string>();
        for (var t = 0; t < threads; t++)
        {
            _registers.Clear();
            _budget = (threads, _mostlyUpdates) switch
            {
                (3, true) => _random.Next(1, 3),
                (_, true) => _random.Next(2, 4),
                (3, _) => Chance(0.7) ? 2 : _random.Next(1, 4),
                _ => Chance(0.15) ? 4 : Chance(0.75) ? 3 : 2,
            };
            var steps = new List<string>();
            while (_budget > 0)
            {
                steps.AddRange(Step());
            }

            if (_registers.Count > 0 && Chance(0.25))
            {
                steps.Add($"bug {Register()}={_random.Next(3)}");
            }

            bodies.Add(string.Join("; ", steps));
            claims.AddRange(_registers.Where(_ => Chance(0.6)).Select(r => $"{r}={_random.Next(3)}"));
        }

        if (Chance(0.3))
        {
            claims.Add($"{Location()}={_random.Next(3)}");
        }

        return (string.Join(" || ", bodies), string.Join(' ', claims.Take(3)));
    }

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private string Pick(string[] among) => among[_random.Next(among.Length)];

    private string Location() => Chance(0.5) ? "x" : "y";

    private string Register() => _registers[_random.Next(_registers.Count)];

    private string NewRegister()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"r{_registerCount++}");
        _registers.Add(name);
        return name;
    }

    private string Place() =>
        _registers.Count == 0 || Chance(0.7) ? Location() : Chance(0.6) ? $"{Location()}@{Register()}" : $"x[{Register()}]";

    private string Value() =>
        _registers.Count == 0 || Chance(_mostlyUpdates ? 0.75 : 0.55) ? $"{_random.Next(1, 3)}"
        : Chance(0.4) ? Register()
        : Chance(0.5) && _sums++ < 2 ? $"{Register()}+1" : $"{_random.Next(1, 3)}^{Register()}";

    // One step of the thread, or a few that belong together.
    private string[] Step()
    {
        _budget--;
        var kind = _random.NextDouble();
        if (_hasSections && Chance(0.35))
        {
            return [Chance(0.5) ? Section() : Chance(0.5) ? "ipi" : "gp"];
        }

        if (_hasAssumptions && _registers.Count > 0 && Chance(0.35))
        {
            return [$"assume {Register()}={_random.Next(3)}"];
        }

        return _mostlyUpdates ? StepOfUpdates(kind) : kind switch
        {
            < 0.33 => [Load()],
            < 0.68 => [Store()],
            < 0.77 when _updates < 3 => [Update()],
            < 0.81 when _updates < 3 && _budget > 0 => Exclusives(),
            < 0.88 when _registers.Count > 0 => [Conditional()],
            < 0.90 when _registers.Count > 0 => [$"{Fresh(out var to)}=sel({Register()},{Value()},{Value()})", .. Named(to)],
            < 0.92 => [$"{Fresh(out var to)}=choose(2)", .. Named(to)],
            < 0.95 when _registers.Count > 0 => [$"ctrl {Register()}"],
            _ => [Pick(s_fences)],
        };
    }

    // Three quarters of the accesses are updates.
    private string[] StepOfUpdates(double kind) => kind switch
    {
        < 0.10 => [Load()],
        < 0.20 => [Store()],
        < 0.27 when _budget > 0 => Exclusives(),
        < 0.82 => [Update()],
        < 0.91 when _registers.Count > 0 => [Conditional()],
        < 0.95 when _registers.Count > 0 => [$"ctrl {Register()}"],
        _ => [Pick(s_fences)],
    };

    private string Load()
    {
        var place = Place() + (Chance(0.7) ? "" : Chance(0.5) ? ":A" : ":Q");
        return $"{NewRegister()}={place}";
    }

    private string Store()
    {
        var value = Value();
        return $"{Place()}{(Chance(0.75) ? "" : ":L")}={value}";
    }

    private string Update()
    {
        _updates++;
        var (operation, place, order) = (Pick(s_atomics), Place(), Pick(s_orders));
        if (_mostlyUpdates && operation is "add" or "ior" && _sums++ > 0)
        {
            operation = "cas";
        }

        var arguments = operation == "cas" ? $"{(Chance(0.6) ? "0" : Value())},{Value()}" : Value();
        return $"{NewRegister()}={operation}{order}({place},{arguments})";
    }

    private string[] Exclusives()
    {
        _updates++;
        _budget--;
        var (place, loads, stores) = (Location(), Chance(0.7) ? "ldx" : "ldax", Chance(0.7) ? "stx" : "stlx");
        var load = $"{NewRegister()}={loads}({place})";
        var between = _budget > 0 && Chance(0.3) ? Step() : [];
        var to = Chance(0.9) ? place : Location();
        var value = Value();
        return [load, .. between, $"{NewRegister()}={stores}({to},{value})"];
    }

    private string Conditional()
    {
        var condition = $"if {Register()}={_random.Next(3)}";
        _budget = Math.Max(_budget, 1);
        return $"{condition} {{{string.Join("; ", Step())}}}";
    }

    private string Section()
    {
        _budget = Math.Max(_budget, 1);
        var body = Enumerable.Range(0, Chance(0.5) ? 1 : 2).SelectMany(_ => _budget > 0 ? Plain() : []).ToArray();
        return $"{(Chance(0.6) ? "irq" : "rcu")}{{{string.Join("; ", body)}}}";
    }

    // A step that is no section, since sections of one kind do not nest here.
    private string[] Plain()
    {
        _budget--;
        return [Chance(0.5) ? Load() : Store()];
    }

    // Not readable before its own step ends: the name counts as a register only from Named on.
    private string Fresh(out string name) => name = string.Create(CultureInfo.InvariantCulture, $"r{_registerCount++}");

    private string[] Named(string register)
    {
        _registers.Add(register);
        return [];
    }
}
