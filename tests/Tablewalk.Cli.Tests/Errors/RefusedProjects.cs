using System.Diagnostics;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests.Errors;

/// <summary>The examples of <see cref="ErrorTable"/> that are project files: in the folder that a code names stands a program that is refused with it.</summary>
internal static class RefusedProjects
{
    /// <summary>The project file of the example of a code.</summary>
    public static string FileOf(string code) => Repository.PathOf("tests", "Refused", code, $"Tablewalk.Refused.{code}.csproj");

    /// <summary>What the program of the example of a code prints.</summary>
    public static string ErrorsOf(string code)
    {
        // A program of its own: what its runtime may do, and what lies beside it, are part of the example.
        string folder = Path.Combine(Path.GetDirectoryName(FileOf(code))!, Path.GetRelativePath(Repository.PathOf("tests", "Tablewalk.Cli.Tests"), AppContext.BaseDirectory));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, $"Tablewalk.Refused.{code}.dll")]) { RedirectStandardError = true, UseShellExecute = false };
        using Process program = Process.Start(start)!;
        string printed = program.StandardError.ReadToEnd();
        program.WaitForExit();
        Assert.Equal(2, program.ExitCode);
        return printed;
    }
}
