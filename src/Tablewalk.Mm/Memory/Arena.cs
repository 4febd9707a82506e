using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>Says a value in words; null to show it as a number.</summary>
/// <param name="sizeBytes">The size of the access.</param>
/// <param name="offsetBytes">Where the access begins in the described range.</param>
/// <param name="value">The value, zero-extended.</param>
public delegate string? ValueDescriber(int sizeBytes, ulong offsetBytes, ulong value);

/// <summary>
/// The memory of one scenario: <see cref="PhysicalMemory.ArenaLengthBytes"/> of native memory, aligned to that length, that holds the memory map,
/// page tables, pages and small structs, and the names that reports give to them.
/// </summary>
/// <remarks>
/// The first page stays unused, so that offset 0 belongs to nobody. Allocation only ever goes up, in a fixed order, so the same set-up gives the
/// same offsets, and no value in memory depends on where the arena was mapped, except pointers that a set-up stores on purpose.
/// </remarks>
public sealed unsafe class Arena : IDisposable
{
    private readonly List<NamedRange> _names = [];
    private readonly List<DescribedRange> _describers = [];
    private readonly SortedDictionary<ulong, string> _pageNames = [];
    private readonly PlaceNames _places = new();
    private ulong _nextPage;
    private ulong _nextSmall;
    private ulong _smallEnd;
    private void* _allocation;

    /// <summary>Allocates an arena, all zero. The system gives it memory page by page as it is touched.</summary>
    /// <exception cref="OutOfMemoryException">There is not twice <see cref="LengthBytes"/> of address space.</exception>
    public Arena()
    {
        // Aligned by hand: an aligned allocation would have to be cleared, and so touched.
        _allocation = NativeMemory.AllocZeroed((nuint)LengthBytes * 2);
        Base = (byte*)(((ulong)_allocation + LengthBytes - 1) & ~(LengthBytes - 1));
        ulong used = PhysicalMemory.MemoryMapOffset + PhysicalMemory.MemoryMapLengthBytes;
        _nextPage = (used + PhysicalMemory.PageSize - 1) / PhysicalMemory.PageSize;
    }

    /// <summary>The first byte.</summary>
    public byte* Base { get; private set; }

    /// <summary>The length, in bytes.</summary>
    public static ulong LengthBytes => PhysicalMemory.ArenaLengthBytes;

    /// <summary>Takes consecutive zeroed pages for tables and the like.</summary>
    /// <exception cref="InvalidOperationException">The half of the arena that is for single pages is used up.</exception>
    public void* AllocatePages(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ulong first = _nextPage;
        if (first + (ulong)count > PhysicalMemory.FirstLargePage)
        {
            throw new InvalidOperationException("the arena has no page left");
        }

        _nextPage += (ulong)count;
        return Base + (first << PhysicalMemory.PageShift);
    }

    /// <summary>Takes all single pages that are left, for <see cref="FolioAllocator"/>.</summary>
    /// <returns>The first, as a page of the mapped bank.</returns>
    /// <exception cref="InvalidOperationException">They were taken already.</exception>
    internal ulong TakeAllPages()
    {
        if (_nextPage >= PhysicalMemory.FirstLargePage)
        {
            throw new InvalidOperationException("the arena has no page left");
        }

        ulong first = _nextPage;
        _nextPage = PhysicalMemory.FirstLargePage;
        return first;
    }

    /// <summary>Takes a zeroed small struct, on a cache line of its own.</summary>
    /// <exception cref="InvalidOperationException">The arena has no page left.</exception>
    public T* Allocate<T>()
        where T : unmanaged
    {
        ulong size = ((ulong)sizeof(T) + 63) & ~63UL;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, PhysicalMemory.PageSize);
        if (_nextSmall + size > _smallEnd)
        {
            _nextSmall = (ulong)AllocatePages() - (ulong)Base;
            _smallEnd = _nextSmall + PhysicalMemory.PageSize;
        }

        ulong at = _nextSmall;
        _nextSmall += size;
        return (T*)(Base + at);
    }

    /// <summary>Puts a folio to use: sets its references and names its pages and its reference count.</summary>
    /// <param name="pfn">The page frame of its first page, from <see cref="PhysicalMemory.PageFrame"/>.</param>
    /// <param name="refcount">How many references are held.</param>
    /// <param name="name">Its name, such as <c>A</c>.</param>
    public Folio* UseFolio(ulong pfn, ulong refcount, string name)
    {
        Folio* folio = PhysicalMemory.FolioOf(Base, pfn);
        folio->Refcount = refcount;
        Name(&folio->Refcount, sizeof(ulong), $"{name}.refcount");
        ulong pages = PhysicalMemory.FolioPagesOf(pfn);
        for (ulong i = 0; i < pages; i++)
        {
            _pageNames[pfn + i] = pages > 1 ? string.Create(CultureInfo.InvariantCulture, $"{name}+{i}") : name;
        }

        return folio;
    }

    /// <summary>The name of a page, such as <c>A+3</c>; null if it has none.</summary>
    public string? PageNameOrNull(ulong pfn) => _pageNames.GetValueOrDefault(pfn);

    /// <summary>The name of a page: its own, that of the table on it, or its number.</summary>
    public string NameOfPage(ulong pfn) => PageNameOrNull(pfn) ?? _places.TableOrNull(pfn) ?? string.Create(CultureInfo.InvariantCulture, $"page 0x{pfn:x}");

    /// <summary>The pages that have names, by page frame.</summary>
    public IEnumerable<KeyValuePair<ulong, string>> PageNames => _pageNames;

    /// <summary>Names a range of memory for reports. The name given last wins.</summary>
    public void Name(void* p, ulong sizeBytes, string name) => _names.Add(new NamedRange(OffsetOf(p), sizeBytes, name));

    /// <summary>Names the fields of a struct for reports, each by its own name behind the struct's. <see cref="Name"/> overrides it.</summary>
    /// <param name="p">The struct.</param>
    /// <param name="name">Its name and what stands before a field's: <c>mm-></c>.</param>
    public void NameFields<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(T* p, string name)
        where T : unmanaged => _places.Add<T>(OffsetOf(p), name);

    /// <summary>Names the words of a table for reports, each by its index. <see cref="Name"/> overrides it.</summary>
    /// <param name="p">The first word.</param>
    /// <param name="lengthBytes">How long the table is.</param>
    /// <param name="name">What stands before an index.</param>
    /// <param name="pageName">The name of the pages themselves; null if they have none.</param>
    public void NameWords(void* p, ulong lengthBytes, string name, string? pageName = null) => _places.AddWords(OffsetOf(p), lengthBytes, name, pageName);

    /// <summary>Says how reports show the values in a range of memory. The describer given last wins.</summary>
    public void Describe(void* p, ulong sizeBytes, ValueDescriber describer) =>
        _describers.Add(new DescribedRange(OffsetOf(p), sizeBytes, describer));

    /// <summary>Reads 1, 2, 4 or 8 aligned bytes, zero-extended.</summary>
    /// <returns>False if the address is not in this arena, or is not aligned.</returns>
    public bool TryRead(ulong address, int sizeBytes, out ulong value)
    {
        ulong offset = address - (ulong)Base;
        bool isInside = offset < LengthBytes && offset % (ulong)sizeBytes == 0 && Base != null;
        value = !isInside ? 0 : sizeBytes switch
        {
            1 => Base[offset],
            2 => *(ushort*)(Base + offset),
            4 => *(uint*)(Base + offset),
            _ => *(ulong*)(Base + offset),
        };
        return isInside;
    }

    /// <summary>Where in this arena an address is, which does not depend on where the arena is.</summary>
    /// <returns>False if it is outside.</returns>
    public bool TryOffsetOf(ulong address, out ulong offset)
    {
        offset = address - (ulong)Base;
        return offset < LengthBytes && Base != null;
    }

    /// <summary>The name of a location in reports: the range's own, with <c>.low</c>, <c>.high</c> or an offset if only a part is meant.</summary>
    public string NameOf(ulong address, int sizeBytes)
    {
        ulong offset = address - (ulong)Base;
        for (int i = _names.Count - 1; i >= 0; i--)
        {
            NamedRange range = _names[i];
            if (offset - range.Offset < range.SizeBytes)
            {
                return NameOfPart(range, offset - range.Offset, sizeBytes);
            }
        }

        return _places.OrNull(offset, NameOfPage) is { } place
            ? NameOfPart(new NamedRange(offset & ~7UL, sizeof(ulong), place), offset & 7, sizeBytes)
            : string.Create(CultureInfo.InvariantCulture, $"arena+0x{offset:x}");
    }

    /// <summary>A value as reports show it; null to show it as a number.</summary>
    public string? Describe(ulong address, int sizeBytes, ulong value)
    {
        ulong offset = address - (ulong)Base;
        for (int i = _describers.Count - 1; i >= 0; i--)
        {
            DescribedRange range = _describers[i];
            if (offset - range.Offset < range.SizeBytes)
            {
                return range.Describer(sizeBytes, offset - range.Offset, value);
            }
        }

        return EntryText.PoisonOrNull(sizeBytes, value) ?? FolioText.OrNull(this, offset, sizeBytes, value);
    }

    /// <summary>Whether another arena holds the same words, where an address in an arena counts as its offset.</summary>
    /// <param name="other">The other arena.</param>
    /// <remarks>Cost: reads both, some tens of milliseconds.</remarks>
    public bool HoldsSameAs(Arena other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var mine = new ReadOnlySpan<ulong>(Base, (int)(LengthBytes / sizeof(ulong)));
        var others = new ReadOnlySpan<ulong>(other.Base, mine.Length);
        int i = 0;
        while ((i += mine[i..].CommonPrefixLength(others[i..])) < mine.Length)
        {
            ulong offset = mine[i] - (ulong)Base;
            if (offset >= LengthBytes || offset != others[i] - (ulong)other.Base)
            {
                return false;
            }

            i++;
        }

        return true;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_allocation);
        _allocation = null;
        Base = null;
    }

    private static string NameOfPart(NamedRange range, ulong part, int sizeBytes)
    {
        if (part == 0 && (ulong)sizeBytes == range.SizeBytes)
        {
            return range.Name;
        }

        if (range.SizeBytes == sizeof(ulong) && sizeBytes == sizeof(uint))
        {
            return range.Name + (part == 0 ? ".low" : ".high");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{range.Name}+0x{part:x}");
    }

    private ulong OffsetOf(void* p)
    {
        ulong offset = (ulong)p - (ulong)Base;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, LengthBytes, nameof(p));
        return offset;
    }

    private readonly record struct NamedRange(ulong Offset, ulong SizeBytes, string Name);

    private sealed record DescribedRange(ulong Offset, ulong SizeBytes, ValueDescriber Describer);
}
