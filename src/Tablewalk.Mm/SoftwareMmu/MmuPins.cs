using System.Collections.Immutable;

namespace Tablewalk.Mm;

/// <summary>Pinned pages: the memory of an address space, reached without it. They stay where they are until they are released.</summary>
public sealed unsafe class MmuPins : IDisposable
{
    private readonly MmuMachine _machine;
    private readonly Action<ulong> _unpin;
    private bool _isReleased;

    internal MmuPins(MmuMachine machine, ulong address, ImmutableArray<ulong> pfns, Action<ulong> unpin) =>
        (_machine, Address, Pfns, _unpin) = (machine, address, pfns, unpin);

    /// <summary>The address that they were pinned at.</summary>
    public ulong Address { get; }

    /// <summary>How many pages.</summary>
    public int Count => Pfns.Length;

    private ImmutableArray<ulong> Pfns { get; }

    /// <summary>The bytes of a page.</summary>
    /// <exception cref="ObjectDisposedException">The pages were released.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page.</exception>
    public Span<byte> this[int page]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isReleased, this);
            ArgumentOutOfRangeException.ThrowIfNegative(page);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(page, Count);
            return new Span<byte>(PhysicalMemory.VirtualOf(_machine.Anchor, Pfns[page] << PhysicalMemory.PageShift), (int)PhysicalMemory.PageSize);
        }
    }

    /// <summary>Releases the pages.</summary>
    /// <exception cref="InvalidOperationException">They were released before.</exception>
    public void Release()
    {
        if (_isReleased)
        {
            throw new InvalidOperationException($"the {Count} pages pinned at 0x{Address:x} were released before");
        }

        _isReleased = true;
        foreach (ulong pfn in Pfns)
        {
            _unpin(pfn);
        }

        _machine.CountPinned(-Count);
    }

    /// <summary>Releases the pages, unless that was done.</summary>
    public void Dispose()
    {
        if (!_isReleased)
        {
            Release();
        }
    }
}

/// <summary>A second MMU that mirrors a range of an <see cref="MmuSpace"/>, such as a hypervisor's. Any thread may use it.</summary>
public sealed unsafe class MmuSecond
{
    private readonly SecondaryMmu* _mmu;
    private readonly Action<ulong, bool> _fault;

    internal MmuSecond(ulong address, ulong length, SecondaryMmu* mmu, Action<ulong, bool> fault)
    {
        (Address, Length, _fault) = (address, length, fault);
        _mmu = mmu;
    }

    /// <summary>The first address.</summary>
    public ulong Address { get; }

    /// <summary>The length, in bytes.</summary>
    public ulong Length { get; }

    /// <summary>Loads the aligned word of 8 bytes at an address of the first MMU.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The address is not mirrored.</exception>
    /// <exception cref="MmuFaultException">The first MMU does not map it, or not for reading.</exception>
    public ulong Load(ulong address)
    {
        CheckAddress(address);
        ulong value;
        while (!GuestAccess.TryLoad(_mmu, address, out value))
        {
            _fault(address, false);
        }

        return value;
    }

    /// <summary>Stores the aligned word of 8 bytes at an address of the first MMU.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The address is not mirrored.</exception>
    /// <exception cref="MmuFaultException">The first MMU does not map it, or not for writing.</exception>
    public void Store(ulong address, ulong value)
    {
        CheckAddress(address);
        while (!GuestAccess.TryStore(_mmu, address, value))
        {
            _fault(address, true);
        }
    }

    private void CheckAddress(ulong address)
    {
        if (address < Address || address - Address >= Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(address), $"0x{address:x}: the second MMU mirrors 0x{Address:x} to 0x{Address + Length:x}");
        }
    }
}
