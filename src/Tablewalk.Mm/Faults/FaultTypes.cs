namespace Tablewalk.Mm;

/// <summary>What a fault came to. LINUX: vm_fault_t.</summary>
public enum FaultResult
{
    /// <summary>The entry was changed, or need not be: the access can be tried again and will get further.</summary>
    Done,

    /// <summary>The entry changed meanwhile: the access is tried again and may fault again.</summary>
    Retry,

    /// <summary>There is no memory.</summary>
    OutOfMemory,

    /// <summary>The region does not allow the access. LINUX: VM_FAULT_SIGSEGV.</summary>
    BadAccess,
}

/// <summary>What a region of an address space allows: LINUX: vm_flags. The caller holds the lock that keeps it as it is.</summary>
[Flags]
public enum RegionFlags
{
    /// <summary>Nothing: every access is bad.</summary>
    None = 0,

    /// <summary>Reading. LINUX: VM_READ.</summary>
    Read = 1,

    /// <summary>Writing. LINUX: VM_WRITE.</summary>
    Write = 2,

    /// <summary>Writes go to the page itself, in every address space that maps it. LINUX: VM_SHARED.</summary>
    Shared = 4,
}

/// <summary>How the contents of a page are copied to another.</summary>
public unsafe interface IPageCopy
{
    /// <summary>Copies.</summary>
    static abstract void Copy(void* destination, void* source, ulong lengthBytes);
}

/// <summary>Word by word. LINUX: copy_user_highpage.</summary>
public readonly unsafe struct WholePageCopy : IPageCopy
{
    /// <inheritdoc/>
    public static void Copy(void* destination, void* source, ulong lengthBytes)
    {
        for (ulong i = 0; i < lengthBytes / sizeof(ulong); i++)
        {
            Cpu.WriteOnce((ulong*)destination + i, Cpu.ReadOnce((ulong*)source + i));
        }
    }
}

/// <summary>For scenarios: only the first word: for checks that look at no other, since every word copied is two events.</summary>
public readonly unsafe struct FirstWordCopy : IPageCopy
{
    /// <inheritdoc/>
    public static void Copy(void* destination, void* source, ulong lengthBytes) =>
        Cpu.WriteOnce((ulong*)destination, Cpu.ReadOnce((ulong*)source));
}
