using System.Text;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Explore.Explain;
using Tablewalk.Judge;
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
    /// <summary>Finds what the request asks for of a test, of which the model is not broken.</summary>
    /// <returns>Prints it, and throws <see cref="InputException"/> if the file of the drawing cannot be written.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Action Explain(LitmusProgram program, Model model, LitmusRequest request, Session session, CancellationToken cancellation)
    {
        (string text, string? drawing) = Find(program, model, request, cancellation);
        return () =>
        {
            session.Out.Write(text);
            session.Out.WriteLine();
            if (drawing is not null)
            {
                Write(request.DotFile!, drawing);
            }
        };
    }

    private static (string Text, string? Drawing) Find(LitmusProgram program, Model model, LitmusRequest request, CancellationToken cancellation)
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
            throw new InputException(new InputError($"--dot {path}", InputErrorCodes.BadDrawing, unwritable.Message));
        }
    }
}
