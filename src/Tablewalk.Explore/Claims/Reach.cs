using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>Programs that break a claim wherever the original comes to it, so that the search for a break finds whether it does.</summary>
internal static class Reach
{
    /// <summary>The program in which every BugOn of a claim breaks it. Its steps are those of the original.</summary>
    public static Program OfClaim(Program program, string claim) => program with
    {
        Threads = [.. program.Threads.Select(thread => thread with { Code = WithBreaks(thread.Code, claim) })],
        Final = program.Final is null ? null : WithBreaks(program.Final, claim),
    };

    /// <summary>The program in which every execution breaks a claim.</summary>
    public static Program OfAny(Program program, string claim)
    {
        var thread = program.Threads[0];
        var first = thread.Code.Blocks[0];
        first = first with { Body = first.Body.Insert(0, new BugOn(Operand.Of(1), claim)) };
        return program with { Threads = program.Threads.SetItem(0, thread with { Code = thread.Code with { Blocks = thread.Code.Blocks.SetItem(0, first) } }) };
    }

    /// <summary>The procedure in which all BugOns break one claim, so that the search records that it came to them.</summary>
    public static Procedure WithClaim(Procedure procedure, string claim) => Rewrite(procedure, bug => bug with { Condition = Operand.Of(1), Claim = claim });

    /// <summary>The procedure with each BugOn made another. Its steps are those of the original.</summary>
    public static Procedure Rewrite(Procedure procedure, Func<BugOn, BugOn> change) => procedure with
    {
        Blocks = [.. procedure.Blocks.Select(block => block with { Body = [.. block.Body.Select(i => i is BugOn bug ? change(bug) : i)] })],
    };

    private static Procedure WithBreaks(Procedure procedure, string claim) =>
        Rewrite(procedure, bug => bug.Claim == claim ? bug with { Condition = Operand.Of(1) } : bug);
}
