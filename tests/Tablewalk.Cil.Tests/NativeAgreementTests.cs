using System.Reflection;
using CsCheck;
using Tablewalk.Cil.Tests.Fixtures;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>The lifted procedure computes what the compiled method computes.</summary>
public sealed class NativeAgreementTests
{
    private static readonly Gen<ulong> s_edges = Gen.OneOfConst<ulong>(
        0, 1, 2, 3, 7, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
        0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_8000_0000, 0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fff0);

    private static readonly Gen<ulong[]> s_arguments = Gen.OneOf(s_edges, Gen.ULong, Gen.ULong[0, 20]).Array[4];

    public static TheoryData<string> MethodsOf(string fixture) =>
        [.. Type.GetType($"Tablewalk.Cil.Tests.Fixtures.{fixture}", throwOnError: true)!
            .GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(MethodsOf), nameof(Integers))]
    public void Integers_agree(string name) => Agree(typeof(Integers), name);

    [Theory]
    [MemberData(nameof(MethodsOf), nameof(ControlFlow))]
    public void Control_flow_agrees(string name) => Agree(typeof(ControlFlow), name);

    [Theory]
    [MemberData(nameof(MethodsOf), nameof(Structs))]
    public void Structs_agree(string name) => Agree(typeof(Structs), name);

    [Theory]
    [MemberData(nameof(MethodsOf), nameof(Policies))]
    public void Policies_agree(string name) => Agree(typeof(Policies), name);

    private static void Agree(Type fixture, string name)
    {
        var method = fixture.GetMethod(name)!;
        var cleaned = Lifter.Lift(method);
        var raw = Lifter.Lift(method, new LiftOptions { CleanUp = false });
        s_arguments.Sample(
            values =>
            {
                var arguments = method.GetParameters().Select((p, i) => Scalars.Narrow(values[i], p.ParameterType)).ToArray();
                var registers = arguments.Select(Scalars.BitsOf).ToArray();
                var expected = Scalars.BitsOf(method.Invoke(null, arguments)!);
                return Interpreter.Run(cleaned, registers) == expected && Interpreter.Run(raw, registers) == expected;
            },
            iter: 500,
            threads: 1);
    }
}
