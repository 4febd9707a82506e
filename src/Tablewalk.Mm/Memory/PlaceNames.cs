using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tablewalk.Mm;

/// <summary>
/// The names of places in an arena that nobody named one by one: fields of structs by their layout, entries of tables and words of pages by their index. They
/// do not depend on where the arena is.
/// </summary>
internal sealed class PlaceNames
{
    private readonly List<Struct> _structs = [];

    /// <summary>Names the fields of a struct.</summary>
    /// <param name="offset">Where it lies in the arena.</param>
    /// <param name="name">Its name, with what stands between that and a field's: <c>mm-></c>.</param>
    internal unsafe void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(ulong offset, string name)
        where T : unmanaged => _structs.Add(new(offset, (ulong)sizeof(T), part => FieldNames.OrNull<T>(part) is { } field ? name + field : null, null));

    /// <summary>Names the words of a table.</summary>
    internal void AddWords(ulong offset, ulong lengthBytes, string name, string? pageName) => _structs.Add(new(offset, lengthBytes, part => Word(name, part), pageName));

    /// <summary>The name of the table that lies on a page; null if there is none.</summary>
    internal string? TableOrNull(ulong pfn)
    {
        ulong offset = (pfn - PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, 0)) << PhysicalMemory.PageShift;
        return _structs.FindLast(place => offset - place.Offset < place.LengthBytes)?.PageName;
    }

    /// <summary>The name of the 8 bytes that a place lies in; null where there is nothing to say of it.</summary>
    /// <param name="offset">The place in the arena.</param>
    /// <param name="nameOfPage">The name of a page, by its page frame number.</param>
    internal string? OrNull(ulong offset, Func<ulong, string> nameOfPage)
    {
        // The one added last wins: a place may come to be used otherwise.
        for (int i = _structs.Count - 1; i >= 0; i--)
        {
            if (offset - _structs[i].Offset < _structs[i].LengthBytes && _structs[i].NameOrNull(offset - _structs[i].Offset) is { } name)
            {
                return name;
            }
        }

        ulong inMap = offset - PhysicalMemory.MemoryMapOffset;
        if (inMap < PhysicalMemory.MemoryMapLengthBytes)
        {
            (ulong index, ulong part) = Math.DivRem(inMap, PhysicalMemory.MemoryMapLengthBytes / (PhysicalMemory.BankCount * PhysicalMemory.PagesPerBank));
            ulong pfn = PhysicalMemory.PageFrame(index / PhysicalMemory.PagesPerBank, index % PhysicalMemory.PagesPerBank);
            return FieldNames.OrNull<Folio>(part) is { } field ? $"{nameOfPage(pfn)}.{field}" : null;
        }

        return offset < PhysicalMemory.PageSize
            ? null
            : Word(nameOfPage(PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, offset >> PhysicalMemory.PageShift)), offset & (PhysicalMemory.PageSize - 1));
    }

    private static string Word(string name, ulong part) => string.Create(CultureInfo.InvariantCulture, $"{name}[{part / sizeof(ulong)}]");

    private sealed record Struct(ulong Offset, ulong LengthBytes, Func<ulong, string?> NameOrNull, string? PageName);
}
