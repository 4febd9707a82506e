using System.Globalization;
using System.Text;

namespace Tablewalk.Ir;

/// <summary>Procedures as text, for golden files and for people. One instruction a line, LF.</summary>
public static class IrPrinter
{
    /// <summary>A procedure.</summary>
    /// <param name="procedure">What to print.</param>
    /// <param name="withSource">Whether each line ends with the source line it comes from.</param>
    public static string Print(Procedure procedure, bool withSource = false)
    {
        ArgumentNullException.ThrowIfNull(procedure);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"procedure {procedure.Name}(");
        text.AppendJoin(", ", procedure.Parameters.Select(Name)).Append(")\n");
        for (var b = 0; b < procedure.Blocks.Length; b++)
        {
            text.Append(CultureInfo.InvariantCulture, $"b{b}:\n");
            foreach (var instruction in procedure.Blocks[b].Body.Append(procedure.Blocks[b].End))
            {
                var line = $"  {Print(instruction)}";
                text.Append(withSource && instruction.Source is { } s ? $"{line,-48} ; {s.File}:{s.Line} {s.Method}: {s.Text}" : line).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>One instruction.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The instruction is of no known kind.</exception>
    public static string Print(Instruction instruction) => instruction switch
    {
        Compute { Operation: Operation.Copy } c => $"{Name(c.Destination)} = {Name(c.Left)}",
        Compute { Operation: Operation.ZeroExtend or Operation.SignExtend } c =>
            $"{Name(c.Destination)} = {(c.Operation == Operation.ZeroExtend ? "zext" : "sext")} {Name(c.Left)} from {Name(c.Right)}",
        Compute c => $"{Name(c.Destination)} = {Name(c.Left)} {Symbol(c.Operation)} {Name(c.Right)}",
        Select s => $"{Name(s.Destination)} = select {Name(s.Condition)}, {Name(s.IfTrue)}, {Name(s.IfFalse)}",
        Load l => $"{Name(l.Destination)} = load{(l.Exclusive ? ".exclusive" : "")}{Suffix(l.Order is LoadOrder.Once, l.Order)}{Size(l.Size)} [{Name(l.Address)}]{(l.Order is LoadOrder.Walk ? $" for {Name(l.InputAddress)}" : "")}",
        Store s => $"store{Suffix(s.Order is StoreOrder.Once, s.Order)}{Size(s.Size)} [{Name(s.Address)}] = {Name(s.Value)}",
        StoreExclusive s =>
            $"{Name(s.Status)} = store.exclusive{Suffix(s.Order is StoreOrder.Once, s.Order)}{Size(s.Size)} [{Name(s.Address)}] = {Name(s.Value)}",
        AtomicUpdate { Operation: AtomicOperation.CompareExchange } a =>
            $"{Name(a.Destination)} = compareexchange.{Lower(a.Order)}{Size(a.Size)} [{Name(a.Address)}], {Name(a.Expected)} -> {Name(a.Value)}",
        AtomicUpdate { HasNoReturn: true } a => $"update.{Lower(a.Operation)}.{Lower(a.Order)}{Size(a.Size)} [{Name(a.Address)}], {Name(a.Value)}",
        AtomicUpdate a => $"{Name(a.Destination)} = fetch.{Lower(a.Operation)}.{Lower(a.Order)}{Size(a.Size)} [{Name(a.Address)}], {Name(a.Value)}",
        Fence f => $"fence {f.Kind}",
        TakeFault f => $"fault {f.Kind} from {Name(f.Cause)}",
        Invalidate i => $"invalidate {(i.IsAll ? "all" : $"{Name(i.Start)} for {Name(i.Length)}")}{(i.IsBroadcast ? " everywhere" : "")}",
        Assume a => $"assume {Name(a.Condition)}",
        SectionEdge s => $"{(s.IsEntry ? "enter" : "leave")} {s.Section}",
        Wait w => $"wait {w.Kind}",
        Poison p => $"poison [{Name(p.Address)}], {Name(p.LengthBytes)} bytes with {Name(p.Pattern)}",
        BugOn b => $"bug on {Name(b.Condition)} \"{b.Claim}\"",
        Choose c => $"{Name(c.Destination)} = choose {c.Count}",
        Jump j => $"goto b{j.Target}",
        Branch { IsImplicit: true } b => $"where {Name(b.Condition)} goto b{b.IfNonzero} else b{b.IfZero}",
        Branch b => $"if {Name(b.Condition)} goto b{b.IfNonzero} else b{b.IfZero}",
        Return r => $"return {Name(r.Value)}",
        _ => throw new ArgumentOutOfRangeException(nameof(instruction), instruction, "unknown instruction"),
    };

    private static string Name(Register register) => string.Create(CultureInfo.InvariantCulture, $"r{register.Index}");

    private static string Name(Operand operand) => operand.IsConstant ? Number(operand.Constant) : Name(operand.Register);

    private static string Number(ulong value) =>
        value < 1000 ? value.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Suffix<T>(bool isPlain, T order)
        where T : struct, Enum => isPlain ? "" : "." + Lower(order);

    private static string Size(AccessSize size) => string.Create(CultureInfo.InvariantCulture, $".{(int)size * 8}");

#pragma warning disable CA1308 // the text form is lower case; nothing is compared
    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static string Symbol(Operation operation) => operation switch
    {
        Operation.Add => "+",
        Operation.Subtract => "-",
        Operation.Multiply => "*",
        Operation.DivideUnsigned => "/u",
        Operation.RemainderUnsigned => "%u",
        Operation.And => "&",
        Operation.Or => "|",
        Operation.Xor => "^",
        Operation.ShiftLeft => "<<",
        Operation.ShiftRightLogical => ">>u",
        Operation.ShiftRightArithmetic => ">>s",
        Operation.Equal => "==",
        Operation.NotEqual => "!=",
        Operation.LessUnsigned => "<u",
        Operation.LessOrEqualUnsigned => "<=u",
        Operation.LessSigned => "<s",
        Operation.LessOrEqualSigned => "<=s",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "has no infix form"),
    };
}
