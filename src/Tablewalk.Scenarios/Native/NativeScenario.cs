using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>Runs a closed scenario type on real threads, round after round, each from the state that its set-up made.</summary>
/// <remarks>One run at a time: what <see cref="Cpu.BugOn"/> finds is counted for the process.</remarks>
public static unsafe class NativeScenario
{
    /// <summary>Runs rounds until there are enough of them.</summary>
    /// <param name="scenario">The type.</param>
    /// <param name="isEnough">Asked between rounds, with the number of those that are done.</param>
    /// <returns>How often each claim broke.</returns>
    public static ImmutableSortedDictionary<string, long> Run(Type scenario, Func<long, bool> isEnough)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(isEnough);
        NativeClaims.Reset();
        using Arena arena = new();
        MethodInfo[] threads = MethodsWith<ThreadAttribute>(scenario);
        MethodInfo? final = MethodsWith<FinalAttribute>(scenario).SingleOrDefault();
        nint state = (nint)MethodsWith<SetupAttribute>(scenario).Single().Invoke(null, [arena])!;
        (ulong Page, byte[] Contents)[] snapshot = PagesInUse(arena);

        ulong[] results = new ulong[threads.Length];
        long rounds = 0;
        bool isStopped = false;
        using Barrier barrier = new(threads.Length, _ =>
        {
            if (final is not null)
            {
                Finish(final, state, results);
            }

            foreach ((ulong page, byte[] contents) in snapshot)
            {
                contents.CopyTo(new Span<byte>((void*)page, contents.Length));
            }

            isStopped = isEnough(++rounds);
        });

        Thread[] workers = [.. threads.Select((method, index) => new Thread(() => Work(method, index)))];
        Array.ForEach(workers, static worker => worker.Start());
        Array.ForEach(workers, static worker => worker.Join());
        return NativeClaims.Broken;

        void Work(MethodInfo method, int index)
        {
            var code = (delegate*<nint, ulong>)method.MethodHandle.GetFunctionPointer();
            while (!isStopped)
            {
                Cpu.SmpMb();
                Thread.SpinWait(Cpu.Choose(60));
                results[index] = code(state);
                barrier.SignalAndWait();
            }
        }
    }

    // What the set-up wrote, and whether it wrote there or not: the first page with the allocator's zones, the pages behind the memory map, which are tables,
    // lists of threads and what is allocated first, what the memory map says of them and of the first large folios, and pages with names.
    private static (ulong Page, byte[] Contents)[] PagesInUse(Arena arena)
    {
        const ulong firstTable = PhysicalMemory.MemoryMapOffset + PhysicalMemory.MemoryMapLengthBytes;
        const ulong tablesEnd = firstTable + (64 * PhysicalMemory.PageSize);
        byte* known = MapOf(arena, firstTable >> PhysicalMemory.PageShift);
        byte* large = MapOf(arena, PhysicalMemory.FirstLargePage);
        HashSet<nint> named = [.. arena.PageNames.Where(static page => page.Key >> PhysicalMemory.BankShift == PhysicalMemory.MappedBank)
            .Select(page => (nint)PhysicalMemory.VirtualOf(arena.Base, page.Key << PhysicalMemory.PageShift))];
        List<(ulong Page, byte[] Contents)> pages = [];
        for (byte* page = arena.Base; page < arena.Base + Arena.LengthBytes; page += PhysicalMemory.PageSize)
        {
            ReadOnlySpan<byte> contents = new(page, (int)PhysicalMemory.PageSize);
            ulong offset = (ulong)(page - arena.Base);
            bool isKnown = IsIn(page, known) || IsIn(page, large);
            if (offset == 0 || (offset >= firstTable && offset < tablesEnd) || isKnown || named.Contains((nint)page) || contents.ContainsAnyExcept((byte)0))
            {
                pages.Add(((ulong)page, contents.ToArray()));
            }
        }

        return [.. pages];
    }

    private static byte* MapOf(Arena arena, ulong page) =>
        (byte*)PhysicalMemory.PageOf(arena.Base, PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, page));

    // Whether a page has a part of what the memory map says of 64 pages.
    private static bool IsIn(byte* page, byte* map) => page + PhysicalMemory.PageSize > map && page <= map + (64 * sizeof(Folio));

    private static void Finish(MethodInfo final, nint state, ulong[] results)
    {
        nint code = final.MethodHandle.GetFunctionPointer();
        if (results.Length == 2)
        {
            ((delegate*<nint, ulong, ulong, void>)code)(state, results[0], results[1]);
        }
        else
        {
            ((delegate*<nint, ulong, ulong, ulong, void>)code)(state, results[0], results[1], results[2]);
        }
    }

    private static MethodInfo[] MethodsWith<TAttribute>(Type type)
        where TAttribute : Attribute =>
        [.. type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(static method => method.GetCustomAttribute<TAttribute>() is not null)
            .OrderBy(static method => method.MetadataToken)];
}
