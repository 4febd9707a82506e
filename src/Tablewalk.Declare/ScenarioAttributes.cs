namespace Tablewalk.Declare;

/// <summary>
/// Declares a closed type to be a scenario: <c>tablewalk check FILE.dll</c> finds it so. Its methods may be those of a generic type that it derives from; its claims are what its code names in
/// <c>Cpu.BugOn</c>.
/// </summary>
/// <param name="name">Its name on the command line, as area/name.</param>
/// <param name="summary">One line about it.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class ScenarioAttribute(string name, string summary) : Attribute
{
    /// <summary>Its name on the command line, as area/name.</summary>
    public string Name { get; } = name;

    /// <summary>One line about it.</summary>
    public string Summary { get; } = summary;

    /// <summary>The architectures it exists on, each judged by its own model unless another is asked for.</summary>
    public string[] Architectures { get; set; } = ["arm64", "x86_64"];
}

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
