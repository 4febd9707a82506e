using System.Collections.Concurrent;
using System.Reflection;
using Tablewalk.Ir;

namespace Tablewalk.Cil;

/// <summary>The procedures of methods, each lifted once: a method of one instantiation is the same procedure in every check.</summary>
/// <remarks>
/// <para>May be used by several threads; who asks for a method that another thread is lifting waits for it.</para>
/// <para>The value of a static field marked by <see cref="LiftOptions.ConstantAttribute"/> is the one that it had when the method was lifted.</para>
/// </remarks>
public sealed class LiftedProcedures
{
    private readonly ConcurrentDictionary<MethodInfo, Lazy<Lifted>> _procedures = new();
    private int _liftCount;

    /// <summary>How many methods were lifted, or refused.</summary>
    public int LiftCount => Volatile.Read(ref _liftCount);

    /// <summary>The procedure of a method, lifted with <see cref="LiftOptions.Default"/>.</summary>
    /// <exception cref="LiftException">The method is outside the subset; every call throws the same exception.</exception>
    /// <exception cref="ArgumentException">The method is an instance method.</exception>
    public Procedure Of(MethodInfo method) => LiftedOf(method).Procedure;

    /// <summary>Whether something of a type went into the procedure of a method: the code of one of its methods, or the value of one of its static fields.</summary>
    /// <remarks>A type can make a difference without that, by its size. As <see cref="Of"/> in all else.</remarks>
    public bool Uses(MethodInfo method, Type type) => LiftedOf(method).Types.Contains(type);

    private Lifted LiftedOf(MethodInfo method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Lazy<Lifted> procedure = _procedures.GetOrAdd(method, static (m, all) => new(() => all.Lift(m)), this);
        try
        {
            return procedure.Value;
        }
        catch (OutOfMemoryException)
        {
            _procedures.TryRemove(new(method, procedure)); // says nothing about the method
            throw;
        }
    }

    private Lifted Lift(MethodInfo method)
    {
        Interlocked.Increment(ref _liftCount);
        Procedure procedure = Lifter.Lift(method, options: null, out IReadOnlySet<Type> types);
        return new Lifted(procedure, types);
    }

    private sealed record Lifted(Procedure Procedure, IReadOnlySet<Type> Types);
}
