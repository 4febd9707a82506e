using System.Collections.Immutable;

namespace Tablewalk.Cat.Interpretation;

/// <summary>The names and tags in scope, and the files that were included. Immutable.</summary>
internal sealed class Environment
{
    private readonly ImmutableDictionary<string, Value> _values;
    private readonly ImmutableDictionary<string, string> _typeOfTag;
    private readonly ImmutableHashSet<string> _included;

    private Environment(ImmutableDictionary<string, Value> values, ImmutableDictionary<string, string> typeOfTag, ImmutableHashSet<string> included) =>
        (_values, _typeOfTag, _included) = (values, typeOfTag, included);

    internal static Environment Empty { get; } = new(
        ImmutableDictionary<string, Value>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableHashSet<string>.Empty.WithComparer(StringComparer.Ordinal));

    internal IEnumerable<string> Names => _values.Keys;

    internal IEnumerable<string> Tags => _typeOfTag.Keys;

    internal Value? Find(string name) => _values.GetValueOrDefault(name);

    internal string? TypeOfTag(string tag) => _typeOfTag.GetValueOrDefault(tag);

    internal IEnumerable<string> TagsOf(string type) => _typeOfTag.Where(t => t.Value == type).Select(t => t.Key);

    internal bool HasIncluded(string file) => _included.Contains(file);

    internal Environment With(string name, Value value) => new(_values.SetItem(name, value), _typeOfTag, _included);

    internal Environment WithTag(string tag, string type) => new(_values, _typeOfTag.SetItem(tag, type), _included);

    internal Environment WithIncluded(string file) => new(_values, _typeOfTag, _included.Add(file));
}
