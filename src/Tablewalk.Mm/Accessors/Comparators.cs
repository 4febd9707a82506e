namespace Tablewalk.Mm;

/// <summary>How two values of one entry are compared to see whether anything happened in between.</summary>
public interface IPteComparator
{
    /// <summary>Whether they count as the same.</summary>
    static abstract bool IsSame<TArch>(Pte left, Pte right)
        where TArch : IArch;
}

/// <summary>LINUX: pte_same. All bits count.</summary>
public readonly struct ExactComparison : IPteComparator
{
    /// <inheritdoc/>
    public static bool IsSame<TArch>(Pte left, Pte right)
        where TArch : IArch => left.Raw == right.Raw;
}

/// <summary>
/// For scenarios: The RFC's pte_same_norecency. Accessed and dirty do not count, in a present entry: in a swap entry those positions mean other things. Right only
/// if whatever is done with the answer adds to those flags and never overwrites them (T33).
/// </summary>
public readonly struct BlindComparison : IPteComparator
{
    /// <inheritdoc/>
    public static bool IsSame<TArch>(Pte left, Pte right)
        where TArch : IArch
    {
        if (!TArch.IsPresent(left) || !TArch.IsPresent(right))
        {
            return left.Raw == right.Raw;
        }

        return WithoutAccessedDirty<TArch>(left) == WithoutAccessedDirty<TArch>(right);
    }

    private static ulong WithoutAccessedDirty<TArch>(Pte pte)
        where TArch : IArch => TArch.MkOld(TArch.MkClean(pte)).Raw;
}
