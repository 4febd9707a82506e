using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>What is known about a folio: LINUX: struct folio. Lies in the arena's memory map, one cache line each.</summary>
/// <remarks>Mutable, do not copy: it is a place, reached by pointer.</remarks>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct Folio
{
    /// <summary>References held; 0 means free. Reached through <see cref="Cpu"/> only.</summary>
    public ulong Refcount;
}
