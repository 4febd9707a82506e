using System.Collections.Immutable;
using System.Text.RegularExpressions;
using CsCheck;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Report.Tests;

/// <summary>Rows may be fewer than steps, but they say as much: unfolded again, a table gives the steps that it was made of.</summary>
public sealed partial class FoldingLaws
{
    private static readonly Gen<string> s_anyValue = Gen.OneOf(Gen.Const("none"), Gen.Int[0, 3].Select(i => $"A+{i} clean"));

    // Loops over some entries, so that there is something to fold.
    private static readonly Gen<ImmutableArray<Step>> s_anyLoop =
        from cpu in Gen.Int[0, 1]
        from line in Gen.Int[1, 2]
        from kind in Gen.Int[0, 2]
        from early in Gen.Bool
        from start in Gen.Int[0, 2]
        from length in Gen.Int[1, 3]
        from isCounting in Gen.Bool
        from value in s_anyValue
        select Enumerable.Range(start, length)
            .SelectMany(i => StepsOf(cpu, line, kind, early, $"PTE{i}", isCounting ? $"A+{i} clean" : value))
            .ToImmutableArray();

    private static readonly Gen<ImmutableArray<Step>> s_anySteps = s_anyLoop.Array[0, 8].Select(loops => loops.SelectMany(loop => loop).ToImmutableArray());

    [Fact]
    public void A_table_unfolds_to_the_steps_it_was_made_of() =>
        s_anySteps.Sample(steps =>
        {
            string[] expected = [.. steps.Select(step => $"{step.Cpu} {step.Early} {step.Operation} {step.Location} {step.Description}")];
            string[] actual = [.. Unfold(TableOf(steps))];
            Assert.Equal(expected, actual);
        });

    [Fact] // the control: without folding the law above would say nothing
    public void Tables_do_have_fewer_rows_than_steps() =>
        Assert.Equal(1, TableOf([.. Enumerable.Range(0, 3).SelectMany(i => StepsOf(0, 1, 2, false, $"PTE{i}", $"A+{i} clean"))]).Split("RMW ").Length - 1);

    private static IEnumerable<Step> StepsOf(int cpu, int line, int kind, bool early, string location, string value)
    {
        var source = new SourceLocation("b.cs", line, "loop", "M");
        Step Read(string operation) => new(cpu, StepKind.Read, source, operation, location, 1, value, early, ReadsFrom: -1);
        Step Write(string operation, string written) => new(cpu, StepKind.Write, source, operation, location, 1, written, early, ReadsFrom: -1);
        return kind switch
        {
            0 => [Read("R")],
            1 => [Write("W", value)],
            _ => [Read("RMW.R"), Write("RMW.W", "none")],
        };
    }

    private static string TableOf(ImmutableArray<Step> steps) => RaceTable.Write(new Counterexample("claim", "reason", ["a", "b"], steps, 0));

    private static IEnumerable<string> Unfold(string table) =>
        Origin().Replace(table, "").Split('\n').Select(line => Row().Match(line)).Where(row => row.Success).SelectMany(Unfold);

    private static IEnumerable<string> Unfold(Match row)
    {
        int cpu = row.Groups["left"].Success ? 1 : 0;
        bool early = row.Groups["mark"].Value == "*";
        string operation = row.Groups["operation"].Value;
        string[] values = row.Groups["values"].Value.Split(" -> ");
        int first = int.Parse(row.Groups["first"].Value);
        int last = row.Groups["last"].Success ? int.Parse(row.Groups["last"].Value) : first;
        for (int i = 0; i <= last - first; i++)
        {
            if (values is [string old, string now])
            {
                yield return $"{cpu} {early} {operation}.R PTE{first + i} {Nth(old, i)}";
                yield return $"{cpu} {early} {operation}.W PTE{first + i} {Nth(now, i)}";
            }
            else
            {
                yield return $"{cpu} {early} {operation} PTE{first + i} {Nth(values[0], i)}";
            }
        }
    }

    private static string Nth(string folded, int index) => Range().Replace(folded, range => $"A+{int.Parse(range.Groups[1].Value) + index}");

    [GeneratedRegex(
        @"^(?<left>.*\| )?.*(?<mark>[ *]) (?<operation>R|W|RMW|RMW\.R|RMW\.W) PTE(?<first>\d)(\.\.PTE(?<last>\d))?( =|:) (?<values>.*?)( +b\.cs:\d)?( +\|)?$")]
    private static partial Regex Row();

    [GeneratedRegex(@"A\+(\d)\.\.A\+\d")]
    private static partial Regex Range();

    [GeneratedRegex(@" \((initial value|from \d+)\)")]
    private static partial Regex Origin();
}
