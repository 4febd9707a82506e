namespace Tablewalk.Mm;

/// <summary>How a fault makes an entry more permissive. LINUX: ptep_set_access_flags without the flush, which is the caller's.</summary>
public unsafe interface IAccessFlags
{
    /// <summary>Adds to the entry at <paramref name="entry"/>; see <see cref="IArch.SetAccessFlags"/>.</summary>
    /// <returns>Whether the entry was changed.</returns>
    static abstract bool Set<TArch>(ulong* entry, Pte wanted, bool isWrite)
        where TArch : IArch;
}

/// <summary>As the architecture does it.</summary>
public readonly unsafe struct ArchAccessFlags : IAccessFlags
{
    /// <inheritdoc/>
    public static bool Set<TArch>(ulong* entry, Pte wanted, bool isWrite)
        where TArch : IArch => TArch.SetAccessFlags(entry, wanted, isWrite);
}

/// <summary>
/// For scenarios: LINUX: the generic ptep_set_access_flags, mm/pgtable-generic.c, for architectures without hardware accessed and dirty. Stores the wanted value if it is
/// another one: whatever was set since the caller compared is lost (T23, T27).
/// </summary>
public readonly unsafe struct GenericAccessFlags : IAccessFlags
{
    /// <inheritdoc/>
    public static bool Set<TArch>(ulong* entry, Pte wanted, bool isWrite)
        where TArch : IArch
    {
        bool isChanged = TArch.ReadRaw(entry) != wanted.Raw;
        if (isChanged)
        {
            TArch.Write(entry, wanted.Raw);
        }

        return isChanged;
    }
}
