using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Judge;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>The command line: which commands and options there are, and what each calls.</summary>
public static partial class CommandLine
{
    private const int MostJobs = 1024;

    /// <summary>Runs a command to its end.</summary>
    /// <returns>The exit status: 0 all holds, 1 something is violated, 2 bad input, 3 a limit was hit first, 70 an error of the command's own.</returns>
    public static int Run(IReadOnlyList<string> arguments, Session session) => Run(arguments, session, Catalog.All);

    /// <summary>The same with scenarios of the caller's.</summary>
    internal static int Run(IReadOnlyList<string> arguments, Session session, ImmutableArray<ScenarioDescription> catalog)
    {
        try
        {
            ParseResult parsed = Define(session, catalog).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            return parsed.Errors.Count > 0
                ? Refuse(session, ErrorsOf(parsed))
                : parsed.Invoke(new InvocationConfiguration
                {
                    Output = session.Out,
                    Error = session.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                });
        }
        catch (InputException bad)
        {
            return Refuse(session, bad.Errors);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // Nothing that a user gave may end here: this is for invariants of our own.
            session.Error.WriteLine($"tablewalk: {InputErrorCodes.Internal}: internal error, please report it: {broken.GetType().Name}: {broken.Message}");
            if (Environment.GetEnvironmentVariable("TABLEWALK_DEBUG") == "1")
            {
                session.Error.WriteLine(broken.StackTrace);
            }

            return ExitCode.Internal;
        }
    }

    private static RootCommand Define(Session session, ImmutableArray<ScenarioDescription> catalog)
    {
        var root = new RootCommand("Checks lockless page-table walks against the memory models of their architectures. Without arguments: the tour.")
        {
            DefineCheck(session, catalog),
            DefineLitmus(session),
            DefineList(session, catalog),
            DefineReach(session, catalog),
            DefineStress(session, catalog),
            DefineBench(session),
        };
        Option<bool> full = FullOption();
        root.Options.Add(full);
        root.SetAction(parsed => TourCommand.Run(session, parsed.GetValue(full)));
        return root;
    }

    private static Command DefineCheck(Session session, ImmutableArray<ScenarioDescription> catalog)
    {
        var scenarios = new Argument<string[]>("FILE.dll|SCENARIO") { Description = "An assembly with scenarios of your own, and scenarios to check; all if none is named.", Arity = ArgumentArity.ZeroOrMore };
        Option<string[]> architectures = ListOption("--arch", "NAME,...", "Architectures; all that a scenario has if none is named.");
        Option<string[]> models = ListOption("--model", "NAME|FILE.cat", "Memory models; the architecture's own if none is named.");
        Option<string[]> variants = ListOption("--variant", "NAME=VALUE", "Values of variants, * for each there is; a variant not named takes its default.");
        Option<string[]> claims = ListOption("--claim", "NAME,...", "Claims; all that a scenario makes if none is named.");
        Option<string?> format = FormatOption();
        var jobs = new Option<string?>("--jobs") { HelpName = "N", Description = "Worker threads; as many as there are processors if not given." };
        var timeout = new Option<string?>("--timeout") { HelpName = "S", Description = "Seconds after which a check ends as inconclusive; never if not given." };
        Option<string?> memory = MemoryOption();
        var explain = new Option<bool>("--explain") { Description = "Say of each claim that holds which barriers, orders, sections and branches it rests on." };
        Option<bool> full = FullOption();
        var exhaustive = new Option<bool>("--exhaustive") { Description = "Count every execution, also where the claim can no longer break." };
        var command = new Command("check", "Checks every combination of what is asked for.")
        {
            scenarios, architectures, models, variants, claims, format, jobs, timeout, memory, exhaustive, explain, full,
        };
        command.SetAction(parsed =>
        {
            var errors = new List<InputError>();
            string[] words = Words(parsed, scenarios, errors);
            string[] files = [.. words.Where(ScenarioFiles.IsFile)];
            if (files.Length > 1)
            {
                errors.Add(new InputError($"check {files[1]}", InputErrorCodes.Usage, "expected one assembly at a time"));
            }

            bool asJson = IsJson(parsed.GetValue(format), errors);
            var options = new CheckOptions(Jobs(parsed.GetValue(jobs), errors), Timeout(parsed.GetValue(timeout), errors), parsed.GetValue(exhaustive));
            int? megabytes = Memory(parsed.GetValue(memory), errors);
            if (errors.Count > 0)
            {
                throw new InputException([.. errors]);
            }

            var request = new CheckRequest(
                [.. words.Except(files)],
                Split(parsed.GetValue(architectures)),
                Split(parsed.GetValue(models)),
                Split(parsed.GetValue(variants)),
                Split(parsed.GetValue(claims))) { Explains = parsed.GetValue(explain), IsFull = parsed.GetValue(full), Megabytes = megabytes, ScenarioFile = files.FirstOrDefault() };
            if (asJson && request.Explains)
            {
                throw new InputException(new InputError("--format json", InputErrorCodes.BadFormat, "expected the format text with --explain"));
            }

            return CheckCommand.Run(catalog, request, options, asJson, session);
        });
        return command;
    }

    private static Command DefineLitmus(Session session)
    {
        var files = new Argument<string[]>("FILE|DIR") { Description = "Litmus tests, and folders of them.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string?>("--model") { HelpName = "NAME|FILE.cat", Description = "The memory model; each architecture's own if not given." };
        var kinds = new Option<string?>("--kinds") { HelpName = "FILE", Description = "Expected kinds; expected.tsv beside each test if not given." };
        Option<string?> format = FormatOption();
        var jobs = new Option<string?>("--jobs") { HelpName = "N", Description = "Worker threads; as many as there are processors if not given." };
        var timeout = new Option<string?>("--timeout") { HelpName = "S", Description = "Seconds after which a test ends as unknown; never if not given." };
        Option<string?> memory = MemoryOption();
        var explain = new Option<bool>("--explain") { Description = "Say why a condition is never reached and what that rests on, or how it is reached." };
        var show = new Option<bool>("--show") { Description = "Print one execution: one that reaches the condition, or a forbidden one that would." };
        var dot = new Option<string?>("--dot") { HelpName = "FILE", Description = "Draw that execution of the one test, for Graphviz." };
        var command = new Command("litmus", "Runs litmus tests and prints their final states as herd7 does.")
        {
            files, model, kinds, format, jobs, timeout, memory, explain, show, dot,
        };
        command.SetAction(parsed =>
        {
            var errors = new List<InputError>();
            string[] words = Words(parsed, files, errors);
            bool asJson = IsJson(parsed.GetValue(format), errors);
            var request = new LitmusRequest(
                [.. words],
                parsed.GetValue(model),
                parsed.GetValue(kinds),
                Jobs(parsed.GetValue(jobs), errors),
                Timeout(parsed.GetValue(timeout), errors))
            {
                Explains = parsed.GetValue(explain), Shows = parsed.GetValue(show), DotFile = parsed.GetValue(dot), Megabytes = Memory(parsed.GetValue(memory), errors),
            };
            if (asJson && (request.Explains || request.Shows))
            {
                errors.Add(new InputError("--format json", InputErrorCodes.BadFormat, "expected the format text with --explain and --show"));
            }

            return errors.Count > 0 ? throw new InputException([.. errors]) : LitmusCommand.Run(request, asJson, session);
        });
        return command;
    }

    private static Command DefineList(Session session, ImmutableArray<ScenarioDescription> catalog)
    {
        Option<string?> format = FormatOption();
        var command = new Command("list", "Lists scenarios with their variants and claims, architectures and models.") { format };
        command.SetAction(parsed =>
        {
            var errors = new List<InputError>();
            bool asJson = IsJson(parsed.GetValue(format), errors);
            return errors.Count > 0 ? throw new InputException([.. errors]) : ListCommand.Run(catalog, asJson, session);
        });
        return command;
    }

    private static Command DefineReach(Session session, ImmutableArray<ScenarioDescription> catalog)
    {
        var scenarios = new Argument<string[]>("SCENARIO") { Description = "Scenarios to look at; all if none is named.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> format = FormatOption("text|markdown|json");
        var jobs = new Option<string?>("--jobs") { HelpName = "N", Description = "Worker threads; as many as there are processors if not given." };
        var timeout = new Option<string?>("--timeout") { HelpName = "S", Description = "Seconds after which a scenario ends as inconclusive; never if not given." };
        Option<string?> memory = MemoryOption();
        var command = new Command("reach", "Says which accesses, fences, flushes, sections, waits and claims of the memory manager the scenarios' executions come to.")
        {
            scenarios, format, jobs, timeout, memory,
        };
        command.SetAction(parsed =>
        {
            var errors = new List<InputError>();
            string[] words = Words(parsed, scenarios, errors);
            var request = new ReachRequest(
                [.. words],
                Format(parsed.GetValue(format), ["text", "markdown", "json"], errors),
                Jobs(parsed.GetValue(jobs), errors),
                Timeout(parsed.GetValue(timeout), errors),
                Memory(parsed.GetValue(memory), errors));
            return errors.Count > 0 ? throw new InputException([.. errors]) : ReachCommand.Run(catalog, request, session);
        });
        return command;
    }

    private static Command DefineBench(Session session)
    {
        var command = new Command("bench", "Measures what accessors and walks cost, as ratios.");
        command.SetAction(_ => BenchCommand.Run(session));
        return command;
    }

    private static Option<string[]> ListOption(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    private static Option<string?> FormatOption(string formats = "text|json") => new("--format") { HelpName = formats, Description = "How to print the answer; text if not given." };

    private static Option<bool> FullOption() =>
        new("--full") { Description = "Show every step in race tables, and not only those that a violation needs." };

    private static Option<string?> MemoryOption() =>
        new("--memory") { HelpName = "MB", Description = "Megabytes that the process may have before what is at work ends as inconclusive; three quarters of the machine's if not given." };

    // What is no option to the parser, it takes for an argument.
    private static string[] Words(ParseResult parsed, Argument<string[]> argument, List<InputError> errors)
    {
        string[] words = parsed.GetValue(argument) ?? [];
        errors.AddRange(words.Where(word => word.StartsWith('-')).Select(option => UnknownOption(parsed.CommandResult.Command, option)));
        return words;
    }

    private static ImmutableArray<string> Split(string[]? values) =>
        [.. (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries))];

    private static bool IsJson(string? format, List<InputError> errors) => Format(format, ["text", "json"], errors) == "json";

    private static string Format(string? format, string[] known, List<InputError> errors)
    {
        if (format is not null && !known.Contains(format))
        {
            errors.Add(InputError.NoSuch($"--format {format}", InputErrorCodes.BadFormat, $"unknown format '{format}'", format, known));
        }

        return format ?? known[0];
    }

    private static int Jobs(string? text, List<InputError> errors)
    {
        if (text is null)
        {
            return Environment.ProcessorCount;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int jobs) || jobs is < 1 or > MostJobs)
        {
            errors.Add(new InputError($"--jobs {text}", InputErrorCodes.BadJobs, $"expected a whole number from 1 to {MostJobs}"));
            return 1;
        }

        return jobs;
    }

    private static int? Memory(string? text, List<InputError> errors)
    {
        const int MostMegabytes = 1_000_000_000; // a petabyte
        if (text is null)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int megabytes) || megabytes is < 1 or > MostMegabytes)
        {
            errors.Add(new InputError($"--memory {text}", InputErrorCodes.BadMemory, $"expected a whole number of megabytes from 1 to {MostMegabytes}"));
            return null;
        }

        return megabytes;
    }

    private static TimeSpan? Timeout(string? text, List<InputError> errors) => Seconds("--timeout", text, errors);

    private static TimeSpan? Seconds(string option, string? text, List<InputError> errors)
    {
        const double MostSeconds = 1_000_000; // eleven days; timers take no more than 49
        if (text is null)
        {
            return null;
        }

        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) || seconds is not (> 0 and <= MostSeconds))
        {
            errors.Add(new InputError($"{option} {text}", InputErrorCodes.BadSeconds, "expected a number of seconds above 0, such as 30 or 0.5"));
            return null;
        }

        return TimeSpan.FromSeconds(seconds);
    }

    private static ImmutableArray<InputError> ErrorsOf(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        // After a wrong command, nothing that follows means anything.
        IEnumerable<string> tokens = command.Subcommands.Count > 0 ? parsed.UnmatchedTokens.Take(1) : parsed.UnmatchedTokens;
        return parsed.UnmatchedTokens.Count == 0
            ? [.. parsed.Errors.Select(error => new InputError(PlaceOf(command), InputErrorCodes.Usage, error.Message))]
            : [.. tokens.Select(token => token.StartsWith('-') ? UnknownOption(command, token) : UnknownWord(command, token))];
    }

    private static InputError UnknownOption(Command command, string token) => InputError.NoSuch(
        PlaceOf(command), InputErrorCodes.Usage, $"unknown option '{token}'", token, [.. command.Options.Select(option => option.Name)]);

    private static InputError UnknownWord(Command command, string token) => command.Subcommands.Count > 0
        ? InputError.NoSuch(PlaceOf(command), InputErrorCodes.Usage, $"unknown command '{token}'", token, [.. command.Subcommands.Select(sub => sub.Name)])
        : new InputError(PlaceOf(command), InputErrorCodes.Usage, $"takes no argument, found '{token}'");

    private static string PlaceOf(Command command) => command is RootCommand ? "tablewalk" : $"tablewalk {command.Name}";

    private static int Refuse(Session session, ImmutableArray<InputError> errors)
    {
        foreach (InputError error in errors)
        {
            session.Error.WriteLine(error);
        }

        return ExitCode.BadInput;
    }
}
