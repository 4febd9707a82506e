using System.Runtime.InteropServices;
using System.Text;

namespace Tablewalk.Cli;

/// <summary>The command's entry point.</summary>
public static class EntryPoint
{
    // Work that does not stop is given up after half a second; what then remains is to print.
    private static readonly TimeSpan s_mostAfterInterrupt = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_mostToSaySo = TimeSpan.FromSeconds(0.1);

    /// <summary>Runs the command on the process's own streams.</summary>
    public static int Main(string[] args)
    {
        using var interrupt = new CancellationTokenSource();

        // The first interrupt asks the command to stop and say how far it came; the second ends the process.
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !interrupt.IsCancellationRequested;
            if (context.Cancel)
            {
                new Thread(EndLate) { IsBackground = true }.Start();
                interrupt.Cancel();
            }
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

    // For what nobody else watches, such as a reader of our output that does not read. The console takes one writer at a time, so that one may keep us from saying so.
    private static void EndLate()
    {
        Thread.Sleep(s_mostAfterInterrupt);
        Task.Run(() => Console.OpenStandardError().Write("inconclusive: interrupted, and the command did not stop\n"u8)).Wait(s_mostToSaySo);
        Environment.Exit(ExitCode.LimitHit);
    }
}
