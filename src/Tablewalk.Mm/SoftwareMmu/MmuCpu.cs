namespace Tablewalk.Mm;

/// <summary>A virtual CPU of an <see cref="MmuSpace"/>: loads and stores words as a program in that address space would. For one thread at a time.</summary>
public abstract class MmuCpu : IDisposable
{
    private protected MmuCpu()
    {
    }

    /// <summary>Accesses that the TLB served.</summary>
    public abstract long Hits { get; }

    /// <summary>Accesses that walked the tables.</summary>
    public abstract long Walks { get; }

    /// <summary>Loads the aligned word of 8 bytes at an address.</summary>
    /// <exception cref="ArgumentException">The address is not a multiple of 8.</exception>
    /// <exception cref="MmuFaultException">The address is not mapped, or not for reading.</exception>
    /// <exception cref="MmuMemoryException">No page is free.</exception>
    public abstract ulong Load(ulong address);

    /// <summary>Stores the aligned word of 8 bytes at an address.</summary>
    /// <exception cref="ArgumentException">The address is not a multiple of 8.</exception>
    /// <exception cref="MmuFaultException">The address is not mapped, or not for writing.</exception>
    /// <exception cref="MmuMemoryException">No page is free.</exception>
    public abstract void Store(ulong address, ulong value);

    /// <summary>Takes the virtual CPU away.</summary>
    public abstract void Dispose();

    private protected static void CheckAddress(ulong address)
    {
        if ((address & 7) != 0)
        {
            ThrowMisaligned(address);
        }
    }

    // By itself, so that the look at the address is inlined.
    private static void ThrowMisaligned(ulong address) => throw new ArgumentException($"0x{address:x}: expected a multiple of 8", nameof(address));
}

/// <summary>A virtual CPU over the tables of one architecture.</summary>
internal sealed unsafe class MmuCpuOf<TArch, THardware>(MmuSpace space, Action<ulong, bool> fault) : MmuCpu
    where TArch : IArch
    where THardware : IHardwareWalk
{
    private readonly VirtualCpu _cpu = new(space.Mm);
    private readonly ulong _limit = space.Machine.AddressLimit;

    /// <inheritdoc/>
    public override long Hits => _cpu.Hits;

    /// <inheritdoc/>
    public override long Walks => _cpu.Walks;

    /// <inheritdoc/>
    public override ulong Load(ulong address)
    {
        CheckAddress(address);
        ulong value;
        while (address >= _limit || !_cpu.TryLoad<TArch, THardware>(address, out value))
        {
            fault(address, false);
        }

        return value;
    }

    /// <inheritdoc/>
    public override void Store(ulong address, ulong value)
    {
        CheckAddress(address);
        while (address >= _limit || !_cpu.TryStore<TArch, THardware>(address, value))
        {
            fault(address, true);
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _cpu.Dispose();
}
