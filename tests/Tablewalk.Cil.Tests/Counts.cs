using System.Reflection;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Tests;

/// <summary>What an operation does to memory, counted in a run of its lifted form. Of entries, if a range is given, else of everything.</summary>
internal sealed class Counts
{
    private const ulong LineBytes = 64;
    private readonly HashSet<ulong> _lines = [];
    private readonly ulong _start;
    private readonly ulong _length;

    private Counts(ulong start, ulong length) => (_start, _length) = (start, length);

    internal int Loads { get; private set; }

    internal int Stores { get; private set; }

    internal int Atomics { get; private set; }

    internal int Lines => _lines.Count;

    internal int Barriers { get; private set; }

    internal int Invalidations { get; private set; }

    internal ulong Result { get; private set; }

    internal (int Loads, int Stores, int Atomics) Accesses => (Loads, Stores, Atomics);

    /// <summary>Lifts a method and runs it.</summary>
    internal static Counts Of(Type type, string method, params ulong[] arguments) => Of(0, ulong.MaxValue, type, method, arguments);

    /// <summary>Lifts a method, runs it, and counts the accesses in a range of addresses; fences all.</summary>
    internal static Counts Of(ulong start, ulong length, Type type, string method, params ulong[] arguments)
    {
        var found = type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Single(m => m.Name == method && m.GetParameters().Length == arguments.Length);
        return Of(start, length, found, arguments);
    }

    /// <summary>Lifts a method, runs it, and counts the accesses in a range of addresses; fences all.</summary>
    internal static Counts Of(ulong start, ulong length, MethodInfo method, params ulong[] arguments)
    {
        var counts = new Counts(start, length);
        counts.Result = Interpreter.Run(Lifter.Lift(method), counts.Add, arguments);
        return counts;
    }

    private void Add(Step step)
    {
        Barriers += step.Instruction is Fence ? 1 : 0;
        Invalidations += step.Instruction is Invalidate ? 1 : 0;
        if (step.Address == 0 || step.Address - _start >= _length)
        {
            return;
        }

        Loads += step.Instruction is Load ? 1 : 0;
        Stores += step.Instruction is Store ? 1 : 0;
        Atomics += step.Instruction is AtomicUpdate ? 1 : 0;
        _lines.Add(step.Address / LineBytes);
    }
}
