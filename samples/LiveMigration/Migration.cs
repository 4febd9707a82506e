using Tablewalk.Mm;

namespace Tablewalk.Samples;

/// <summary>Moves the memory of a running guest to another machine, of another architecture, and stops the guest only for the last pages.</summary>
internal static class Migration
{
    private const ulong Address = 0x4000_0000;
    private const ulong Pages = 2048;
    private const int FewPages = 24;
    private const int MostRounds = 12;
    private const ulong Length = Pages * 0x1000;

    /// <summary>Runs it.</summary>
    /// <returns>Whether both memories are equal in the end.</returns>
    internal static bool Run(TextWriter output)
    {
        using MmuMachine from = MmuMachine.Create(MmuArchitecture.X86_64);
        using MmuMachine to = MmuMachine.Create(MmuArchitecture.Arm64);
        using MmuSpace source = from.CreateSpace();
        using MmuSpace target = to.CreateSpace();
        source.Map(Address, Length, MmuAccess.ReadWrite);
        target.Map(Address, Length, MmuAccess.ReadWrite);
        Fill(source);

        using Guest guest = new(source, Address, Pages, cpus: 2);
        output.WriteLine("a guest with 2 CPUs writes to 2,048 pages on x86-64 while they are copied to arm64");
        for (int round = 1; round <= MostRounds; round++)
        {
            IReadOnlyList<ulong> dirty = source.CollectDirty(Address, Length);
            Copy(source, target, dirty);
            output.WriteLine($"round {round}: {dirty.Count:N0} pages copied while the guest ran");
            if (dirty.Count <= FewPages)
            {
                break;
            }
        }

        guest.Stop();
        IReadOnlyList<ulong> last = source.CollectDirty(Address, Length);
        Copy(source, target, last);
        output.WriteLine($"the guest is stopped: {last.Count:N0} pages were left to copy");
        bool isEqual = AreEqual(source, target);
        output.WriteLine(isEqual ? "both memories are equal" : "THE MEMORIES DIFFER");
        return isEqual;
    }

    private static void Fill(MmuSpace space)
    {
        using MmuCpu cpu = space.CreateCpu();
        for (ulong at = 0; at < Length; at += 0x1000)
        {
            cpu.Store(Address + at + 0x800, at);
        }
    }

    private static void Copy(MmuSpace source, MmuSpace target, IReadOnlyList<ulong> pages)
    {
        foreach (ulong page in pages)
        {
            using MmuPins from = source.Pin(page, 1, isWrite: false);
            using MmuPins to = target.Pin(page, 1, isWrite: true);
            from[0].CopyTo(to[0]);
        }
    }

    private static bool AreEqual(MmuSpace source, MmuSpace target)
    {
        bool isEqual = true;
        for (ulong at = 0; at < Length; at += 0x1000)
        {
            using MmuPins left = source.Pin(Address + at, 1, isWrite: false);
            using MmuPins right = target.Pin(Address + at, 1, isWrite: false);
            isEqual &= left[0].SequenceEqual(right[0]);
        }

        return isEqual;
    }
}
