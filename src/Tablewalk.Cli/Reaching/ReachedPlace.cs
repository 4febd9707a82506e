using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Cil;
using Tablewalk.Ir;
using Tablewalk.Mm;

namespace Tablewalk.Cli;

/// <summary>A place of <c>Mm</c> that other threads can notice, or that claims something, and who comes to it.</summary>
/// <param name="Call">The call of an intrinsic.</param>
/// <param name="Scenarios">The scenarios with an execution that comes to it, in the order in which they are listed.</param>
internal sealed record ReachedPlace(IntrinsicCall Call, ImmutableArray<string> Scenarios)
{
    /// <summary>All there are to reach. <see cref="Cpu"/> is the only door to shared memory, so its callers are what can run beside another thread.</summary>
    public static ImmutableArray<IntrinsicCall> All => IntrinsicCalls.Of(typeof(Cpu).Assembly);

    /// <summary>Whether any scenario comes to it.</summary>
    public bool IsReached => !Scenarios.IsEmpty;

    /// <summary>What it is, as in "load".</summary>
    public string Kind => IntrinsicCalls.KindOrNull(Call.Name).ToString()!.ToLowerInvariant();
}
