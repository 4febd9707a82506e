namespace Tablewalk.Mm;

/// <summary>How a walker takes a reference on a folio that may be free by now.</summary>
public unsafe interface IFolioReference
{
    /// <summary>Takes references, one or several at once. LINUX: folio_ref_try_add.</summary>
    /// <returns>False if the folio is free.</returns>
    static abstract bool TryAdd(Folio* folio, ulong references);
}

/// <summary>LINUX: folio_try_get, fully ordered.</summary>
public readonly unsafe struct FullReference : IFolioReference
{
    /// <inheritdoc/>
    public static bool TryAdd(Folio* folio, ulong references)
    {
        ulong old = Cpu.ReadOnce(&folio->Refcount);
        while (old != 0)
        {
            // ORDER: full; pairs with the flush between clearing an entry and dropping its reference: either the re-check that follows here
            // sees the entry cleared, or the count is not zero yet. TEST: A_relaxed_reference_is_caught_on_arm64.
            ulong seen = Cpu.CmpXchg(&folio->Refcount, old, old + references);
            if (seen == old)
            {
                return true;
            }

            old = seen;
        }

        return false;
    }
}

/// <summary>A mutation: as <see cref="FullReference"/>, without any order, which is too weak where loads are not ordered by themselves.</summary>
public readonly unsafe struct RelaxedReference : IFolioReference
{
    /// <inheritdoc/>
    public static bool TryAdd(Folio* folio, ulong references)
    {
        ulong old = Cpu.ReadOnce(&folio->Refcount);
        while (old != 0)
        {
            ulong seen = Cpu.CmpXchgRelaxed(&folio->Refcount, old, old + references);
            if (seen == old)
            {
                return true;
            }

            old = seen;
        }

        return false;
    }
}

/// <summary>A mutation: adds to the count whatever it is, also to that of a free folio.</summary>
public readonly unsafe struct UnconditionalReference : IFolioReference
{
    /// <inheritdoc/>
    public static bool TryAdd(Folio* folio, ulong references)
    {
        Cpu.FetchAdd(&folio->Refcount, references);
        return true;
    }
}
