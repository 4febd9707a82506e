namespace Tablewalk.Explore.Search;

/// <summary>
/// What a search must know beforehand but learns only on its way: how finely memory words are split into cells, which words a poison
/// must write, how often each thread may write a cell, and how many events an execution has. A search that learns something new is begun
/// again with it, so that every search that ends saw nothing that it did not know. See docs/adr/0003.
/// </summary>
internal sealed class Discoveries
{
    private readonly Dictionary<ulong, int> _cellSizes = []; // by 8-byte word; 8 where absent
    private readonly HashSet<ulong> _touchedWords = [];
    private readonly Dictionary<(int Thread, ulong Address), int> _writes = [];

    /// <summary>How many events there is room for: 64, 128 or 256.</summary>
    public int Capacity { get; private set; } = 64;

    /// <summary>The most events that an execution can have.</summary>
    public const int MaxCapacity = 256;

    /// <summary>
    /// Whether <see cref="Writes"/> is all that threads may ever write. A search that leaves branches early does not see all writes, so it must
    /// be told by one that does not; else it has to suppose that any thread may yet write anything.
    /// </summary>
    public bool AreWritesKnown { get; set; } = true;

    public int CellSize(ulong word) => _cellSizes.GetValueOrDefault(word, sizeof(ulong));

    public bool IsTouched(ulong word) => _touchedWords.Contains(word);

    /// <summary>How many writes to the cell at an address a thread was ever seen to make.</summary>
    public int Writes(int thread, ulong address) => _writes.GetValueOrDefault((thread, address));

    public void Apply(Discovery discovery)
    {
        switch (discovery.Kind)
        {
            case DiscoveryKind.CellSize:
                _cellSizes[discovery.Address] = Math.Min(CellSize(discovery.Address), discovery.Number);
                break;
            case DiscoveryKind.Touched:
                _touchedWords.Add(discovery.Address);
                break;
            case DiscoveryKind.Writes:
                _writes[(discovery.Thread, discovery.Address)] = Math.Max(discovery.Number, Writes(discovery.Thread, discovery.Address));
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
    Writes,
    Capacity,
}

/// <summary>One thing learnt: the size of a word's cells, a word that poison must write, or a thread's number of writes to a cell.</summary>
internal readonly record struct Discovery(DiscoveryKind Kind, int Thread = 0, ulong Address = 0, int Number = 0);
