namespace Tablewalk.Mm;

/// <summary>Whose page tables a <see cref="MmuMachine"/> has.</summary>
public enum MmuArchitecture
{
    /// <summary>arm64 with 4K pages, contiguous blocks, hardware accessed and dirty, invalidation by broadcast.</summary>
    Arm64,

    /// <summary>x86-64 with four levels and invalidation by interrupt.</summary>
    X86_64,

    /// <summary>32-bit x86 with physical address extension: entries of two halves.</summary>
    X86Pae,
}

/// <summary>What a region of an address space may be used for.</summary>
public enum MmuAccess
{
    /// <summary>Nothing: every access is an error.</summary>
    None,

    /// <summary>Reading.</summary>
    Read,

    /// <summary>Reading and writing.</summary>
    ReadWrite,
}

/// <summary>How much memory a <see cref="MmuMachine"/> has.</summary>
public sealed record MmuOptions
{
    /// <summary>Pages of 4 KiB for memory and tables.</summary>
    public int Pages { get; init; } = 8192;

    /// <summary>Pages that can be swapped out; below 512.</summary>
    public int SwapPages { get; init; } = 64;
}

/// <summary>An access to an address that is not mapped, or mapped for less.</summary>
public sealed class MmuFaultException : Exception
{
    /// <summary>An access that the address space does not allow.</summary>
    public MmuFaultException(ulong address, bool isWrite, string reason)
        : base($"{(isWrite ? "write to" : "read from")} 0x{address:x}: {reason}") => (Address, IsWrite) = (address, isWrite);

    /// <summary>The address.</summary>
    public ulong Address { get; }

    /// <summary>Whether it was a write.</summary>
    public bool IsWrite { get; }
}

/// <summary>The machine has no free page left.</summary>
public sealed class MmuMemoryException(string message) : Exception(message);
