using System.Collections.Immutable;
using CsCheck;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Xunit;

namespace Tablewalk.Litmus.Tests.Syntax;

public sealed class RoundTripTests
{
    private static readonly Gen<string> s_variable = Gen.OneOfConst("x", "y", "z", "lock", "a0");
    private static readonly Gen<string> s_register = Gen.OneOfConst("X0", "W12", "EAX", "rax", "x5", "t0");
    private static readonly Gen<string> s_label = Gen.OneOfConst("L0", "LC00", "over");
    private static readonly Gen<int> s_thread = Gen.Int[0, 5];
    private static readonly Gen<Int128> s_number = Gen.OneOf(
        Gen.Int[-3, 300].Select(n => (Int128)n), Gen.Long.Select(n => (Int128)n), Gen.ULong.Select(n => (Int128)n));

    private static readonly Gen<SymbolSyntax> s_symbol = Gen.Select(s_variable, Gen.Enum<SymbolKind>(), (name, kind) => new SymbolSyntax(default, kind, name));

    private static readonly Gen<PlaceSyntax> s_place = Gen.OneOf<PlaceSyntax>(
        Gen.Select(s_thread, s_register, (t, r) => (PlaceSyntax)new RegisterPlace(default, t, r)),
        Gen.Select(s_symbol, Gen.Int[0, 3], Gen.Bool, (s, i, hasIndex) => (PlaceSyntax)new MemoryPlace(default, s, hasIndex ? i : null)));

    private static readonly Gen<EntryFieldSyntax> s_entryField = Gen.OneOf(
        s_variable.Select(v => new EntryFieldSyntax(default, "oa", new(new(default, SymbolKind.Physical, v), null, []))),
        Gen.Select(Gen.OneOfConst("valid", "af", "db", "dbm", "el0"), Gen.Int[0, 1], (f, n) => new EntryFieldSyntax(default, f, new(null, n, []))),
        Gen.OneOfConst("Normal", "Device-nGnRnE").Array[1, 2].Select(w => new EntryFieldSyntax(default, "attrs", new(null, null, [.. w]))));

    private static readonly Gen<ValueSyntax> s_scalar = Gen.OneOf<ValueSyntax>(
        s_number.Select(n => (ValueSyntax)new NumberValue(default, n)),
        s_symbol.Select(s => (ValueSyntax)new SymbolValue(default, s)),
        s_entryField.Array[1, 3].Select(f => (ValueSyntax)new EntryValue(default, [.. f])),
        Gen.Select(s_thread, s_label, (t, l) => (ValueSyntax)new LabelValue(default, t, l)),
        Gen.OneOfConst("NOP", "B .+8").Select(t => (ValueSyntax)new InstructionValue(default, t)));

    private static readonly Gen<InitialSyntax> s_initial = Gen.OneOf(
        Gen.Select(Gen.OneOfConst(null, "int", "uint64_t", "int*"), s_place, s_scalar, Gen.Bool, WithValue),
        Gen.Select(s_variable, s_scalar.Array[1, 3], (v, e) => new InitialSyntax(
            default, "int", new MemoryPlace(default, new(default, SymbolKind.Variable, v), null), e.Length, new ListValue(default, [.. e]))));

    private static readonly Gen<OperandSyntax> s_simpleOperand = Gen.OneOf<OperandSyntax>(
        s_register.Select(r => (OperandSyntax)new NameOperand(default, r)),
        Gen.OneOfConst("%eax", "SXTW", "VAAE1IS", "B.EQ").Select(n => (OperandSyntax)new NameOperand(default, n)),
        Gen.Select(Gen.Enum<NumberMark>(), s_number, (m, n) => (OperandSyntax)new NumberOperand(default, m, n)),
        Gen.Select(Gen.OneOfConst("LSL", "SXTW"), Gen.Int[0, 4], (s, n) => (OperandSyntax)new ShiftOperand(default, s, n)));

    private static readonly Gen<OperandSyntax> s_operand = Gen.OneOf(
        s_simpleOperand,
        Gen.Select(s_simpleOperand.Array[1, 3], Gen.Bool, (p, w) => (OperandSyntax)new MemoryOperand(default, true, null, [.. p], w)),
        Gen.Select(s_simpleOperand.Array[1, 3], s_number, Gen.Bool, (p, n, has) => (OperandSyntax)new MemoryOperand(default, false, has ? n : null, [.. p], false)));

    private static readonly Gen<CodeSyntax> s_code = Gen.OneOf<CodeSyntax>(
        s_label.Select(l => (CodeSyntax)new LabelSyntax(default, l)),
        Gen.Select(Gen.OneOfConst("MOV", "ldr", "B.EQ", "amoswap.w.aq.rl", "lock xaddl"), s_operand.Array[0, 3],
            (m, o) => (CodeSyntax)new InstructionSyntax(default, m, [.. o])));

    private static readonly Gen<FaultProposition> s_fault = Gen.Select(
        s_thread, Gen.OneOfConst(null, "L0"), Gen.OneOfConst(null, "x"), Gen.OneOfConst(null, "MMU:Permission", "SupervisorCall"),
        (t, l, v, type) => new FaultProposition(default, t, l, v is null ? null : new(default, SymbolKind.Entry, v), type));

    private static readonly Gen<LitmusTest> s_test = Gen.Select(
        s_initial.Array[0, 4],
        s_code.Array[0, 4].Array[1, 3],
        Gen.Select(s_place, s_fault, Gen.Bool, (p, f, isFault) => isFault ? new ObservedSyntax(null, f) : new ObservedSyntax(p, null)).Array[0, 2],
        Gen.Select(Proposition(3), Proposition(2), Gen.Bool, (p, f, hasFilter) => (Condition: p, Filter: hasFilter ? f : null)),
        Gen.Enum<Quantifier>(),
        Gen.Bool,
        (initial, code, observed, propositions, quantifier, flag) => new LitmusTest(
            default, "AArch64", "MP+dmb.st", flag ? "(a remark)" : "", flag ? "a title" : null,
            flag ? [new(default, "Variant", "vmsa,fatal"), new(default, "Orig", "")] : [],
            [.. initial],
            [.. code.Select((lines, i) => new ThreadSyntax(default, i / 2, i % 2 == 1, [.. lines]))],
            [.. observed], propositions.Filter,
            new(default, quantifier, propositions.Condition, flag ? [new(default, "tso", Quantifier.NotExists)] : [])));

    [Fact]
    public void What_is_printed_is_read_back_as_it_was() => s_test.Sample(
        test =>
        {
            var printed = LitmusPrinter.Print(test);
            return LitmusParser.TryParse(printed, "t", out var again, out _) && Trees.Of(test) == Trees.Of(again);
        },
        iter: 5000, print: LitmusPrinter.Print);

    private static InitialSyntax WithValue(string? type, PlaceSyntax place, ValueSyntax value, bool hasValue) =>
        new(default, type, place is MemoryPlace array && type is not null ? array with { Index = null } : place, null, hasValue || place is MemoryPlace { Index: not null } ? value : null);

    private static Gen<PropositionSyntax> Proposition(int depth)
    {
        var leaf = Gen.OneOf<PropositionSyntax>(
            Gen.Bool.Select(b => (PropositionSyntax)new ConstantProposition(default, b)),
            Gen.Select(s_place, Gen.Bool, s_scalar, (p, isEqual, v) => (PropositionSyntax)new EqualityProposition(default, p, isEqual, v)),
            s_fault.Select(f => (PropositionSyntax)f));
        if (depth == 0)
        {
            return leaf;
        }

        var smaller = Proposition(depth - 1);
        return Gen.OneOf(
            leaf,
            smaller.Select(p => (PropositionSyntax)new NotProposition(default, p)),
            smaller.Array[2, 3].Select(p => (PropositionSyntax)new AndProposition(default, [.. p])),
            smaller.Array[2, 3].Select(p => (PropositionSyntax)new OrProposition(default, [.. p])),
            Gen.Select(smaller, smaller, (l, r) => (PropositionSyntax)new ImpliesProposition(default, l, r)));
    }
}
