namespace Tablewalk.Explore.Search.Threads;

/// <summary>
/// Which compare-exchanges a thread may go on past before their outcome is known: those behind which it comes to something that others can notice, or to its end,
/// before it comes to a branch or an address that waits for the outcome.
/// </summary>
internal static class ComparisonFlow
{
    /// <summary>By step of the code; false for what is no update.</summary>
    public static bool[] Of(FlatStep[] steps, int registerCount)
    {
        var goesOn = new bool[steps.Length];
        for (var s = 0; s < steps.Length; s++)
        {
            goesOn[s] = steps[s].Code == StepCode.AtomicUpdate && GoesOn(steps, s, registerCount);
        }

        return goesOn;
    }

    // Follows each way with the registers that depend on the outcome. Where one came by with no more of them before, nothing new can come.
    private static bool GoesOn(FlatStep[] steps, int update, int registerCount)
    {
        var atOutcome = new bool[registerCount];
        Mark(atOutcome, steps[update].Destination, isDependent: true);
        var met = new Dictionary<int, List<bool[]>>();
        var open = new Stack<(int Step, bool[] Dependent)>([(update + 1, atOutcome)]);
        while (open.TryPop(out var at))
        {
            ref readonly var step = ref steps[at.Step];
            var before = met.TryGetValue(at.Step, out var known) ? known : met[at.Step] = [];
            if (before.Exists(fewer => IsWithin(at.Dependent, fewer)))
            {
                continue;
            }

            before.Add(at.Dependent);
            var waits = Depends(step.A, at.Dependent);
            switch (step.Code)
            {
                case StepCode.Compute or StepCode.Select:
                case StepCode.Load when !waits:
                    open.Push((at.Step + 1, With(at.Dependent, step.Destination, waits || Depends(step.B, at.Dependent) || Depends(step.C, at.Dependent))));
                    break;
                case StepCode.Jump:
                    open.Push((step.Target, at.Dependent));
                    break;
                case StepCode.Branch when !waits:
                    open.Push((step.Target, at.Dependent));
                    open.Push((step.Otherwise, at.Dependent));
                    break;
                case StepCode.Fence:
                    open.Push((at.Step + 1, at.Dependent));
                    break;
                case StepCode.Load or StepCode.Branch:
                    break;
                default:
                    return true;
            }
        }

        return false;
    }

    private static bool[] With(bool[] dependent, int register, bool isDependent)
    {
        var copy = (bool[])dependent.Clone();
        Mark(copy, register, isDependent);
        return copy;
    }

    private static void Mark(bool[] dependent, int register, bool isDependent)
    {
        if (register >= 0)
        {
            dependent[register] = isDependent;
        }
    }

    private static bool Depends(in FlatOperand operand, bool[] dependent) => operand.Register >= 0 && dependent[operand.Register];

    private static bool IsWithin(bool[] larger, bool[] smaller)
    {
        for (var r = 0; r < larger.Length; r++)
        {
            if (smaller[r] && !larger[r])
            {
                return false;
            }
        }

        return true;
    }
}
