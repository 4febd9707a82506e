using System.Globalization;
using System.Text;

namespace Tablewalk.Mm;

/// <summary>Entries in the words that reports use.</summary>
internal static class EntryText
{
    internal static string? OfTable(ulong table, int sizeBytes, ulong offsetBytes, ulong value)
    {
        ulong mask = sizeBytes == sizeof(ulong) ? ulong.MaxValue : uint.MaxValue;
        ulong expected = (table >> (int)(offsetBytes * 8)) & mask;
        return value == expected ? "table" : value == 0 ? "none" : PoisonOrNull(sizeBytes, value);
    }

    internal static string? OfPte<TArch>(Arena arena, int sizeBytes, ulong offsetBytes, ulong value)
        where TArch : IArch
    {
        if (PoisonOrNull(sizeBytes, value) is { } poison)
        {
            return poison;
        }

        return sizeBytes == sizeof(ulong) ? OfWhole<TArch>(arena, value) : OfHalf<TArch>(arena, offsetBytes != 0, value);
    }

    /// <summary>Says that memory was freed; null of any other value.</summary>
    internal static string? PoisonOrNull(int sizeBytes, ulong value) =>
        value == (sizeBytes == sizeof(ulong) ? Cpu.PoisonPattern : Cpu.PoisonPattern & uint.MaxValue) ? "poison" : null;

    private static string? OfWhole<TArch>(Arena arena, ulong value)
        where TArch : IArch
    {
        if (value == 0)
        {
            return "none";
        }

        Pte pte = new(value);
        if (!TArch.IsPresent(pte))
        {
            return null;
        }

        ulong pfn = TArch.PfnOf(pte);
        StringBuilder text = new(arena.PageNameOrNull(pfn) ?? string.Create(CultureInfo.InvariantCulture, $"page 0x{pfn:x}"));
        AppendFlags<TArch>(text, pte);
        return text.ToString();
    }

    // A half names every page that it can be a half of.
    private static string OfHalf<TArch>(Arena arena, bool isHigh, ulong value)
        where TArch : IArch
    {
        if (value == 0)
        {
            return "0";
        }

        StringBuilder text = new(isHigh ? "high of " : "low of ");
        bool isFirst = true;
        foreach ((ulong pfn, string name) in arena.PageNames)
        {
            ulong whole = TArch.MakeSharedPage(pfn).Raw;
            bool matches = isHigh ? whole >> 32 == value : ((whole ^ value) & 0xFFFF_F000) == 0;
            if (matches)
            {
                text.Append(isFirst ? string.Empty : "|").Append(name);
                isFirst = false;
            }
        }

        if (isFirst)
        {
            text.Append(CultureInfo.InvariantCulture, $"0x{value:x}");
        }

        if (!isHigh)
        {
            AppendFlags<TArch>(text, new Pte(value));
        }

        return text.ToString();
    }

    private static void AppendFlags<TArch>(StringBuilder text, Pte pte)
        where TArch : IArch
    {
        if (typeof(TArch) == typeof(Arm64) && Arm64.IsValidCont(pte))
        {
            text.Append(" cont");
        }

        text.Append(TArch.IsDirty(pte) ? " dirty" : " clean");
        if (!TArch.IsYoung(pte))
        {
            text.Append(" old");
        }

        if (!TArch.IsWritable(pte))
        {
            text.Append(" read-only");
        }
    }
}
