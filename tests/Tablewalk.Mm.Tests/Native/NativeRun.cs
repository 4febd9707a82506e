using System.Reflection;
using Tablewalk.Scenarios;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>Runs a closed scenario type on real threads, round after round, each from the state that its set-up made.</summary>
internal static unsafe class NativeRun
{
    /// <summary>How often each claim broke in that many rounds, or until <paramref name="stopAt"/> did.</summary>
    internal static IReadOnlyDictionary<string, long> Of(Type scenario, int rounds, string? stopAt = null)
    {
        NativeClaims.Reset();
        using Arena arena = new();
        MethodInfo[] threads = MethodsWith<ThreadAttribute>(scenario);
        MethodInfo? final = MethodsWith<FinalAttribute>(scenario).SingleOrDefault();
        nint state = (nint)MethodsWith<SetupAttribute>(scenario).Single().Invoke(null, [arena])!;
        (ulong Page, byte[] Contents)[] snapshot = PagesInUse(arena);

        ulong[] results = new ulong[threads.Length];
        bool stop = false;
        using Barrier barrier = new(threads.Length, _ =>
        {
            stop |= stopAt is not null && NativeClaims.CountOf(stopAt) > 0;
            if (final is not null)
            {
                Finish(final, state, results);
            }

            foreach ((ulong page, byte[] contents) in snapshot)
            {
                contents.CopyTo(new Span<byte>((void*)page, contents.Length));
            }
        });

        Thread[] workers = [.. threads.Select((method, index) => new Thread(() => Work(method, index)))];
        Array.ForEach(workers, static worker => worker.Start());
        Array.ForEach(workers, static worker => worker.Join());
        return NativeClaims.Broken;

        void Work(MethodInfo method, int index)
        {
            var code = (delegate*<nint, ulong>)method.MethodHandle.GetFunctionPointer();
            for (int round = 0; round < rounds && !stop; round++)
            {
                Cpu.SmpMb();
                Thread.SpinWait(Cpu.Choose(60));
                results[index] = code(state);
                barrier.SignalAndWait();
            }
        }
    }

    // What the set-up wrote, and the pages behind the memory map whether it wrote there or not: tables and lists of threads.
    private static (ulong Page, byte[] Contents)[] PagesInUse(Arena arena)
    {
        const ulong firstTable = PhysicalMemory.MemoryMapOffset + PhysicalMemory.MemoryMapLengthBytes;
        const ulong tablesEnd = firstTable + (64 * PhysicalMemory.PageSize);
        List<(ulong Page, byte[] Contents)> pages = [];
        for (byte* page = arena.Base; page < arena.Base + Arena.LengthBytes; page += PhysicalMemory.PageSize)
        {
            ReadOnlySpan<byte> contents = new(page, (int)PhysicalMemory.PageSize);
            ulong offset = (ulong)(page - arena.Base);
            if ((offset >= firstTable && offset < tablesEnd) || contents.ContainsAnyExcept((byte)0))
            {
                pages.Add(((ulong)page, contents.ToArray()));
            }
        }

        return [.. pages];
    }

    private static void Finish(MethodInfo final, nint state, ulong[] results) =>
        ((delegate*<nint, ulong, ulong, void>)final.MethodHandle.GetFunctionPointer())(state, results[0], results[1]);

    private static MethodInfo[] MethodsWith<TAttribute>(Type type)
        where TAttribute : Attribute =>
        [.. type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(static method => method.GetCustomAttribute<TAttribute>() is not null)
            .OrderBy(static method => method.MetadataToken)];
}
