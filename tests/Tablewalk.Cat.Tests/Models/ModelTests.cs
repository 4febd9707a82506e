using Xunit;

namespace Tablewalk.Cat.Tests.Models;

/// <summary>
/// Single executions against the three models. Expectations are those of the literature for the shape of that name: "Herding Cats" (TOPLAS 2014) for the
/// classic ones, Pulte et al. (POPL 2018) for Armv8, Sewell et al. (CACM 2010) for x86.
/// </summary>
public sealed class ModelTests
{
    private static readonly Model s_sc = ModelFiles.Load("sc");
    private static readonly Model s_tso = ModelFiles.Load("x86-tso");
    private static readonly Model s_arm = ModelFiles.Load("armv8");

    /// <summary>Verdicts in the order sc, x86-tso, armv8: allowed or forbidden.</summary>
    [Theory]
    // Store buffering.
    [InlineData("Wx=1 Ry=0 | Wy=1 Rx=0", "FAA")]
    [InlineData("Wx=1 mb Ry=0 | Wy=1 mb Rx=0", "FFF")]
    [InlineData("Wx=1 mb Ry=0 | Wy=1 Rx=0", "FAA")]
    [InlineData("Wx=1 wmb Ry=0 | Wy=1 wmb Rx=0", "FAA")]
    [InlineData("Wx=1 rmb Ry=0 | Wy=1 rmb Rx=0", "FAA")]
    [InlineData("Wx=1 dsb Ry=0 | Wy=1 dmb Rx=0", "FAF")]
    [InlineData("Wx=1 mfence Ry=0 | Wy=1 mfence Rx=0", "FFA")]
    [InlineData("Wx.L=1 Ry.A=0 | Wy.L=1 Rx.A=0", "FAF")]
    [InlineData("Wx.L=1 Ry.Q=0 | Wy.L=1 Rx.Q=0", "FAA")]
    [InlineData("Wx=1 Uz=0>1 Ry=0 | Wy=1 Uw=0>1 Rx=0", "FFF")]
    [InlineData("Wx=1 Uz.rlx=0>1 Ry=0 | Wy=1 Uw.rlx=0>1 Rx=0", "FFA")]
    [InlineData("Wx=1 Uz.llsc=0>1 Ry=0 | Wy=1 Uw.llsc=0>1 Rx=0", "FFA")]
    [InlineData("Ux=0>1 Ry=0 | Uy=0>1 Rx=0", "FFF")]
    [InlineData("Ux.llsc=0>1 Ry=0 | Uy.llsc=0>1 Rx=0", "FFA")]
    [InlineData("Wx=1 Rx=1 Ry=0 | Wy=1 Ry=1 Rx=0", "FAA")]
    [InlineData("Wx=1 ipi Ry=0 | Wy=1 gp Rx=0", "FFF")]

    // Message passing.
    [InlineData("Wx=1 Wy=1 | Ry=1 Rx=0", "FFA")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Rx=0", "FFA")]
    [InlineData("Wx=1 Wy=1 | Ry=1 Rx=0:addr", "FFA")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Rx=0:addr", "FFF")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Rx=0:ctrl", "FFA")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 isb:ctrl Rx=0", "FFF")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 isb Rx=0", "FFA")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Rz=0:addr isb Rx=0", "FFF")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 rmb Rx=0", "FFF")]
    [InlineData("Wx=1 rmb Wy=1 | Ry=1 rmb Rx=0", "FFA")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 wmb Rx=0", "FFA")]
    [InlineData("Wx=1 Wy.L=1 | Ry.A=1 Rx=0", "FFF")]
    [InlineData("Wx=1 Wy.L=1 | Ry.Q=1 Rx=0", "FFF")]
    [InlineData("Wx.L=1 Wy=1 | Ry.A=1 Rx=0", "FFA")]
    [InlineData("Wx=1 Uy=0>1 | Ry=1 rmb Rx=0", "FFF")]
    [InlineData("Uz=0>1 Wx=1 wmb Wy=1 | Ry=1 rmb Rx=0 Rz=0", "FFF")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Wz=1:ctrl Rz=1 Rx=0:addr", "FFA")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Wz=1:addr Rz=1 Rx=0:addr", "FFF")]
    [InlineData("Wx=1 wmb Wy=1 | Uy.rlx=1>2 Ry.A=2 Rx=0", "FFF")]

    // Load buffering.
    [InlineData("Rx=1 Wy=1 | Ry=1 Wx=1", "FFA")]
    [InlineData("Rx=1 Wy=1:data | Ry=1 Wx=1", "FFA")]
    [InlineData("Rx=1 Wy=1:data | Ry=1 Wx=1:data", "FFF")]
    [InlineData("Rx=1 Wy=1:data | Ry=1 Wx=1:ctrl", "FFF")]
    [InlineData("Rx=1 Wy=1:addr | Ry.A=1 Wx=1", "FFF")]
    [InlineData("Rx=1 Wy.L=1 | Ry=1 rmb Wx=1", "FFF")]
    [InlineData("Rx=1 wmb Wy=1 | Ry=1 wmb Wx=1", "FFA")]
    [InlineData("Rx=1 Rz=0:addr Wy=1 | Ry=1 Wx=1:data", "FFF")]

    // S, R, 2+2W.
    [InlineData("Wx=2 Wy=1 | Ry=1 Wx=1", "FFA")]
    [InlineData("Wx=2 wmb Wy=1 | Ry=1 Wx=1:data", "FFF")]
    [InlineData("Wx=2 wmb Wy=1 | Ry=1 Wx=1", "FFA")]
    [InlineData("Wx=1 Wy=1 | Wy=2 Rx=0", "FAA")]
    [InlineData("Wx=1 mb Wy=1 | Wy=2 mb Rx=0", "FFF")]
    [InlineData("Wx=1 Wy.L=1 | Wy.L=2 Rx.A=0", "FAF")]
    [InlineData("Wx=2 Wy=1 | Wy=2 Wx=1", "FFA")]
    [InlineData("Wx=2 wmb Wy=1 | Wy=2 wmb Wx=1", "FFF")]
    [InlineData("Wx=2 wmb Wy=1 | Wy=2 Wx=1", "FFA")]

    // Three and four threads.
    [InlineData("Wx=1 | Wy=1 | Rx=1 Ry=0 | Ry=1 Rx=0", "FFA")]
    [InlineData("Wx=1 | Wy=1 | Rx=1 Ry=0:addr | Ry=1 Rx=0:addr", "FFF")]
    [InlineData("Wx=1 | Wy=1 | Rx.A=1 Ry=0 | Ry=1 rmb Rx=0", "FFF")]
    [InlineData("Wx=1 | Rx=1 Wy=1 | Ry=1 Rx=0", "FFA")]
    [InlineData("Wx=1 | Rx=1 Wy=1:data | Ry=1 Rx=0:addr", "FFF")]
    [InlineData("Wx=1 wmb Wy=1 | Ry=1 Wz=1:data | Rz=1 Rx=0:addr", "FFF")]
    [InlineData("Wx=1 Wy=1 | Ry=1 Wz=1 | Rz=1 Rx=0", "FFA")]

    // Coherence.
    [InlineData("Wx=1 | Rx=1 Rx=0", "FFF")]
    [InlineData("Wx=2 Wx=1", "FFF")]
    [InlineData("Rx=1 Wx=1", "FFF")]
    [InlineData("Wx=2 | Rx=2 Wx=1", "FFF")]
    [InlineData("Wx=1 Rx=0", "FFF")]
    [InlineData("Wx=1 Wx=2 | Rx=1 Rx=2", "AAA")]

    // Atomicity.
    [InlineData("Ux.rlx=0>1 | Ux.rlx=0>2", "FFF")]
    [InlineData("Ux.llsc=0>2 | Wx=1", "FFF")]
    [InlineData("Ux.rlx=0>1 | Ux.rlx=1>2", "AAA")]

    // Waits: the section is over before the wait ends, or begins after the wait began.
    [InlineData("save Rx=1 restore | ipi Wx=1; restore0<ipi1", "FFF")]
    [InlineData("save Rx=1 restore | ipi Wx=1; ipi1<save0", "AAA")]
    [InlineData("save Rx=0 restore | Wx=1 ipi; ipi1<save0", "FFF")]
    [InlineData("save Rx=0 restore | Wx=1 ipi; restore0<ipi1", "AAA")]
    [InlineData("lock Rx=1 Ry=0 unlock | Wy=1 gp Wx=1; unlock0<gp1", "FFF")]
    [InlineData("lock Rx=1 Ry=0 unlock | Wy=1 gp Wx=1; gp1<lock0", "FFF")]
    [InlineData("lock Ry=0 Rx=1 unlock | Wy=1 gp Wx=1; gp1<lock0", "FFF")]
    [InlineData("save ipi restore | save ipi restore; restore0<ipi1 restore1<ipi0", "FFF")]
    public void A_shape_is_judged_as_published(string shape, string verdicts)
    {
        var parsed = Shape.Parse(shape);
        Assert.Equal(verdicts, string.Concat(new[] { s_sc, s_tso, s_arm }.Select(m => parsed.BrokenBy(m) is null ? 'A' : 'F')));
    }

    /// <summary>Accesses of a page-table entry as two halves x and y on x86-PAE: sc, then x86-tso.</summary>
    [Theory]
    [InlineData("{ Wx=1 Wy=1 } | { Rx=1 Ry=0 }", "FF")]
    [InlineData("{ Wx=1 Wy=1 } | { Rx=1 Ry=1 }", "AA")]
    [InlineData("{ Wx=1 Wy=1 } | Rx=1 Ry=0", "FF")]
    [InlineData("{ Wx=1 Wy=1 } | Ry=0 Rx=1", "AA")]
    [InlineData("Wx=1 Wy=1 | { Rx=0 Ry=1 }", "FF")]
    [InlineData("Wx=1 Wy=1 | { Rx=1 Ry=0 }", "AA")]
    [InlineData("{ Wx=1 Wy=2 } | { Wx=2 Wy=1 }", "FF")]
    public void The_parts_of_one_access_happen_at_once(string shape, string verdicts)
    {
        var parsed = Shape.Parse(shape);
        Assert.Equal(verdicts, string.Concat(new[] { s_sc, s_tso }.Select(m => parsed.BrokenBy(m) is null ? 'A' : 'F')));
    }

    [Fact]
    public void Every_constraint_of_the_models_can_be_judged_on_partial_executions() =>
        Assert.All(new[] { s_sc, s_tso, s_arm }.SelectMany(m => m.Constraints), c => Assert.True(c.IsMonotone, c.ToString()));

    [Fact]
    public void The_last_acyclic_constraint_is_the_global_order() =>
        Assert.Equal(["sc", "ghb", "external"], new[] { s_sc, s_tso, s_arm }.Select(m => m.Constraints.Last(c => c.Kind == ConstraintKind.Acyclic).Name));

    [Fact]
    public void The_models_that_come_with_the_program_are_found_by_name()
    {
        Assert.Equal(["armv8", "riscv", "sc", "x86-tso"], ModelFiles.Names);
        Assert.Equal("Armv8-A", s_arm.Name);
        var missing = Assert.Throws<FileNotFoundException>(() => ModelFiles.Load("armv9"));
        Assert.Contains("armv8, riscv, sc, x86-tso", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_users_file_is_loaded_by_path_with_includes_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "part.cat"), "let hb = po | rf");
            var path = Path.Combine(folder.FullName, "mine.cat");
            File.WriteAllText(path, "include \"part.cat\"\nacyclic hb");
            Assert.Equal(["acyclic (po | rf) as acyclic-2"], ModelFiles.Load(path).Constraints.Select(c => c.ToString()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Only_what_comes_with_the_program_is_known_to_be_extensible()
    {
        Assert.All(ModelFiles.Names, n => Assert.True(ModelFiles.Load(n).IsExtensible));
        Assert.False(ModelFiles.Load(Path.Combine(ModelFiles.Folder, "sc.cat")).IsExtensible);
        Assert.False(Model.Parse("empty fr", "own.cat", _ => null).IsExtensible);
    }
}
