using System.Text;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Explore.Explain;
using Tablewalk.Litmus;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>
/// What <c>tablewalk litmus</c> says of a test besides its verdict: why its condition is never reached, or how it is. Of a <c>forall</c> the outcome that is
/// asked about is one that breaks it.
/// </summary>
internal static class LitmusExplainer
{
    /// <summary>Prints what the request asks for of a test that was run.</summary>
    /// <exception cref="InputException">The file of the drawing cannot be written.</exception>
    public static void Print(string file, Func<LitmusProgram, Model> modelOf, LitmusRequest request, Session session)
    {
        LitmusProgram program = Read(file);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(session.Cancellation);
        if (request.Timeout is { } after)
        {
            limit.CancelAfter(after);
        }

        (string Text, string? Drawing) answer = ("", null);
        Exception? failure = null;
        var worker = new Thread(
            () =>
            {
                try
                {
                    answer = Explain(program, modelOf(program), request, limit.Token);
                }
                catch (OperationCanceledException)
                {
                    answer = (session.Cancellation.IsCancellationRequested ? "No explanation: interrupted\n" : "No explanation: the limit was reached\n", null);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    failure = e;
                }
            },
            OrderedWork.DeepStackBytes);
        worker.Start();
        worker.Join();
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        session.Out.Write(answer.Text);
        session.Out.WriteLine();
        if (answer.Drawing is { } drawing)
        {
            Write(request.DotFile!, drawing);
        }
    }

    // The test was taken a moment ago.
    private static LitmusProgram Read(string file) =>
        LitmusParser.TryParse(File.ReadAllText(file), file, out LitmusTest? test, out _) && LitmusProgram.Compile(test, out LitmusProgram? program) is null
            ? program!
            : throw new InputException(new InputError(file, "TW0030", "changed while it was run"));

    private static (string Text, string? Drawing) Explain(LitmusProgram program, Model model, LitmusRequest request, CancellationToken cancellation)
    {
        bool isForAll = program.Test.Condition.Quantifier == Quantifier.ForAll;
        string outcome = LitmusPrinter.Print(program.Test.Condition.Proposition);
        outcome = isForAll ? $"not ({outcome})" : outcome;
        bool IsOutcome(ExecutionView view) => new LitmusRunner.FinalState(view) is var final && program.Passes(final) && program.Holds(final) != isForAll;
        var explainer = new OutcomeExplainer(program.Program, program.Memory, model, IsOutcome, program.NumbersOfCondition);
        ReachedOutcome? reached = explainer.ShortestOrNull(outcome, cancellation);
        ForbiddenOutcome? forbidden = reached is null ? explainer.WhyForbidden(timeoutOfEach: null, cancellation) : null;
        var text = new StringBuilder();
        if (request.Explains)
        {
            text.Append(reached is null ? $"{outcome} is never reached\n{Explaining.Of(forbidden!)}" : RaceTable.Write(reached.Table));
        }

        if ((reached?.Execution ?? forbidden!.Execution) is not { } picture)
        {
            return (text.ToString(), null);
        }

        if (request.Shows)
        {
            text.Append(reached is null ? "A forbidden execution:\n" : "An execution:\n").Append(ExecutionText.Of(picture, forbidden?.Rule));
        }

        return (text.ToString(), request.DotFile is null ? null : DotGraph.Of($"{program.Test.Name}: {outcome}", picture, forbidden?.Rule));
    }

    private static void Write(string path, string drawing)
    {
        try
        {
            File.WriteAllText(path, drawing);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new InputException(new InputError($"--dot {path}", "TW0032", unwritable.Message));
        }
    }
}
