using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Support;

/// <summary>A few named 8-byte locations, each on a line of its own; zero unless told otherwise. Nothing else is memory.</summary>
internal sealed class FlatMemory : IInitialMemory
{
    private const ulong Base = 0x1_0000;
    internal const ulong StrideBytes = 64;

    private readonly string[] _names;
    private readonly ulong[] _values;

    internal FlatMemory(params string[] names) => (_names, _values) = (names, new ulong[names.Length]);

    internal IReadOnlyList<string> Names => _names;

    internal ulong this[string name]
    {
        get => _values[IndexOf(name)];
        set => _values[IndexOf(name)] = value;
    }

    internal ulong AddressOf(string name) => Base + ((ulong)IndexOf(name) * StrideBytes);

    public bool TryRead(ulong address, int sizeBytes, out ulong value)
    {
        value = 0;
        if (address < Base || address % (ulong)sizeBytes != 0)
        {
            return false;
        }

        var (index, offset) = Math.DivRem(address - Base, StrideBytes);
        if (index >= (ulong)_names.Length || offset + (ulong)sizeBytes > 8)
        {
            return false;
        }

        value = Operation.ZeroExtend.Evaluate(_values[index] >> (int)(offset * 8), (ulong)sizeBytes * 8);
        return true;
    }

    public string NameOf(ulong address, int sizeBytes) => _names[(address - Base) / StrideBytes];

    public string? Describe(ulong address, int sizeBytes, ulong value) => null;

    private int IndexOf(string name)
    {
        var index = Array.IndexOf(_names, name);
        return index >= 0 ? index : throw new ArgumentException($"no location is called '{name}'", nameof(name));
    }
}
