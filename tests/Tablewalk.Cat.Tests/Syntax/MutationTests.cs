using System.Diagnostics;
using CsCheck;
using Tablewalk.Cat.Tests.Models;
using Tablewalk.Cat.Tests.Style;
using Xunit;

namespace Tablewalk.Cat.Tests.Syntax;

/// <summary>Files that were right and no longer are: whatever is done to them, the answer is a model or an error with a place, and soon.</summary>
public sealed class MutationTests
{
    private const int Count = 10_000;

    private static readonly string[] s_originals =
        [.. Directory.EnumerateFiles(ModelFiles.Folder, "*.cat").Concat(Directory.EnumerateFiles(StyleTests.Folder, "*.cat")).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private static readonly string[] s_tokens =
    [
        "let", "rec", "and", "in", "fun", "->", "match", "with", "||", "{}", "++", "end", "if", "then", "else", "subset", "=", "'a", "enum", "procedure", "call", "forall", "do",
        "from", "flag", "~", "*", "+", "?", "^-1", "&", "|", ";", "\\", "(", ")", "[", "]", "{", "}", ",", "_", "0", "as", "try", "include", "\"cos.cat\"", "\"", "(*", "*)", "//",
        "po", "rf", "W", "linearisations", "classes-loc", "fold", "map", "cross", "acyclic", "empty", "$", "\0", "\ud800", "when", "assert", "instructions", "debug",
    ];

    [Fact]
    public void A_mutated_file_is_a_model_or_an_error_with_a_place()
    {
        var (read, refused, slowest, gate) = (0, 0, TimeSpan.Zero, new Lock());
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed =>
            {
                var watch = Stopwatch.StartNew();
                var isRead = IsModelOrError(Mutated(seed), isTried: seed % 16 == 0);
                lock (gate)
                {
                    (read, refused) = isRead ? (read + 1, refused) : (read, refused + 1);
                    slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
                }
            },
            iter: Count,
            print: Mutated);
        Assert.True(read > Count / 20 && refused > Count / 2, $"{read} are models still, {refused} are not: the mutations are too strong or too weak to tell");
        Assert.True(slowest < TimeSpan.FromSeconds(30), $"the slowest took {slowest}");
    }

    /// <summary>Found by mutation, kept by name.</summary>
    [Theory]
    [InlineData("acyclic po \ud800")]
    [InlineData("with r from linearisations(_, po)\nwith s from linearisations(_, r)\nacyclic s")]
    [InlineData("let rec f x = match x with {} -> 0 || e ++ r -> f x end\nacyclic f R")]
    [InlineData("let rec f x = map f x\nacyclic f {{}}")]
    [InlineData("let rec f x = fold f (x, x)\nacyclic f {{}}")]
    [InlineData("let rec a = a ; b and b = fun x -> a\nacyclic a")]
    [InlineData("let rec (a, b) = (b, a)\nacyclic a")]
    [InlineData("let rec a = {a}\nacyclic a")]
    [InlineData("let rec a = a ++ a\nempty a")]
    public void What_is_odd_is_a_model_or_an_error_with_a_place(string text) => IsModelOrError(text, isTried: true);

    private static bool IsModelOrError(string text, bool isTried)
    {
        if (!Model.TryParse(text, "mutated.cat", _ => null, out var model, out var diagnostics))
        {
            Assert.NotEmpty(diagnostics);
            Assert.All(diagnostics, d => Assert.True(d.Position is { Line: >= 1, Column: >= 1, File.Length: > 0 } && d.Message.Contains("expected", StringComparison.Ordinal), d.ToString()));
            return false;
        }

        if (isTried)
        {
            try
            {
                var shape = Shape.Parse("Wx=1 Wy.L=1 | Ry.A=1 Rx=0");
                Assert.Equal(model.Evaluate(shape.ToExecution()) is null, model.EvaluateByTheBook(shape.ToExecution()) is null);
            }
            catch (CatException e)
            {
                Assert.All(e.Diagnostics, d => Assert.True(d.Position.Line >= 1, d.ToString()));
            }
        }

        return true;
    }

    private static string Mutated(int seed)
    {
        var random = new Random(seed);
        var text = s_originals[random.Next(s_originals.Length)];
        for (var n = random.Next(1, 4); n > 0 && text.Length > 1; n--)
        {
            var (at, length) = (random.Next(text.Length), random.Next(1, 12));
            length = Math.Min(length, text.Length - at);
            text = random.Next(8) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(random.Next(text.Length - length + 1), length)),
                2 => text.Insert(at, $" {s_tokens[random.Next(s_tokens.Length)]} "),
                3 => text[..at] + (char)random.Next(1, 128) + text[(at + 1)..],
                4 => Words(text, random, w => s_tokens[random.Next(s_tokens.Length)]),
                5 => Words(text, random, _ => ""),
                6 => Words(text, random, w => w + " " + w),
                _ => text[..at] + s_originals[random.Next(s_originals.Length)][^Math.Min(at, 40)..],
            };
        }

        return text;
    }

    /// <summary>Does something to one word.</summary>
    private static string Words(string text, Random random, Func<string, string> change)
    {
        var words = text.Split(' ');
        var i = random.Next(words.Length);
        words[i] = change(words[i]);
        return string.Join(' ', words);
    }
}
