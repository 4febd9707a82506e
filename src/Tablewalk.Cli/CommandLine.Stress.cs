using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <content>The command <c>stress</c>, which is two: invariants that are checked as the code runs, and outcomes that are compared.</content>
public static partial class CommandLine
{
    private static Command DefineStress(Session session, ImmutableArray<ScenarioDescription> catalog)
    {
        var scenarios = new Argument<string[]>("SCENARIO") { Description = "Scenarios to run on real threads; the whole memory manager if none is named, or all with --outcomes.", Arity = ArgumentArity.ZeroOrMore };
        Option<string[]> architectures = ListOption("--arch", "NAME,...", "Architectures; all if none is named.");
        var seconds = new Option<string?>("--seconds") { HelpName = "S", Description = "How long each architecture or claim runs; 10 if not given." };
        var seed = new Option<string?>("--seed") { HelpName = "N", Description = "Gives each thread its sequence of operations; 1 if not given." };
        var fault = new Option<string?>("--fault") { HelpName = "NAME", Description = "Does something wrong on purpose, to see it found." };
        var outcomes = new Option<bool>("--outcomes") { Description = "Compare what comes of a scenario's threads with what this machine's memory model allows." };
        var rounds = new Option<string?>("--rounds") { HelpName = "N", Description = "With --outcomes: rounds of each case; 200000 if not given." };
        Option<string[]> variants = ListOption("--variant", "NAME=VALUE", "With --outcomes: values of variants, as for check.");
        Option<string[]> claims = ListOption("--claim", "NAME,...", "With --outcomes: claims, each with its set-up; all if none is named.");
        Option<string[]> models = ListOption("--model", "NAME|FILE.cat", "With --outcomes: other memory models than this machine's.");
        var jobs = new Option<string?>("--jobs") { HelpName = "N", Description = "With --outcomes: worker threads of the search; as many as there are processors if not given." };
        var timeout = new Option<string?>("--timeout") { HelpName = "S", Description = "With --outcomes: seconds after which a case ends; the rounds take half of them at most." };
        Option<string?> memory = MemoryOption();
        Option<string?> format = FormatOption();
        var command = new Command("stress", "Runs the checked code on real threads, with its invariants checked as it runs.")
        {
            scenarios, architectures, seconds, seed, fault, outcomes, rounds, variants, claims, models, jobs, timeout, memory, format,
        };
        command.SetAction(parsed =>
        {
            var errors = new List<InputError>();
            string[] words = Words(parsed, scenarios, errors);
            bool comparesOutcomes = parsed.GetValue(outcomes);
            Option[] foreign = comparesOutcomes ? [seconds, seed, fault] : [rounds, variants, claims, models, jobs, timeout, memory];
            errors.AddRange(foreign.Where(option => parsed.GetResult(option) is not null).Select(option => new InputError(
                PlaceOf(command), InputErrorCodes.Usage, $"{option.Name} {(comparesOutcomes ? "does not go with" : "is for")} --outcomes")));
            bool asJson = IsJson(parsed.GetValue(format), errors);
            return comparesOutcomes ? CompareOutcomes() : RunInvariants();

            int CompareOutcomes()
            {
                var options = new OutcomeOptions(
                    WholeNumber("--rounds", parsed.GetValue(rounds), errors), Jobs(parsed.GetValue(jobs), errors), Timeout(parsed.GetValue(timeout), errors));
                var request = new CheckRequest(
                    [.. words],
                    Split(parsed.GetValue(architectures)),
                    Split(parsed.GetValue(models)),
                    Split(parsed.GetValue(variants)),
                    Split(parsed.GetValue(claims))) { Command = command.Name, Megabytes = Memory(parsed.GetValue(memory), errors) };
                return errors.Count > 0 ? throw new InputException([.. errors]) : OutcomesCommand.Run(catalog, request, options, asJson, session);
            }

            int RunInvariants()
            {
                TimeSpan length = Seconds("--seconds", parsed.GetValue(seconds), errors) ?? TimeSpan.FromSeconds(10);
                string seedText = parsed.GetValue(seed) ?? "1";
                if (!int.TryParse(seedText, NumberStyles.None, CultureInfo.InvariantCulture, out int seedValue))
                {
                    errors.Add(new InputError($"--seed {seedText}", InputErrorCodes.BadSeed, "expected a whole number from 0 to 2147483647"));
                }

                var request = new StressRequest(
                    [.. words], Split(parsed.GetValue(architectures)), length, seedValue, parsed.GetValue(fault), asJson);
                return errors.Count > 0 ? throw new InputException([.. errors]) : StressCommand.Run(catalog, request, session);
            }
        });
        return command;
    }

    private static long WholeNumber(string option, string? text, List<InputError> errors)
    {
        const long MostRounds = 1_000_000_000_000; // months
        if (text is null)
        {
            return OutcomesCommand.DefaultRounds;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long rounds) || rounds is < 1 or > MostRounds)
        {
            errors.Add(new InputError($"{option} {text}", InputErrorCodes.BadRounds, $"expected a whole number of rounds from 1 to {MostRounds}"));
        }

        return rounds;
    }
}
