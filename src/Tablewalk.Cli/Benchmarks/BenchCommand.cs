using System.Diagnostics;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>The command <c>bench</c>: what accessors and walks cost, as ratios measured in one run.</summary>
internal static class BenchCommand
{
    private const int Rounds = 15;
    private const double BatchSeconds = 0.02;
    private const int ReaderRounds = 60;
    private const int RaceRounds = 9;
    private const double RaceSeconds = 0.2;
    private const double ChangesPerSecond = 20_000;
    private const double LongestBatchSeconds = 0.001;
    private const int WarmUps = 4;

    /// <summary>Runs it.</summary>
    public static int Run(Session session)
    {
        session.Out.WriteLine($"{Environment.ProcessorCount} processors, {Environment.Version}; medians of {Rounds} rounds, both sides in turns");
        using (Costs costs = new())
        {
            foreach (CostComparison comparison in costs.All)
            {
                if (session.Cancellation.IsCancellationRequested)
                {
                    return ExitCode.LimitHit;
                }

                session.Out.WriteLine(Compare(comparison));
            }

            session.Out.WriteLine(CompareReaders(costs));
        }

        PrintRace(session, "256 pages", 256, isRandom: true, ChangesPerSecond);
        PrintRace(session, "256 pages, mapper never pauses", 256, isRandom: true, double.PositiveInfinity);
        PrintRace(session, "1 GiB at random", 262_144, isRandom: true, ChangesPerSecond);
        PrintRace(session, "1 GiB in order", 262_144, isRandom: false, ChangesPerSecond);
        return ExitCode.Holds;
    }

    private static string Compare(CostComparison comparison)
    {
        int times = Math.Max(1, Math.Min(TimesOf(comparison.Subject), TimesOf(comparison.Baseline)));
        var subject = new double[Rounds];
        var baseline = new double[Rounds];
        var ratio = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            subject[i] = Measure(comparison.Subject, times);
            baseline[i] = Measure(comparison.Baseline, times);
            ratio[i] = subject[i] / baseline[i];
        }

        return Line(comparison.Name, $"{Median(subject):0.0} ns", $"{Median(ratio):0.00} x {comparison.BaselineName} ({Median(baseline):0.0} ns)");
    }

    // Warms the code up until it is compiled for good, and says how often it fits into a batch.
    private static int TimesOf(Action<int> action)
    {
        // Calls are counted only some time after the first, and the compiler works in the background: a long loop before that would be measured half compiled.
        for (int i = 0; i < WarmUps; i++)
        {
            for (int j = 0; j < 60; j++)
            {
                action(200);
            }

            Thread.Sleep(120);
        }

        double nanoseconds = Measure(action, 100_000);
        return (int)(BatchSeconds * 1e9 / nanoseconds);
    }

    private static double Measure(Action<int> action, int times)
    {
        long start = Stopwatch.GetTimestamp();
        action(times);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / times;
    }

    // The best of many short rounds: whatever else runs on the machine takes one of the processors away.
    private static string CompareReaders(Costs costs)
    {
        const int times = 300_000;
        Action<int> walk = costs.All[1].Subject;
        double one = double.PositiveInfinity;
        double two = double.PositiveInfinity;
        for (int i = 0; i < ReaderRounds; i++)
        {
            one = Math.Min(one, Measure(walk, times));
            double other = 0;
            using Barrier start = new(2);
            Thread reader = new(() =>
            {
                start.SignalAndWait();
                other = Measure(walk, times);
            });
            reader.Start();
            start.SignalAndWait();
            double mine = Measure(walk, times);
            reader.Join();
            two = Math.Min(two, Math.Max(mine, other));
        }

        return Line("two readers", $"{two:0.0} ns", $"{2 * one / two:0.00} x one reader's walks ({one:0.0} ns)");
    }

    private static void PrintRace(Session session, string name, int pages, bool isRandom, double changesPerSecond)
    {
        using TranslationRace race = new(pages, isRandom);
        foreach (RaceEntry entry in race.All)
        {
            TimesOf(count => entry.Find(count));
            TimesOf(count => entry.Change(count % race.RangeCount));
        }

        double[][] rates = [.. race.All.Select(static _ => new double[RaceRounds])];
        double[][] changes = [.. race.All.Select(static _ => new double[RaceRounds])];
        for (int round = 0; round < RaceRounds && !session.Cancellation.IsCancellationRequested; round++)
        {
            for (int i = 0; i < rates.Length; i++)
            {
                (rates[i][round], changes[i][round]) = Race(race.All[i], race.RangeCount, changesPerSecond);
            }
        }

        double best = rates.Skip(1).Max(Median);
        for (int i = 0; i < rates.Length; i++)
        {
            double rate = Median(rates[i]);
            session.Out.WriteLine(Line(
                $"translation, {name}: {race.All[i].Name}", $"{1e9 / rate:0.0} ns", $"{rate / best:0.00} x the best of the others; {Median(changes[i]):N0} ranges changed a second"));
        }
    }

    // Translations of one reader a second, while one mapper changes so many ranges a second if it can; and how many it did.
    private static (double Translations, double Changes) Race(RaceEntry entry, int rangeCount, double changesPerSecond)
    {
        bool isStopped = false;
        long changed = 0;
        Thread mapper = new(() =>
        {
            long began = Stopwatch.GetTimestamp();
            while (!Volatile.Read(ref isStopped))
            {
                if (Stopwatch.GetElapsedTime(began).TotalSeconds * changesPerSecond < changed)
                {
                    Thread.SpinWait(20);
                }
                else
                {
                    entry.Change((int)(changed % rangeCount));
                    changed++;
                }
            }
        });
        mapper.Start();
        long start = Stopwatch.GetTimestamp();
        long found = 0;
        double searched = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < RaceSeconds)
        {
            long batch = Stopwatch.GetTimestamp();
            int foundInBatch = entry.Find(1000);
            double seconds = Stopwatch.GetElapsedTime(batch).TotalSeconds;

            // What takes that long was not running: the system had given the processor to somebody else.
            if (seconds < LongestBatchSeconds)
            {
                (found, searched) = (found + foundInBatch, searched + seconds);
            }
        }

        double changesASecond = changed / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Volatile.Write(ref isStopped, true);
        mapper.Join();
        return (found / searched, changesASecond);
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static string Line(string name, string time, string ratio) => $"{name,-78}{time,10}   {ratio}";
}
