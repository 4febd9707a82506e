namespace Tablewalk.Samples;

/// <summary>The sample's entry point: exit status 0 if the memories are equal.</summary>
public static class EntryPoint
{
    /// <summary>Runs the migration.</summary>
    public static int Main() => Run(Console.Out) ? 0 : 1;

    /// <summary>Runs the migration and reports to <paramref name="output"/>.</summary>
    public static bool Run(TextWriter output) => Migration.Run(output);
}
