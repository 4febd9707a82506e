using System.Collections.Immutable;
using Tablewalk.Litmus;

namespace Tablewalk.Cli;

/// <summary>What is refused of a litmus test.</summary>
internal static class LitmusErrors
{
    /// <summary>The entries, by code.</summary>
    public static ImmutableArray<ErrorEntry> All { get; } =
    [
        new(
            DiagnosticCodes.BadToken,
            "A character begins nothing that the format has, or a string or comment does not end.",
            Test("""
                AArch64 example
                (* never closed
                { }
                """),
            "Remove the character, or close the string or comment."),
        new(
            DiagnosticCodes.Syntax,
            "Something else stands where the format expects one thing.",
            Test("""
                X86 example
                { x=1 y=2; }
                 P0 ;
                 NOP ;
                exists x=1
                """),
            "The message says what was expected and what was found."),
        new(
            DiagnosticCodes.UnknownName,
            "There is no such thread, register, label or location.",
            Test("""
                X86 example
                { }
                 P0 ;
                 NOP ;
                exists 3:EAX=1
                """),
            "Threads are P0, P1 and so on; registers are those of the architecture in the first line."),
        new(
            DiagnosticCodes.Duplicate,
            "Something is defined a second time: a thread, a label, a variable of another type.",
            Test("""
                X86 example
                { }
                 P0 | P0 ;
                 NOP | NOP ;
                exists x=1
                """),
            "Rename or remove one."),
        new(
            DiagnosticCodes.BadNumber,
            "A number does not fit where it stands.",
            Test("""
                X86 example
                { x=99999999999999999999999; }
                 P0 ;
                 NOP ;
                exists x=1
                """),
            "The message says the range: values have 64 bits, indices are below the length of their array."),
        new(
            DiagnosticCodes.BadOperand,
            "An instruction does not take these operands.",
            Test("""
                X86 example
                { }
                 P0 ;
                 MOV [x],L0 ;
                exists x=1
                """),
            "The message says what the instruction takes."),
        new(
            DiagnosticCodes.Unsupported,
            "The test is well-formed, but asks for an architecture, instruction or variant that is not taken here.",
            Test("""
                X86 example
                { }
                 P0 ;
                 CLFLUSH [x] ;
                exists x=1
                """),
            "docs/conformance.md says what is taken; a test that asks for more has no verdict here."),
        new(
            DiagnosticCodes.TooLarge,
            "Something is nested beyond what is taken.",
            Test($$"""
                X86 example
                { }
                 P0 ;
                 NOP ;
                exists {{new string('(', 101)}}x=1{{new string(')', 101)}}
                """),
            "Leave out brackets that change nothing."),
    ];

    private static ErrorExample Test(string text) => new(ExampleKind.LitmusTest, text);
}
