using System.Reflection;
using Tablewalk.Cil.Tests.Fixtures;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>Which line a step is shown as: the one that a reader thinks in.</summary>
public sealed class SourceLineTests
{
    [Fact]
    public void Each_step_names_the_innermost_source_line()
    {
        var sources = SourcesOf(typeof(Memory), nameof(Memory.Locked));
        Assert.All(sources, s => Assert.Equal("tests/Tablewalk.Cil.Tests/Fixtures/Memory.cs", s.File));
        Assert.All(sources, s => Assert.Equal("Memory.Locked", s.Method));
        Assert.Contains(sources, s => s.Text == "Cpu.SpinLock(&c->Lock);");
        Assert.Contains(sources, s => s.Text == "ulong old = Cpu.ReadOnce(&c->First);");

        var test = SourcesOf(typeof(Structs), nameof(Structs.Property))[0];
        Assert.Equal(("Entry.IsPresent", "public bool IsPresent => (Raw & 1) != 0;"), (test.Method, test.Text));
    }

    [Fact]
    public void Methods_that_only_forward_to_an_intrinsic_give_the_line_of_their_caller_however_many_there_are() =>
        Assert.Equal(
            [("Wrappers.ThroughThree", "ulong before = Through<PlainReader>(word).Raw;"), ("Wrappers.ThroughThree", "Clear(word);")],
            AccessesOf(nameof(Wrappers.ThroughThree)));

    [Fact] // the control: one operation or statement more, and the method has a line of its own
    public void Methods_that_do_more_than_forward_keep_their_lines() =>
        Assert.Equal(
            [
                ("Wrappers.IsSet", "private static bool IsSet(ulong* word) => (Cpu.ReadOnce(word) & 1) != 0;"),
                ("Wrappers.SetTwice", "Cpu.WriteOnce(word, 1UL);"),
                ("Wrappers.SetTwice", "Cpu.WriteOnce(word, 2UL);"),
            ],
            AccessesOf(nameof(Wrappers.ThatComputes)));

    [Fact]
    public void A_thread_that_only_forwards_has_no_caller_and_keeps_its_line() =>
        Assert.Equal([("Wrappers.Raw", "internal static ulong Raw(ulong* word) => Cpu.ReadOnce(word);")], AccessesOf(nameof(Wrappers.Raw)));

    [Fact]
    public void A_statement_over_several_lines_is_shown_whole() =>
        Assert.Equal(
            [("Wrappers.OverSeveralLines", "ulong old = Cpu.CmpXchg(word, a, new Entry(a).WithFlag(3).Raw);")],
            AccessesOf(nameof(Wrappers.OverSeveralLines)));

    [Fact]
    public void What_is_refused_in_a_method_that_only_forwards_is_refused_there()
    {
        var method = MethodOf(typeof(Wrappers), nameof(Wrappers.ThatIsRefused));
        var diagnostic = Assert.Single(Assert.Throws<LiftException>(() => Lifter.Lift(method)).Diagnostics);
        Assert.Equal("private static ulong Rotated(ulong a) => BitOperations.RotateLeft(a, 3);", diagnostic.Place.Text);
    }

    private static List<(string Method, string Text)> AccessesOf(string name) =>
        [.. Steps(typeof(Wrappers), name).Where(i => i is Load or Store or AtomicUpdate).Select(i => (i.Source!.Method, i.Source.Text))];

    private static List<SourceLocation> SourcesOf(Type fixture, string name) => [.. Steps(fixture, name).Select(i => i.Source!)];

    private static IEnumerable<Instruction> Steps(Type fixture, string name) =>
        Lifter.Lift(MethodOf(fixture, name)).Blocks.SelectMany(b => b.Body);

    private static MethodInfo MethodOf(Type fixture, string name) =>
        fixture.GetMethod(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
}
