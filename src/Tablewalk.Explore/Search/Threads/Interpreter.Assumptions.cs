using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

// What a thread takes for granted of reads that are not decided on yet.
internal sealed partial class Interpreter
{
    // A condition that must turn out true, or false. As soon as one read decides it, that read may only get what makes it come out so.
    private void Assume(Value condition, bool isTrue, bool decidesBranches = false)
    {
        if (state.Values.TryEvaluate(condition, out var value, out _))
        {
            _isImpossible |= isTrue == (value == 0);
            return;
        }

        state.Assumptions.Add(new(condition, isTrue, decidesBranches));
        RestrictBy(state.Assumptions.Count - 1);
    }

    private bool AssumptionsMayHold()
    {
        for (var i = 0; i < state.Assumptions.Count; i++)
        {
            var (condition, isTrue, _) = state.Assumptions[i];
            var bits = state.Values.Bits(condition);
            if (isTrue ? bits.IsZero : bits.IsNonzero)
            {
                return false;
            }

            if (!bits.IsConstant)
            {
                RestrictBy(i);
            }
        }

        return true;
    }

    private void RestrictBy(int assumption)
    {
        if (assumption >= state.Capacity || state.RestrictedBy[assumption] != 0)
        {
            return;
        }

        var (condition, isTrue, _) = state.Assumptions[assumption];
        var reduced = state.Values.Reduced(condition);
        if (state.Values.OnlyReadOf(reduced) is >= 0 and var read)
        {
            state.SetWord(state.RestrictedBy, assumption, 1);
            state.Restrict(new(read, state.Values.Compute(Operation.NotEqual, reduced, Value.Of(0)), ulong.MaxValue), isTrue ? 1UL : 0);
        }
    }

    // Whether what was assumed says how a branch goes. Where a comparison was only decided on ahead of its read, the branch waits: nothing may come about
    // by what it controls.
    private bool IsImplied(ref ThreadProgress thread, Value condition, out ulong value)
    {
        foreach (var assumption in state.Assumptions)
        {
            if (assumption.DecidesBranches && state.Values.Implies(assumption.Condition, assumption.IsTrue, condition) is { } isNonzero)
            {
                thread.Status = ThreadStatus.Running;
                value = isNonzero ? 1UL : 0;
                return true;
            }
        }

        value = 0;
        return false;
    }
}
