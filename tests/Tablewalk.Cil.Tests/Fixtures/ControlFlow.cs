namespace Tablewalk.Cil.Tests.Fixtures;

/// <summary>Branches, loops, switches, references to locals.</summary>
internal static class ControlFlow
{
    private const ulong Limit = 12;

    public static ulong SumOfLoop(byte n)
    {
        ulong sum = 0;
        for (ulong i = 0; i < n; i++)
        {
            sum += i ^ (sum << 1);
        }

        return sum;
    }

    public static int NestedLoops(byte n, byte m)
    {
        int found = 0;
        for (int i = 0; i < (n & 7); i++)
        {
            for (int j = i; j < (m & 7); j++)
            {
                if (((i * j) & 1) != 0)
                {
                    continue;
                }

                if (i + j > 11)
                {
                    break;
                }

                found += i - (2 * j);
            }
        }

        return found;
    }

    public static ulong LoopUntil(ulong a)
    {
        ulong steps = 0;
        do
        {
            a = (a >> 1) | (steps & 1);
            steps++;
        }
        while (a > Limit && steps < 100);

        return steps + a;
    }

    public static ulong SwitchOnInteger(int a)
    {
        switch (a & 15)
        {
            case 0:
                return 11;
            case 1:
            case 2:
                return 12;
            case 3:
            case 4:
            case 5:
            case 6:
                a += 5;
                break;
            case 9:
                a = -a;
                goto case 0;
            case 12:
                a ^= 1;
                break;
            default:
                return (ulong)a;
        }

        return (uint)(a * 3);
    }

    public static int SwitchExpression(ulong a) => a switch
    {
        0 => -1,
        < 10 => 1,
        0xffff_ffff => 2,
        >= 0x8000_0000_0000_0000 => 3,
        _ => 4,
    };

    public static long SparseSwitch(long a) => a switch
    {
        -1 => 5,
        0 => 6,
        1 => 7,
        2 => 8,
        127 => 9,
        long.MinValue => 10,
        _ => a,
    };

    public static bool ShortCircuit(ulong a, ulong b, int c) => (a < b && c > 0) || (a == b && c != 3) || !(c < -4 || b > 100);

    public static ulong Ternaries(ulong a, ulong b) => a > b ? a == 3 ? b : a - b : b == 7 ? 1UL : b - a;

    public static ulong OutParameters(ulong a, ulong b)
    {
        if (!TryDivide(a, b, out ulong quotient, out ulong rest))
        {
            return rest;
        }

        return (quotient << 3) ^ rest;
    }

    public static ulong RefParameters(ulong a, ulong b)
    {
        Exchange(ref a, ref b);
        Bump(ref a);
        Bump(ref a);
        return (a * 3) - b;
    }

    public static ulong InParameters(ulong a, ulong b) => Twice(in a) + Twice(b + 1);

    public static unsafe ulong PointerToLocal(ulong a)
    {
        ulong local = a;
        Add(&local, 5);
        Add(&local, a);
        return local;
    }

    public static ulong ParametersAreCopies(ulong a) => Clobber(a, 3) + a;

    public static ulong LocalsBeginAsZero(byte n)
    {
        ulong sum = 0;
        for (int i = 0; i < (n & 7); i++)
        {
            sum += Fresh(i);
        }

        return sum;
    }

    public static ulong AssignmentsInExpressions(ulong a, ulong b)
    {
        ulong c;
        ulong d = (c = a + b) * (a = b) + c++ + a-- + ++c;
        return (d ^ c) + a;
    }

    public static ulong EvaluationOrder(ulong a) => Mix(a, Bumped(ref a), a);

    public static ulong LocalFunctions(ulong a, ulong b)
    {
        return Scaled(a) + Scaled(b);

        static ulong Scaled(ulong v) => v * 7;
    }

    public static ulong MathMinMax(ulong a, ulong b) => Math.Max(a, 5) - Math.Min(b, 3);

    public static ulong Tuples(ulong a, ulong b)
    {
        (a, b) = (b, a);
        var (low, high) = Halves(a);
        return ((ulong)low << 32) + high + b;
    }

    public static uint MixedWidths(byte a, short b, uint c, long d) => unchecked((uint)(a + b) * c + (uint)d + (uint)(d >> 33));

    private static (uint Low, uint High) Halves(ulong a) => ((uint)a, (uint)(a >> 32));

    private static ulong Mix(ulong a, ulong b, ulong c) => a + (3 * b) + (5 * c);

    private static ulong Bumped(ref ulong a) => a += 10;

    private static ulong Fresh(int i)
    {
        ulong unset = default;
        if (i == 1)
        {
            unset = 100;
        }

        unset++;
        return unset;
    }

    private static ulong Clobber(ulong a, ulong times)
    {
        while (times != 0)
        {
            times--;
            a += times;
        }

        return a;
    }

    private static unsafe void Add(ulong* place, ulong value) => *place += value;

    private static ulong Twice(in ulong a) => a * 2;

    private static void Exchange(ref ulong a, ref ulong b)
    {
        ulong kept = a;
        a = b;
        b = kept;
    }

    private static void Bump(ref ulong a) => a++;

    private static bool TryDivide(ulong a, ulong b, out ulong quotient, out ulong rest)
    {
        quotient = 0;
        rest = a;
        if (b == 0)
        {
            return false;
        }

        quotient = a / b;
        rest = a % b;
        return true;
    }
}
