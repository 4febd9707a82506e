using ICSharpCode.Decompiler.IL;

namespace Tablewalk.Cil.Reading;

/// <summary>
/// Finds methods such as <c>static ulong ReadRaw(ulong* entry) => Cpu.ReadOnce(entry)</c>: one call, of an intrinsic or of another method, and
/// nothing computed before or after it. Constructors and properties do not count as calls, so the result may be wrapped.
/// </summary>
internal static class Forwarders
{
    internal static bool IsForwarder(ILFunction function) =>
        function.Body is BlockContainer { Blocks.Count: 1 } body
        && body.Descendants.All(OnlyPassesOn)
        && body.Descendants.OfType<CallInstruction>().Count(c => !IsWrapping(c)) == 1;

    private static bool OnlyPassesOn(ILInstruction instruction) => instruction switch
    {
        BlockContainer or Block or Leave or Nop or CallInstruction => true,
        LdLoc or LdLoca or LdcI4 or LdcI8 or LdStr or Conv => true,
        LdFlda or LdObj or DefaultValue => true,
        StLoc store => store.Variable.Kind == VariableKind.StackSlot,
        _ => false,
    };

    private static bool IsWrapping(CallInstruction call) => call.Method.IsConstructor || call.Method.IsAccessor;
}
