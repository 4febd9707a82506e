namespace Tablewalk.Declare;

/// <summary>Marks the method that builds a scenario's memory: <c>static nint Setup(Arena)</c>, run natively once.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SetupAttribute : Attribute;

/// <summary>
/// Marks what one CPU does: <c>static ulong X(State*)</c>. The methods in the order of their declaration are CPU 0, 1, and so on; the value returned
/// is the thread's result.
/// </summary>
/// <param name="name">The CPU's name in reports.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ThreadAttribute(string name) : Attribute
{
    /// <summary>The CPU's name in reports.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Marks the predicate over the final state: <c>static void X(State*, ulong, ...)</c>, with one result for each thread, run when all
/// threads have returned.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FinalAttribute : Attribute;
