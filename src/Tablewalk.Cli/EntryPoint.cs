using System.Runtime.InteropServices;
using System.Text;

namespace Tablewalk.Cli;

/// <summary>The command's entry point.</summary>
public static class EntryPoint
{
    /// <summary>Runs the command on the process's own streams.</summary>
    public static int Main(string[] args)
    {
        using var interrupt = new CancellationTokenSource();

        // The first interrupt asks the checker to stop and say how far it came; the second ends the process.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        }

        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration onTermination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        using var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        try
        {
            return CommandLine.Run(args, new Session(output, error, !Console.IsErrorRedirected, interrupt.Token));
        }
        catch (IOException)
        {
            return ExitCode.LimitHit; // the reader of our output went away: nobody is left to tell
        }
    }
}
