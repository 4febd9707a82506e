using System.Diagnostics;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Xunit;

namespace Tablewalk.Litmus.Tests.Syntax;

/// <summary>Files with random damage: each is read and given a meaning, or refused with a place inside it; nothing else happens.</summary>
public sealed class MutationTests
{
    private const int Mutations = 10_000;
    private const string Marks = ";|:,=[](){}~/\\#$%\"'*@<>\0\n\t 0a\u00e9\ud800-+.!";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ten_thousand_damaged_files_are_read_or_refused_with_a_place(int seed)
    {
        var texts = Suites.All.Where(s => s.Name.StartsWith("aarch64", StringComparison.Ordinal) || s.Name is "x86_64" or "dat3m-riscv" or "dat3m-x86")
            .SelectMany(s => Suites.FilesOf(s.Name).Take(100)).Select(File.ReadAllText).ToArray();
        var random = new Random(seed);
        var (refused, watch) = (0, Stopwatch.StartNew());
        for (var i = 0; i < Mutations; i++)
        {
            var text = Damage(texts[random.Next(texts.Length)], random);
            if (!LitmusParser.TryParse(text, "t", out var test, out var diagnostic))
            {
                refused++;
            }
            else
            {
                diagnostic = LitmusProgram.Compile(test, out _);
            }

            if (diagnostic is not null)
            {
                var lines = text.Split('\n');
                var (_, line, column) = diagnostic.Position;
                Assert.True(line >= 1 && line <= lines.Length && column >= 1 && column <= lines[line - 1].Length + 1, $"{diagnostic} lies outside of\n{text}");
            }
        }

        Assert.InRange(refused, Mutations / 3, Mutations - 1); // most damage is noticed, but a name may change into another
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"took {watch.Elapsed}");
    }

    private static string Damage(string text, Random random)
    {
        for (var count = random.Next(1, 4); count > 0 && text.Length > 1; count--)
        {
            var at = random.Next(text.Length);
            var length = random.Next(1, Math.Min(30, text.Length - at) + 1);
            text = random.Next(5) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(random.Next(text.Length - length + 1), length)),
                2 => text.Insert(at, Marks[random.Next(Marks.Length)].ToString()),
                3 => string.Concat(text.AsSpan(0, at), Marks.AsSpan(random.Next(Marks.Length), 1), text.AsSpan(at + 1)),
                _ => text[..at],
            };
        }

        return text;
    }
}
