using System.Reflection;

namespace Tablewalk.Cli;

/// <summary>The version that the build gave the command.</summary>
internal static class ToolVersion
{
    /// <summary>The version without build metadata.</summary>
    public static string Text { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
