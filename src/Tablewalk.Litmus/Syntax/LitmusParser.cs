using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Tablewalk.Litmus.Syntax;

/// <summary>
/// Reads the litmus format: J. Alglave, L. Maranget, "A tour of the herd and litmus tools" (the manual of the diy suite), part "The litmus
/// format". Reads all of what the published suites of AArch64, X86_64 and RISC-V use, translation tables included. What stands after
/// the condition between <c>&lt;&lt;</c> and <c>&gt;&gt;</c> (commands of older tools) is read over.
/// </summary>
public sealed partial class LitmusParser
{
    private const int DeepestNesting = 100;
    private const int MostThreads = 64;
    private static readonly string[] s_conditionWords = ["exists", "forall", "final", "locations", "filter", "not"];
    private readonly Scanner _scanner;
    private int _depth;

    private LitmusParser(string text, string fileName) => _scanner = new(text, fileName);

    /// <summary>Reads a test, or tells what is wrong with it.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="fileName">Its name, for diagnostics.</param>
    /// <param name="test">The test.</param>
    /// <param name="diagnostic">What is wrong: the first thing that is.</param>
    public static bool TryParse(
        string text, string fileName, [NotNullWhen(true)] out LitmusTest? test, [NotNullWhen(false)] out Diagnostic? diagnostic)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            (test, diagnostic) = (new LitmusParser(text, fileName).ParseTest(), null);
            return true;
        }
        catch (LitmusException wrong)
        {
            (test, diagnostic) = (null, wrong.Diagnostic);
            return false;
        }
    }

    private LitmusTest ParseTest()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        var architecture = _scanner.TakeName("the name of an architecture, such as 'AArch64'");
        _scanner.SkipBlank();
        var name = TakeTestName();
        var remark = _scanner.TakeLine();
        _scanner.SkipBlank();
        var title = _scanner.Current == '"' ? _scanner.TakeQuoted() : null;
        var fields = ParseFields();
        var initial = ParseInitial();
        var threads = ParseThreads();
        var observed = ParseObserved();
        var filter = _scanner.TryTakeWord("filter") ? ParseProposition() : null;
        _scanner.SkipBlank();
        var condition = _scanner.IsAtEnd && !observed.IsEmpty ? JustObserve() : ParseCondition();
        SkipCommands();
        return _scanner.IsAtEnd
            ? new(position, architecture, name, remark, title, fields, initial, threads, observed, filter, condition)
            : throw _scanner.Expected("the end of the file");
    }

    // A test that only lists what is to be seen asks for nothing more.
    private ConditionSyntax JustObserve() => new(_scanner.Position, Quantifier.ForAll, new ConstantProposition(_scanner.Position, true), []);

    private string TakeTestName()
    {
        var length = 0;
        while (_scanner.Peek(length) is not '\0' and var c && !char.IsWhiteSpace(c))
        {
            length++;
        }

        if (length == 0)
        {
            throw _scanner.Expected("the name of the test");
        }

        var name = string.Concat(Enumerable.Range(0, length).Select(_scanner.Peek));
        _scanner.Advance(length);
        return name;
    }

    private ImmutableArray<FieldSyntax> ParseFields()
    {
        var fields = ImmutableArray.CreateBuilder<FieldSyntax>();
        while (true)
        {
            _scanner.SkipBlank();
            if (_scanner.Current == '{')
            {
                return fields.ToImmutable();
            }

            var position = _scanner.Position;
            var name = _scanner.TakeName("a field such as 'Variant=vmsa', or '{'");
            _scanner.Take("=");
            fields.Add(new(position, name, _scanner.TakeLine()));
        }
    }

    private void SkipCommands()
    {
        _scanner.TryTake(";");
        while (_scanner.TryTake("<<"))
        {
            if (!_scanner.TrySkipTo(">>"))
            {
                throw _scanner.Expected("'>>'");
            }

            _scanner.Take(">>");
        }

        _scanner.SkipBlank();
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > DeepestNesting)
        {
            throw new LitmusException(new(DiagnosticCodes.TooLarge, _scanner.Position, $"expected at most {DeepestNesting} brackets inside each other, found more"));
        }

        var result = parse();
        _depth--;
        return result;
    }
}
