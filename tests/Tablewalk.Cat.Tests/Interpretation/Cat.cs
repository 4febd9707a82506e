using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Tests.Models;
using Xunit;

namespace Tablewalk.Cat.Tests.Interpretation;

/// <summary>Evaluates pieces of cat on small executions, in every way there is.</summary>
internal static class Cat
{
    /// <summary>
    /// Two threads: 0 and 1 are the initial writes of x and y, 2 writes x and 3 then y, 4 reads y from 3 and 5 then x from 0.
    /// </summary>
    internal const string MessagePassing = "Wx=1 Wy=1 | Ry=1 Rx=0";

    /// <summary>The pairs of a relation, such as <c>2-&gt;3 4-&gt;5</c>. What can be evaluated without the book is, and must agree.</summary>
    internal static string Pairs(string expression, string definitions = "", string shape = MessagePassing)
    {
        var execution = Shape.Parse(shape).ToExecution();
        var model = Read($"{definitions}\nempty ({expression}) as it");
        var it = model.Constraints[^1];
        var byTheBook = model.EvaluateByTheBook(execution) is null ? "{}" : $"{model.BookValueOf(it, execution)}";
        if (it.Expression is { } e)
        {
            Assert.Equal($"{new FullEvaluator(model, execution).Relation(e)}", byTheBook);
        }

        return byTheBook.Trim('{', '}');
    }

    /// <summary>The members of a set, such as <c>2 3</c>.</summary>
    internal static string Members(string expression, string definitions = "", string shape = MessagePassing) =>
        string.Join(' ', Pairs($"[{expression}]", definitions, shape).Split(' ').Select(p => p.Split("->")[0]));

    /// <summary>Whether an execution passes a model, as every evaluator says.</summary>
    internal static bool Passes(string model, string shape = MessagePassing) => Shape.Parse(shape).BrokenBy(Read(model)) is null;

    internal static string Flags(string model, string shape = MessagePassing) => string.Join(' ', Shape.Parse(shape).FlagsUnder(Read(model)) ?? ["forbidden"]);

    internal static Model Read(string text) => Model.Parse(text, "t.cat", _ => null);

    /// <summary>What is wrong with a text, one finding a line, without the file's name.</summary>
    internal static string Mistakes(string text, Func<string, string?>? includes = null)
    {
        Model.TryParse(text, "t.cat", includes ?? (_ => null), out _, out var diagnostics);
        return string.Join('\n', diagnostics.Select(d => d.ToString().Replace("t.cat:", "", StringComparison.Ordinal)));
    }
}
