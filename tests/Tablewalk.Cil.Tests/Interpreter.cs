using Tablewalk.Ir;
using Tablewalk.Mm;

namespace Tablewalk.Cil.Tests;

/// <summary>One instruction that is run, and the address that it loads, stores or updates; 0 if none.</summary>
internal readonly record struct Step(Instruction Instruction, ulong Address);

/// <summary>Runs a procedure alone, on the process's own memory, one step after another: what it means when nobody else runs.</summary>
internal static unsafe class Interpreter
{
    private const int MostSteps = 1_000_000;

    /// <summary>The value returned.</summary>
    internal static ulong Run(Procedure procedure, params ReadOnlySpan<ulong> arguments) => Run(procedure, static _ => { }, arguments);

    /// <summary>The value returned; tells <paramref name="onStep"/> of every access and fence before it takes effect.</summary>
    internal static ulong Run(Procedure procedure, Action<Step> onStep, params ReadOnlySpan<ulong> arguments)
    {
        var registers = new ulong[procedure.RegisterCount];
        for (var i = 0; i < arguments.Length; i++)
        {
            registers[procedure.Parameters[i].Index] = arguments[i];
        }

        var block = 0;
        for (var steps = 0; steps < MostSteps; steps++)
        {
            foreach (var instruction in procedure.Blocks[block].Body)
            {
                Execute(registers, instruction, onStep);
            }

            switch (procedure.Blocks[block].End)
            {
                case Return r:
                    return Value(registers, r.Value);
                case Jump j:
                    block = j.Target;
                    break;
                case Branch b:
                    block = Value(registers, b.Condition) != 0 ? b.IfNonzero : b.IfZero;
                    break;
            }
        }

        throw new TimeoutException("the procedure does not end");
    }

    private static ulong Value(ulong[] registers, Operand operand) =>
        operand.IsConstant ? operand.Constant : registers[operand.Register.Index];

    private static void Execute(ulong[] registers, Instruction instruction, Action<Step> onStep)
    {
        ulong Of(Operand operand) => Value(registers, operand);
        onStep(new Step(instruction, instruction switch
        {
            Load l => Of(l.Address),
            Store s => Of(s.Address),
            AtomicUpdate a => Of(a.Address),
            _ => 0,
        }));
        switch (instruction)
        {
            case Compute c:
                registers[c.Destination.Index] = c.Operation.Evaluate(Of(c.Left), Of(c.Right));
                break;
            case Select s:
                registers[s.Destination.Index] = Of(Of(s.Condition) != 0 ? s.IfTrue : s.IfFalse);
                break;
            case Load l:
                registers[l.Destination.Index] = Read(Of(l.Address), l.Size);
                break;
            case Store s:
                Write(Of(s.Address), Of(s.Value), s.Size);
                break;
            case AtomicUpdate a:
                Update(registers, a);
                break;
            case Poison p:
                for (var i = 0UL; i < Of(p.LengthBytes); i += sizeof(ulong))
                {
                    *(ulong*)(Of(p.Address) + i) = p.Pattern;
                }

                break;
            case BugOn b when Of(b.Condition) != 0:
                throw new InvalidOperationException(b.Claim);
            case Choose c:
                registers[c.Destination.Index] = (ulong)Cpu.Choose(c.Count);
                break;
        }
    }

    private static void Update(ulong[] registers, AtomicUpdate a)
    {
        var address = Value(registers, a.Address);
        var value = Value(registers, a.Value);
        var old = Read(address, a.Size);
        if (a.Operation != AtomicOperation.CompareExchange || old == Value(registers, a.Expected))
        {
            var written = a.Operation is AtomicOperation.CompareExchange or AtomicOperation.Exchange
                ? value
                : a.Operation.AsOperation().Evaluate(old, value);
            Write(address, written, a.Size);
        }

        registers[a.Destination.Index] = old;
    }

    private static ulong Read(ulong address, AccessSize size) => size == AccessSize.Double ? *(ulong*)address : *(uint*)address;

    private static void Write(ulong address, ulong value, AccessSize size)
    {
        if (size == AccessSize.Double)
        {
            *(ulong*)address = value;
        }
        else
        {
            *(uint*)address = (uint)value;
        }
    }
}
