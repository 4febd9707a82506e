using Tablewalk.Explore.Analysis;

namespace Tablewalk.Explore.Search.Executions;

/// <summary>
/// What a search must know beforehand but learns only on its way: how finely memory words are split into cells, which words a poison
/// must write, and how many events an execution has. A search that learns something new is begun again with it, so that every search that
/// ends saw nothing that it did not know. See docs/adr/0003 and 0004.
/// </summary>
/// <param name="bounds">How often threads may write; what it found of cells and words is known from the beginning.</param>
internal sealed class Discoveries(WriteBounds bounds)
{
    private readonly Dictionary<ulong, int> _cellSizes = new(bounds.CellSizes); // by 8-byte word; 8 where absent
    private readonly Dictionary<(int Thread, ulong Address), int> _contended = []; // the last attempt that others waited for
    private readonly HashSet<ulong> _touchedWords = [.. bounds.Cells.Select(cell => cell & ~7UL)];

    /// <summary>How often each thread may write each cell.</summary>
    public WriteBounds Bounds { get; private set; } = bounds;

    /// <summary>How many events there is room for: a power of two, from 64 on.</summary>
    public int Capacity { get; private set; } = 64;

    /// <summary>The most events that an execution can have.</summary>
    public const int MaxCapacity = 4096;

    public int CellSize(ulong word) => _cellSizes.GetValueOrDefault(word, sizeof(ulong));

    /// <summary>Whether reads of others have to wait for what a thread may still write to a location.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="address">The location.</param>
    /// <param name="attempt">The number, from 0 on, of the first attempt to write to it that it has not made yet.</param>
    public bool IsContended(int thread, ulong address, int attempt) => _contended.GetValueOrDefault((thread, address), -1) >= attempt;

    public bool IsTouched(ulong word) => _touchedWords.Contains(word);

    public void Apply(Discovery discovery)
    {
        switch (discovery.Kind)
        {
            case DiscoveryKind.CellSize:
                Bounds = Bounds.WithoutAny(); // what they say is of larger cells
                _cellSizes[discovery.Address] = Math.Min(CellSize(discovery.Address), discovery.Number);
                break;
            case DiscoveryKind.Touched:
                Bounds = Bounds.WithoutAny(); // a poison writes more than they say
                _touchedWords.Add(discovery.Address);
                break;
            case DiscoveryKind.Contended:
                _contended[(discovery.Number, discovery.Address)] = Math.Max(discovery.Attempt, _contended.GetValueOrDefault((discovery.Number, discovery.Address)));
                break;
            default:
                Capacity *= 2;
                break;
        }
    }
}

/// <summary>What kind of thing was learnt.</summary>
internal enum DiscoveryKind
{
    CellSize,
    Touched,
    Contended,
    Capacity,
}

/// <summary>One thing learnt: the size of a word's cells, a word that poison must write, a thread whose writes to a location others have to wait for, or that there is too little room.</summary>
internal readonly record struct Discovery(DiscoveryKind Kind, ulong Address = 0, int Number = 0, int Attempt = 0);
