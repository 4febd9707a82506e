namespace Tablewalk.Explore;

/// <summary>Checks of our own invariants, in Release too: no answer beats a wrong one.</summary>
internal static class Invariant
{
    public static void Check(bool condition, string broken)
    {
        if (!condition)
        {
            throw new InvalidOperationException("internal error: " + broken);
        }
    }
}
