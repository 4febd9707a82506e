namespace Tablewalk.Cat.Tests.Evaluation;

/// <summary>Makes models of random expressions over the whole vocabulary, well-kinded by construction.</summary>
internal sealed class RandomModel(Random random)
{
    private static readonly string[] s_sets = ["R", "W", "F", "A", "L", "M", "_", "DMB.SY", "RMW", "emptyset"];

    private static readonly string[] s_relations =
    [
        "po", "po", "rf", "rf", "co", "co", "addr", "ctrl", "rmw", "amo", "loc", "int", "si", "wait-order", "id", "ext", "fr", "rfe", "fre", "po-loc", "0",
    ];

    private readonly List<string> _names = [];

    internal static string Text(int seed) => new RandomModel(new(seed)).Make();

    private string Make()
    {
        var text = new System.Text.StringBuilder();
        for (var i = random.Next(3); i > 0; i--)
        {
            var name = $"r{_names.Count}";
            if (random.Next(2) == 0)
            {
                // Recursion that only adds; r ; r too, as that is treated apart.
                var shape = random.Next(3) switch { 0 => $"{name} ; {name}", 1 => $"{name} ; ({Relation(2)})", _ => $"({Relation(1)}) ; {name} & ({Relation(2)})" };
                text.AppendLine($"let rec {name} = {Relation(2)} | {shape}");
            }
            else
            {
                text.AppendLine($"let {name} = {Relation(3)}");
            }

            _names.Add(name);
        }

        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var kind = random.Next(3) switch { 0 => "acyclic", 1 => "irreflexive", _ => "empty" };
            text.AppendLine($"{(random.Next(8) == 0 ? "~" : "")}{kind} {Relation(4)} as c{i}");
        }

        return text.ToString();
    }

    private string Relation(int depth)
    {
        if (depth == 0 || random.Next(6) == 0)
        {
            return _names.Count > 0 && random.Next(4) == 0 ? _names[random.Next(_names.Count)] : s_relations[random.Next(s_relations.Length)];
        }

        string R() => Relation(depth - 1);
        return random.Next(15) switch
        {
            0 or 1 => $"({R()} | {R()})",
            2 or 3 => $"({R()} & {R()})",
            4 or 5 or 6 => $"({R()} ; {R()})",
            7 => $"({R()} \\ {R()})",
            8 => $"({R()} ; [{Set(1)}] ; {R()})",
            9 => $"([{Set(1)}] ; {R()} ; [{Set(1)}])",
            10 => $"({Set(1)} * {Set(1)})",
            11 => $"({R()})^-1",
            12 => $"({R()})+",
            13 => random.Next(2) == 0 ? $"({R()})?" : $"({R()})*",
            _ => random.Next(2) == 0 ? $"[{Set(2)}]" : $"(~{s_relations[random.Next(s_relations.Length)]})",
        };
    }

    private string Set(int depth)
    {
        if (depth == 0 || random.Next(3) == 0)
        {
            return s_sets[random.Next(s_sets.Length)];
        }

        return random.Next(6) switch
        {
            0 => $"({Set(depth - 1)} | {Set(depth - 1)})",
            1 => $"({Set(depth - 1)} & {Set(depth - 1)})",
            2 => $"({Set(depth - 1)} \\ {Set(depth - 1)})",
            3 => $"(~{s_sets[random.Next(s_sets.Length)]})",
            4 => $"domain({Relation(depth - 1)})",
            _ => $"range({Relation(depth - 1)})",
        };
    }
}
