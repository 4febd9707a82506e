using System.Runtime.ExceptionServices;

namespace Tablewalk.Explore;

/// <summary>Threads with a stack on which a search may recurse for each of thousands of events: a few hundred are more than a default one is sure to hold.</summary>
public static class DeepStack
{
    private const int StackBytes = 64 << 20;

    /// <summary>Starts something on a thread of its own, which does not keep the process alive.</summary>
    /// <param name="work">What to do; what it throws, nobody catches.</param>
    public static Thread Start(Action work)
    {
        var thread = new Thread(() => work(), StackBytes) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>Does something on a thread of its own and waits for it; what it throws, this throws.</summary>
    internal static void Run(Action work)
    {
        ExceptionDispatchInfo? thrown = null;
        Start(() =>
        {
            try
            {
                work();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                thrown = ExceptionDispatchInfo.Capture(e);
            }
        }).Join();
        thrown?.Throw();
    }
}
