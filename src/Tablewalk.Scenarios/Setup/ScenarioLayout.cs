using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>The addresses and pages that scenarios use: fixed, so that reports never change and nothing is loaded to find them.</summary>
internal static class ScenarioLayout
{
    /// <summary>The first user address; its entry is the first of every block size.</summary>
    internal const ulong Address = 0x4021_0000;

    /// <summary>The first page of a large folio.</summary>
    internal const ulong LargeFolioA = (PhysicalMemory.MappedBank << PhysicalMemory.BankShift) | PhysicalMemory.FirstLargePage;

    /// <summary>The first page of another large folio.</summary>
    internal const ulong LargeFolioB = LargeFolioA + PhysicalMemory.LargeFolioPages;

    /// <summary>A single page.</summary>
    internal const ulong PageA = (PhysicalMemory.MappedBank << PhysicalMemory.BankShift) | SinglePage;

    /// <summary>Another single page, whose address differs from that of <see cref="PageA"/> in the high 32 bits alone.</summary>
    internal const ulong PageB = ((PhysicalMemory.MappedBank + 1) << PhysicalMemory.BankShift) | SinglePage;

    /// <summary>What a torn entry names: the low half of either page with a high half of zero.</summary>
    internal const ulong TornPage = SinglePage;

    private const ulong SinglePage = PhysicalMemory.FirstLargePage - 56;

    // Behind the memory map, before the large folios.
    private const byte PageIsSingle = SinglePage << PhysicalMemory.PageShift > PhysicalMemory.MemoryMapLengthBytes * 2 ? 1 : -1; // error CS0031 if it stops
}
