using System.Collections.Immutable;
using Tablewalk.Ir;
using Tablewalk.Litmus.Lowering;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus;

/// <summary>What an execution ended with.</summary>
public interface IFinalState
{
    /// <summary>What a register of a thread holds.</summary>
    ulong Register(int thread, Register register);

    /// <summary>The bytes at an address, zero-extended. They do not cross an 8-byte word.</summary>
    ulong Memory(ulong address, int sizeBytes);
}

/// <summary>A litmus test, ready to be explored.</summary>
public sealed class LitmusProgram
{
    private readonly Outcomes _outcomes;

    internal LitmusProgram(LitmusTest test, Program program, IInitialMemory memory, Outcomes outcomes, IReadOnlySet<string> modelVariants) =>
        (Test, Program, Memory, _outcomes, ModelVariants) = (test, program, memory, outcomes, modelVariants);

    /// <summary>The test as it was read.</summary>
    public LitmusTest Test { get; }

    /// <summary>The threads.</summary>
    public Program Program { get; }

    /// <summary>The initial memory.</summary>
    public IInitialMemory Memory { get; }

    /// <summary>The variants that say which model the test is meant for: <c>ETS2</c>, enhanced translation synchronization of Arm.</summary>
    public IReadOnlySet<string> ModelVariants { get; }

    /// <summary>Gives a test its meaning, or tells what it asks for that is not taken here or is wrong.</summary>
    /// <param name="test">The test.</param>
    /// <param name="program">Its meaning; null if there is none.</param>
    /// <returns>What is wrong: the first thing that is; null if nothing is.</returns>
    public static Diagnostic? Compile(LitmusTest test, out LitmusProgram? program)
    {
        ArgumentNullException.ThrowIfNull(test);
        try
        {
            program = Compiler.Compile(test);
            return null;
        }
        catch (LitmusException wrong)
        {
            program = null;
            return wrong.Diagnostic;
        }
    }

    /// <summary>Whether an execution counts: whether it passes the filter.</summary>
    public bool Passes(IFinalState state) => Test.Filter is null || _outcomes.Holds(Test.Filter, state);

    /// <summary>Whether the condition, without its quantifier, holds of a final state.</summary>
    public bool Holds(IFinalState state) => _outcomes.Holds(Test.Condition.Proposition, state);

    /// <summary>The numbers that the condition compares with.</summary>
    public ImmutableArray<ulong> NumbersOfCondition => [.. _outcomes.NumbersIn(Test.Condition.Proposition).Distinct()];

    /// <summary>What is observed of a final state, in the order of <see cref="Print"/>: equal states have equal values.</summary>
    public ImmutableArray<ulong> Observe(IFinalState state) => _outcomes.Observe(state);

    /// <summary>An observed state as herd7 prints it: <c>0:EAX=1; [x]=2;</c>.</summary>
    public string Print(ImmutableArray<ulong> observed) => _outcomes.Print(observed);
}
