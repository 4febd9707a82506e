using System.Text;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;

namespace Tablewalk.Report;

/// <summary>How the parts of a step are written.</summary>
public static class StepText
{
    /// <summary>The operation of an atomic update's read.</summary>
    public const string UpdateRead = "RMW.R";

    /// <summary>The operation of an atomic update's write.</summary>
    public const string UpdateWrite = "RMW.W";

    /// <summary>Both together.</summary>
    public const string Update = "RMW";

    /// <summary>Whether the step reads or writes a value.</summary>
    public static bool HasValue(Step step) => step.Kind is StepKind.Read or StepKind.Write;

    /// <summary>File and line, without folders; empty where no source is known.</summary>
    public static string Place(Step step) => step.Source is { } source ? Place(source) : "";

    /// <summary>File and line, without folders.</summary>
    public static string Place(SourceLocation source) => $"{source.File[(source.File.LastIndexOfAny(['/', '\\']) + 1)..]}:{source.Line}";

    /// <summary>What a step without a value does, such as <c>DSB.ST</c>.</summary>
    public static string Event(Step step) => step.Location.Length == 0 ? step.Operation : $"{step.Operation} {step.Location}";

    /// <summary>The value read or written, such as <c>A+3 cont dirty</c>.</summary>
    public static string Value(Step step) => step.Description ?? Number(step.Value);

    /// <summary>A number as a reader of tables wants it: small ones in decimal, the others in hexadecimal.</summary>
    public static string Number(ulong value) => value < 10 ? $"{value}" : $"0x{value:x}";

    /// <summary>The text on one line, in printable ASCII, so that it survives any mail program.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c))
            {
                plain.Append(c is > ' ' and <= '~' ? c : '?');
            }
            else if (plain.Length > 0 && plain[^1] != ' ')
            {
                plain.Append(' ');
            }
        }

        return plain.ToString().TrimEnd();
    }
}
