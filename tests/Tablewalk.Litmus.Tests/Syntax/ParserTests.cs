using System.Text.RegularExpressions;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Xunit;

namespace Tablewalk.Litmus.Tests.Syntax;

public sealed class ParserTests
{
    private const string Small = """
        AArch64 MP+small (a remark)
        "a title"
        Variant=vmsa,fatal
        {
         int x; [PTE(x)]=(oa:PA(y), valid:0); 0:X1=x; uint64_t 1:X2=-0x10; int y[2]={1,2}; 0:X9=P1:L0;
        }
         P0            | P1                 ;
         MOV W0,#1     | L0: LDAR W2,[X1]   ;
         STR W0,[X1]   | L1:                ;
                       | LDR W3,[X1,W4,SXTW #2] ;
        locations [0:X1; fault(P1:L0,x);]
        filter 0:X0=1
        exists (1:X2=1 /\ not (1:X3=0 \/ x=2) \/ [y[1]]=3)
        """;

    [Fact]
    public void A_test_is_read_whole()
    {
        Assert.True(LitmusParser.TryParse(Small, "t.litmus", out var test, out var diagnostic), diagnostic?.ToString());
        Assert.Equal(("AArch64", "MP+small", "(a remark)", "a title"), (test.Architecture, test.Name, test.Remark, test.Title));
        Assert.Equal(["Variant=vmsa,fatal"], test.Fields.Select(f => $"{f.Name}={f.Value}"));
        Assert.Equal(
            ["int [x]", "[PTE(x)]=(oa:PA(y), valid:0)", "0:X1=x", "uint64_t 1:X2=-16", "int y[2]={1,2}", "0:X9=label:\"P1:L0\""],
            test.Initial.Select(LitmusPrinter.Print));
        Assert.Equal([2, 4], test.Threads.Select(t => t.Code.Length));
        Assert.Equal("LDR W3,[X1,W4,SXTW #2]", test.Threads[1].Code[^1].ToString());
        Assert.Equal("exists (1:X2=1 /\\ not (1:X3=0 \\/ [x]=2) \\/ y[1]=3)", test.Condition.ToString());
    }

    [Fact]
    public void Positions_are_those_of_the_file()
    {
        Assert.True(LitmusParser.TryParse(Small, "t.litmus", out var test, out _));
        Assert.Equal("t.litmus:9:18", test.Threads[1].Code[2].Position.ToString());
        Assert.Equal("t.litmus:5:9", test.Initial[1].Position.ToString());
    }

    [Theory]
    [InlineData("a /\\ b \\/ c", "a /\\ b \\/ c")]
    [InlineData("a /\\ (b \\/ c)", "a /\\ (b \\/ c)")]
    [InlineData("(a /\\ b) /\\ c", "(a /\\ b) /\\ c")]
    [InlineData("~a /\\ b", "not a /\\ b")]
    [InlineData("~(a /\\ b) => c => d", "not (a /\\ b) => c => d")]
    [InlineData("(a => b) => c \\/ d", "(a => b) => c \\/ d")]
    [InlineData("not ~a", "not not a")]
    [InlineData("((a))", "a")]
    public void Not_binds_before_and_before_or_before_implies(string text, string expected)
    {
        static string Spelt(string letters) => Regex.Replace(letters, @"\b[a-d]\b", letter => $"[{letter}]=1");
        Assert.True(LitmusParser.TryParse($"X86 t\n{{}} P0 ; ; exists {Spelt(text)}", "t", out var test, out var diagnostic), diagnostic?.ToString());
        Assert.Equal(Spelt(expected), test.Condition.Proposition.ToString());
    }

    [Theory]
    [InlineData("", "t:1:1: TW3002: expected the name of an architecture, such as 'AArch64', found the end of the file")]
    [InlineData("X86", "t:1:4: TW3002: expected the name of the test, found the end of the file")]
    [InlineData("X86 t\n{ x=1 y=2; }", "t:2:7: TW3002: expected ';' or '}', found 'y=2'")]
    [InlineData("X86 t\n{ x=zz:3; }", "t:2:7: TW3002: expected ';' or '}', found ':3'")]
    [InlineData("X86 t\n{ x=99999999999999999999999; }", "t:2:5: TW3005: expected a number of at most 64 bits, found '99999999999999999999...'")]
    [InlineData("X86 t\n{ 0:EAX; }\n P0 | P0 ;", "t:3:7: TW3004: the column P0 is there already")]
    [InlineData("X86 t\n{}\n P0 ;\n MOV [x],1 | MOV [y],1 ;\nexists x=1", "t:4:13: TW3002: expected at most 1 columns, as in the first row, found more")]
    [InlineData("X86 t\n{}\n P0 ;\n MOV [x ;\nexists x=1", "t:4:9: TW3002: expected ']' or ',', found ';'")]
    [InlineData("X86 t\n{}\n P0 ;\n MOV [x],1 ;", "t:4:13: TW3002: expected more code, or a condition such as 'exists', found the end of the file")]
    [InlineData("X86 t\n{}\n P0 ;\n MOV [x],1 ;\nexists (x=1", "t:5:12: TW3002: expected ')', found the end of the file")]
    [InlineData("X86 t\n{}\n P0 ;\n MOV [x],1 ;\nexists x=1 y", "t:5:12: TW3002: expected the end of the file, found 'y'")]
    [InlineData("AArch64 t\n{ x=(oa:PA(x), valid:2); }", "t:2:22: TW3005: expected valid from 0 to 1, found 2")]
    [InlineData("AArch64 t\n{ x=(oa:PA(x), dirty:1); }", "t:2:16: TW3002: expected a field of an entry: oa, valid, af, db, dbm, el0 or attrs, found 'dirty'")]
    [InlineData("AArch64 t\n(* never closed\n{}", "t:2:1: TW3001: expected '*)' at the end of this comment, found the end of the file")]
    [InlineData("AArch64 t\n\"never closed\n{}", "t:2:2: TW3001: expected a closing '\"', found the end of the file")]
    public void Errors_tell_the_place_and_what_was_expected_and_found(string text, string expected)
    {
        Assert.False(LitmusParser.TryParse(text, "t", out _, out var diagnostic));
        Assert.Equal(expected, diagnostic.ToString());
    }

    [Fact]
    public void Brackets_beyond_measure_are_refused_and_not_followed()
    {
        var text = $"X86 t\n{{}}\n P0 ;\n MOV [x],1 ;\nexists {new string('(', 100_000)}x=1";
        Assert.False(LitmusParser.TryParse(text, "t", out _, out var diagnostic));
        Assert.Equal(DiagnosticCodes.TooLarge, diagnostic.Code);
    }
}
