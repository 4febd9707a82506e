using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.Threads;

// Selections whose condition is not known when their thread comes by.
internal sealed partial class Interpreter
{
    // Which value is chosen decides what the result of a selection depends on. So it must be known where that is asked, and not before: what comes in between does not wait.
    private bool CloseSelects(int t, ref ThreadProgress thread, ref FlatStep step) =>
        step.Code is StepCode.Return or StepCode.BugOn or StepCode.Assume // the value is all that they ask for
        || (TryCloseSelect(t, ref thread, step.A.Register) && TryCloseSelect(t, ref thread, step.B.Register) && TryCloseSelect(t, ref thread, step.C.Register));

    private bool TryCloseSelect(int t, ref ThreadProgress thread, int register)
    {
        if (register < 0 || state.Registers[t][register].OpenSelect is not (> 0 and var select))
        {
            return true;
        }

        var open = state.OpenSelects[select - 1];
        if (!Needs(ref thread, open.Condition.Value, out var isTrue))
        {
            return false;
        }

        state.SetRegister(t, register, Chosen(open, isTrue));
        return true;
    }

    private RegisterValue Open(OpenSelect select)
    {
        state.OpenSelects.Add(select);
        return new(state.Values.Select(select.Condition.Value, select.IfTrue.Value, select.IfFalse.Value), 0, 0, state.OpenSelects.Count);
    }

    private RegisterValue Chosen(OpenSelect select, ulong isTrue)
    {
        var chosen = isTrue != 0 ? select.IfTrue : select.IfFalse;
        return chosen with { Pick = PickedBy(select.Condition, chosen.Pick) };
    }

    // The events that picked a value under a condition, and what else picked it.
    private int PickedBy(RegisterValue condition, int others) => state.Taints.Union(others, state.Taints.Union(condition.Taint, condition.Pick));
}
