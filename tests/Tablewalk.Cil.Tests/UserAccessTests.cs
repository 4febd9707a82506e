using Tablewalk.Ir;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>An access of user code as it is lifted: a walk of every level, an update, faults, and no branch of the program's.</summary>
public sealed unsafe class UserAccessTests
{
    [Theory]
    [InlineData(nameof(Accesses.OnX86_64), 4, 1, "Translation Permission Translation Translation")]
    [InlineData(nameof(Accesses.OnX86Pae), 3, 1, "Translation Permission Translation Translation")]
    [InlineData(nameof(Accesses.OnArm64), 4, 1, "Translation Permission Translation Translation")]
    [InlineData(nameof(Accesses.OnArm64ByAnyEntry), 6, 1, "Translation Permission Translation Translation")]
    [InlineData(nameof(Accesses.OnArm64WithoutFlags), 4, 0, "Translation Permission AccessFlag Permission Translation Translation")]
    public void A_store_is_a_walk_of_every_level_an_update_and_an_access_or_a_fault(string method, int walks, int updates, string faults)
    {
        var procedure = Lifter.Lift(typeof(Accesses).GetMethod(method)!);
        var body = procedure.Blocks.SelectMany(b => b.Body).ToList();
        Assert.Equal(walks, body.Count(i => i is Load { Order: LoadOrder.Walk }));
        Assert.DoesNotContain(body, i => i is Load { Order: not LoadOrder.Walk } or AtomicUpdate);
        Assert.Equal(updates, body.Count(i => i is Store { Order: StoreOrder.HardwareUpdate }));
        Assert.Equal(1, body.Count(i => i is Store { Order: StoreOrder.Once }));
        Assert.Equal(faults.Split(' ').Order(StringComparer.Ordinal), body.OfType<TakeFault>().Select(f => $"{f.Kind}").Order(StringComparer.Ordinal));
        Assert.All(procedure.Blocks, b => Assert.True(b.End is not Branch { IsImplicit: false }));
    }

    private static class Accesses
    {
        public static void OnX86_64(AddressSpace* mm) => Cpu.UserStore<X86_64, X86HardwareWalk>(mm, 0x4000_0000, 1);

        public static void OnX86Pae(AddressSpace* mm) => Cpu.UserStore<X86Pae, X86HardwareWalk>(mm, 0x4000_0000, 1);

        public static void OnArm64(AddressSpace* mm) => Cpu.UserStore<Arm64, Arm64HardwareWalk<ThroughTarget>>(mm, 0x4000_0000, 1);

        public static void OnArm64ByAnyEntry(AddressSpace* mm) => Cpu.UserStore<Arm64, Arm64HardwareWalk<ThroughAnyEntry<Block16>>>(mm, 0x4000_0000, 1);

        public static void OnArm64WithoutFlags(AddressSpace* mm) => Cpu.UserStore<Arm64, Arm64SoftwareFlagsWalk>(mm, 0x4000_0000, 1);
    }
}
