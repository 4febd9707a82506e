using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Cil;
using Tablewalk.Ir;
using Tablewalk.Mm;

namespace Tablewalk.Bench.Programs;

/// <summary>A program of some threads over one page of zeroes, or over what a set-up made.</summary>
internal sealed class SharedProgram
{
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public;

    private readonly List<(MethodInfo Method, ulong Index)> _threads = [];
    private readonly Func<Arena, nint> _setup;

    internal SharedProgram(Func<Arena, nint>? setup = null) => _setup = setup ?? Zeroes;

    /// <summary>Adds threads.</summary>
    /// <param name="type">The class of the thread's method.</param>
    /// <param name="method">The method. It takes the memory and, if it wants, which thread it is.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="count">How many.</param>
    internal SharedProgram With(Type type, string method, ulong first = 0, int count = 1)
    {
        _threads.AddRange(Enumerable.Range(0, count).Select(i => (type.GetMethod(method, AnyStatic)!, first + (ulong)i)));
        return this;
    }

    /// <summary>Runs the set-up in an arena, which must live as long as the program, and lifts the threads.</summary>
    internal Program Lift(Arena arena)
    {
        ulong memory = (ulong)_setup(arena);
        var lifted = new Dictionary<MethodInfo, Procedure>();
        return new Program([.. _threads.Select(ThreadOf)], null, ImmutableArray<ulong>.Empty);

        ThreadCode ThreadOf((MethodInfo Method, ulong Index) thread)
        {
            if (!lifted.TryGetValue(thread.Method, out Procedure? code))
            {
                lifted.Add(thread.Method, code = Lifter.Lift(thread.Method));
            }

            return new($"{thread.Method.Name} {thread.Index}", code, code.Parameters.Length == 1 ? [memory] : [memory, thread.Index]);
        }
    }

    private static unsafe nint Zeroes(Arena arena) => (nint)arena.AllocatePages();
}
