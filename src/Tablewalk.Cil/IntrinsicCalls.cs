using System.Collections.Immutable;
using System.Reflection;
using ICSharpCode.Decompiler.IL;
using ICSharpCode.Decompiler.TypeSystem;
using Tablewalk.Cil.Lowering;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil;

/// <summary>What an intrinsic does that another thread, or whoever reads a verdict, can notice.</summary>
public enum IntrinsicKind
{
    /// <summary>Reads memory.</summary>
    Load,

    /// <summary>Writes memory.</summary>
    Store,

    /// <summary>Does both in one step.</summary>
    Update,

    /// <summary>Orders accesses, or is an exception or the return from one, which do as well.</summary>
    Fence,

    /// <summary>Invalidates what TLBs hold.</summary>
    Flush,

    /// <summary>Begins or ends what others may wait for.</summary>
    Section,

    /// <summary>Waits for others' sections.</summary>
    Wait,

    /// <summary>States what must not be.</summary>
    Claim,
}

/// <summary>Every place in an assembly that calls an intrinsic, found in its compiled code.</summary>
public static class IntrinsicCalls
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>The calls by file, line, member and name; those that make no event are left out, and so are those inside of intrinsics.</summary>
    /// <param name="assembly">An assembly that was loaded from a file and has a portable PDB.</param>
    /// <param name="options">How the lifter knows an intrinsic.</param>
    public static ImmutableArray<IntrinsicCall> Of(Assembly assembly, LiftOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        options ??= LiftOptions.Default;
        var reader = ModuleReader.For(assembly);
        var calls = new HashSet<IntrinsicCall>();
        foreach (var method in assembly.GetTypes().SelectMany(type => type.GetMethods(Everything).Concat<MethodBase>(type.GetConstructors(Everything))))
        {
            if (!Attributes.Has(method, options.IntrinsicAttribute) && reader.ReadOrNull(method) is { } tree)
            {
                calls.UnionWith(CallsIn(tree, options));
            }
        }

        return
        [
            .. calls.OrderBy(c => c.Place.File, StringComparer.Ordinal).ThenBy(c => c.Place.Line)
                .ThenBy(c => c.Place.Method, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>What an intrinsic does; null if nobody notices it. <see cref="MethodLowering"/> says to what events it is lowered.</summary>
    /// <param name="name">The intrinsic's name.</param>
    public static IntrinsicKind? KindOrNull(string name) => name switch
    {
        "ReadOnce" or "LoadAcquire" or "WalkRead" => IntrinsicKind.Load,
        "WriteOnce" or "StoreRelease" or "SpinUnlock" or "Poison" or "ClearMemory" => IntrinsicKind.Store,
        "SpinLock" or "TryHardwareUpdate" => IntrinsicKind.Update,
        "LocalIrqSave" or "LocalIrqRestore" or "RcuReadLock" or "RcuReadUnlock" => IntrinsicKind.Section,
        "SynchronizeRcu" or "SyncLocklessWalkers" => IntrinsicKind.Wait,
        "FlushTlbByIpi" or "FlushTlbByBroadcast" or "FlushTlbLocal" or "FlushTlbByBroadcastNoSync" => IntrinsicKind.Flush,
        "TakeFault" or "ReturnToUser" => IntrinsicKind.Fence,
        "BugOn" => IntrinsicKind.Claim,
        _ when Enum.TryParse(name, out FenceKind _) => IntrinsicKind.Fence,
        _ when MethodLowering.AtomicOrNull(name) is not null => IntrinsicKind.Update,
        _ => null,
    };

    private static IEnumerable<IntrinsicCall> CallsIn(MethodTree tree, LiftOptions options) =>
        from call in tree.Function.Descendants.OfType<CallInstruction>()
        let method = call.Method
        where method.DeclaringType.FullName == options.IntrinsicClass && KindOrNull(method.Name) is not null
        where method.GetAttributes().Any(a => a.AttributeType.Name == options.IntrinsicAttribute)
        let place = tree.Places.AtOrNull(call.StartILOffset)
        where place is not null
        select new IntrinsicCall(method.Name, place);
}
