using Tablewalk.Ir;
using Tablewalk.Mm;

namespace Tablewalk.Judge;

/// <summary>An arena, after its scenario's set-up, as the initial memory of a check.</summary>
internal sealed class ArenaMemory(Arena arena) : IInitialMemory
{
    public bool TryRead(ulong address, int sizeBytes, out ulong value) => arena.TryRead(address, sizeBytes, out value);

    public string NameOf(ulong address, int sizeBytes) => arena.NameOf(address, sizeBytes);

    public string? Describe(ulong address, int sizeBytes, ulong value) => arena.Describe(address, sizeBytes, value);
}
