using System.Runtime.InteropServices;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>
/// Looks ahead from a place in a procedure, knowing some bits of some registers and nothing of what loads will give: may a BugOn of the claim
/// still find its condition nonzero, and which bits of the result are certain? Errs on the side of "may". A forward data-flow analysis over the
/// blocks; the lattice is <see cref="KnownBits"/> by live register, so it ends. Most decisions are about another thread and leave this one where it is,
/// so what was answered lately is kept.
/// </summary>
internal sealed class Outlook
{
    private readonly FlatCode _code;
    private readonly bool[] _reachesClaim;
    private readonly int[][] _live;
    private readonly KnownBits[][] _entry;
    private readonly bool[] _isReached;
    private readonly bool[] _isQueued;
    private readonly int[] _queue;
    private readonly KnownBits[] _now;
    private readonly string _claim;
    private readonly Answer?[] _answers = new Answer?[AnswerCount];
    private int _queueLength;

    private const int AnswerCount = 64;

    public Outlook(FlatCode code, string claim)
    {
        _code = code;
        _claim = claim;
        _reachesClaim = code.Flow.ReachesClaim(claim);
        var blocks = code.Procedure.Blocks.Length;
        _live = code.Flow.LiveIn.Select(live => Enumerable.Range(0, live.Length).Where(r => live[r]).ToArray()).ToArray();
        _entry = Enumerable.Range(0, blocks).Select(_ => new KnownBits[code.RegisterCount]).ToArray();
        _isReached = new bool[blocks];
        _isQueued = new bool[blocks];
        _queue = new int[blocks];
        _now = new KnownBits[code.RegisterCount];
    }

    /// <summary>The bits of the result that are certain; valid after <see cref="MayBreak"/> returned false.</summary>
    public KnownBits Result { get; private set; }

    /// <summary>The registers to start from; the caller fills them before <see cref="MayBreak"/>.</summary>
    public Span<KnownBits> Registers => _now;

    /// <summary>Whether a claim can be reached from a step at all, whatever the values.</summary>
    public bool ReachesClaim(int step) => _reachesClaim[_code.BlockOf(step)];

    /// <summary>Whether the claim may break from <paramref name="step"/> on.</summary>
    public bool MayBreak(int step)
    {
        var answer = _answers[step % AnswerCount] ??= new Answer(_now.Length);
        if (answer.Step != step || !Words(_now).SequenceEqual(Words(answer.Registers)))
        {
            answer.Step = step;
            _now.CopyTo(answer.Registers, 0);
            answer.MayBreak = Analyze(step);
            answer.Result = Result;
        }

        Result = answer.Result;
        return answer.MayBreak;
    }

    // Compared as words, many at a time.
    private static ReadOnlySpan<ulong> Words(KnownBits[] registers) => MemoryMarshal.Cast<KnownBits, ulong>(registers);

    private bool Analyze(int step)
    {
        Array.Clear(_isReached);
        Array.Clear(_isQueued);
        _queueLength = 0;
        _hasResult = false;
        Result = KnownBits.Nothing;
        if (RunFrom(step))
        {
            return true;
        }

        while (_queueLength > 0)
        {
            var block = _queue[--_queueLength];
            _isQueued[block] = false;
            Array.Clear(_now);
            foreach (var register in _live[block])
            {
                _now[register] = _entry[block][register];
            }

            if (RunFrom(_code.StartOf(block)))
            {
                return true;
            }
        }

        return false;
    }

    private bool _hasResult;

    // Runs to the end of the block. Returns true if a claim may break in it.
    private bool RunFrom(int step)
    {
        for (; ; step++)
        {
            ref readonly var s = ref _code.Steps[step];
            switch (s.Code)
            {
                case StepCode.Compute:
                    _now[s.Destination] = KnownBits.Compute((Operation)s.Detail, Operand(s.A), Operand(s.B));
                    break;
                case StepCode.Select:
                    var choice = Operand(s.A);
                    _now[s.Destination] = choice.IsNonzero ? Operand(s.B) : choice.IsZero ? Operand(s.C) : Operand(s.B).Join(Operand(s.C));
                    break;
                case StepCode.Load or StepCode.AtomicUpdate or StepCode.StoreExclusive or StepCode.Choose:
                    _now[s.Destination] = KnownBits.Nothing;
                    break;
                case StepCode.BugOn when s.Claim == _claim && !Operand(s.A).IsZero:
                    return true;
                case StepCode.Jump:
                    Enter(_code.BlockOf(s.Target));
                    return false;
                case StepCode.Branch:
                    var condition = Operand(s.A);
                    if (!condition.IsZero)
                    {
                        Enter(_code.BlockOf(s.Target));
                    }

                    if (!condition.IsNonzero)
                    {
                        Enter(_code.BlockOf(s.Otherwise));
                    }

                    return false;
                case StepCode.Return:
                    Result = _hasResult ? Result.Join(Operand(s.A)) : Operand(s.A);
                    _hasResult = true;
                    return false;
                default:
                    break;
            }
        }
    }

    private KnownBits Operand(in FlatOperand operand) => operand.Register < 0 ? KnownBits.Of(operand.Constant) : _now[operand.Register];

    private void Enter(int block)
    {
        var entry = _entry[block];
        var changed = !_isReached[block];
        foreach (var register in _live[block])
        {
            var joined = changed && !_isReached[block] ? _now[register] : entry[register].Join(_now[register]);
            if (joined != entry[register] || !_isReached[block])
            {
                entry[register] = joined;
                changed = true;
            }
        }

        _isReached[block] = true;
        if (changed && !_isQueued[block])
        {
            _isQueued[block] = true;
            _queue[_queueLength++] = block;
        }
    }

    // What was asked last about a step.
    private sealed class Answer(int registers)
    {
        public int Step { get; set; } = -1;

        public KnownBits[] Registers { get; } = new KnownBits[registers];

        public bool MayBreak { get; set; }

        public KnownBits Result { get; set; }
    }
}
