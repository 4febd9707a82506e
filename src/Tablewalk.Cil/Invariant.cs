namespace Tablewalk.Cil;

/// <summary>Checks of the lifter's own promises: no answer beats a wrong one.</summary>
internal static class Invariant
{
    internal static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"the lifter broke an invariant: {what}");
        }
    }
}
