using System.Globalization;
using System.Text.RegularExpressions;
using Tablewalk.Cat.Evaluation;

namespace Tablewalk.Cat.Tests.Models;

/// <summary>
/// One execution written in a line. Threads are separated by <c>|</c>, events by blanks: <c>Wx=1</c>, <c>Rx=0</c>, <c>Ux=0>1</c> (read-modify-write),
/// or the name of a fence or section edge. Orderings follow a dot (<c>Rx.A=1</c>; of U: <c>rlx</c>, <c>llsc</c>), a dependency on the thread's
/// latest read follows a colon. Reads read the write of their value (0: the initial one), values are in coherence order. <c>{</c> and <c>}</c>
/// stand around the parts of one access. After <c>;</c> come wait-order edges such as <c>restore0&lt;ipi1</c>, by thread.
/// </summary>
internal sealed partial class Shape
{
    private static readonly Dictionary<string, BaseSet[]> s_fences = new(StringComparer.Ordinal)
    {
        ["mb"] = [BaseSet.F, BaseSet.DmbSy, BaseSet.MFence],
        ["rmb"] = [BaseSet.F, BaseSet.DmbLd],
        ["wmb"] = [BaseSet.F, BaseSet.DmbSt],
        ["dmb"] = [BaseSet.F, BaseSet.DmbSy],
        ["dsb"] = [BaseSet.F, BaseSet.DsbSy],
        ["isb"] = [BaseSet.F, BaseSet.Isb],
        ["mfence"] = [BaseSet.F, BaseSet.MFence],
        ["save"] = [BaseSet.IrqSave],
        ["restore"] = [BaseSet.IrqRestore],
        ["lock"] = [BaseSet.RcuLock],
        ["unlock"] = [BaseSet.RcuUnlock],
        ["ipi"] = [BaseSet.Ipi],
        ["gp"] = [BaseSet.Gp],
    };

    private readonly List<Event> _events = [];
    private readonly List<(BaseRelation, int, int)> _edges = [];

    private Shape()
    {
    }

    internal static Shape Parse(string text)
    {
        var shape = new Shape();
        var parts = text.Split(';');
        var threads = parts[0].Split('|');
        foreach (var location in EventText().Matches(parts[0]).Select(m => m.Groups["loc"].Value).Where(l => l.Length > 0).Distinct().Order(StringComparer.Ordinal))
        {
            shape.Add(new(-1, location, BaseSet.W.Bit() | BaseSet.IW.Bit(), null, 0, "init", -1));
        }

        for (var t = 0; t < threads.Length; t++)
        {
            shape.AddThread(t, threads[t].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        shape.AddCommunication();
        foreach (var wait in parts.Skip(1).SelectMany(p => p.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            var ends = wait.Split('<');
            shape._edges.Add((BaseRelation.WaitOrder, shape.Named(ends[0]), shape.Named(ends[1])));
        }

        return shape;
    }

    /// <summary>What the full evaluator says, after the incremental one and the run by the book have said the same.</summary>
    internal Constraint? BrokenBy(Model model)
    {
        var evaluation = Evaluation(model);
        var broken = model.Evaluate(ToExecution());
        var holds = evaluation.Propagate() && evaluation.CheckComplete();
        var holdsByTheBook = model.EvaluateByTheBook(ToExecution()) is null;
        return holds == broken is null && holds == holdsByTheBook
            ? broken
            : throw new InvalidOperationException($"the evaluators disagree: {broken}, {evaluation.BrokenConstraint}, by the book {holdsByTheBook}");
    }

    /// <summary>The flags that it raises, if it is consistent.</summary>
    internal IReadOnlyList<string>? FlagsUnder(Model model)
    {
        var evaluation = Evaluation(model);
        return evaluation.Propagate() && evaluation.CheckComplete() ? evaluation.RaisedFlags() : null;
    }

    internal Execution ToExecution()
    {
        var execution = new Execution(_events.Count);
        for (var e = 0; e < _events.Count; e++)
        {
            foreach (var set in Enum.GetValues<BaseSet>().Where(s => (_events[e].Sets & s.Bit()) != 0))
            {
                execution.AddToSet(set, e);
            }
        }

        _edges.ForEach(x => execution.AddEdge(x.Item1, x.Item2, x.Item3));
        return execution;
    }

    private IncrementalEvaluation Evaluation(Model model)
    {
        var evaluation = new IncrementalEvaluation(model, 64);
        _events.ForEach(e => evaluation.AddEvent(e.Sets));
        _edges.ForEach(x => evaluation.AddEdge(x.Item1, x.Item2, x.Item3));
        return evaluation;
    }

    [GeneratedRegex(@"(?<kind>[RWU])(?<loc>[a-z])(?:\.(?<mode>\w+))?=(?<value>\d+)(?:>(?<new>\d+))?(?::(?<dep>\w+))?|(?<fence>[a-z]+)(?::(?<dep>\w+))?")]
    private static partial Regex EventText();

    private void AddThread(int thread, string[] items)
    {
        var lastRead = -1;
        var controls = new List<int>();
        var access = -1;
        foreach (var item in items)
        {
            if (item is "{" or "}")
            {
                access = item == "{" ? _events.Count : -1;
                continue;
            }

            var m = EventText().Match(item);
            if (!m.Success || m.Length != item.Length)
            {
                throw new FormatException($"no event: {item}");
            }

            var dependency = m.Groups["dep"].Value;
            if (dependency == "ctrl")
            {
                controls.Add(lastRead);
            }

            var first = _events.Count;
            AddItem(thread, m, access);
            for (var e = first; e < _events.Count; e++)
            {
                _edges.AddRange(controls.Select(c => (BaseRelation.Ctrl, c, e)));
                if (dependency is "data" or "addr")
                {
                    _edges.Add((dependency == "data" ? BaseRelation.Data : BaseRelation.Addr, lastRead, e));
                }
            }

            lastRead = m.Groups["kind"].Value is "R" or "U" ? first : lastRead;
        }
    }

    private void AddItem(int thread, Match m, int access)
    {
        if (m.Groups["fence"].Success)
        {
            var name = m.Groups["fence"].Value;
            Add(new(thread, null, s_fences[name].Aggregate(0UL, (mask, s) => mask | s.Bit()), null, null, $"{name}{thread}", -1));
            return;
        }

        var location = m.Groups["loc"].Value;
        var value = int.Parse(m.Groups["value"].Value, CultureInfo.InvariantCulture);
        var mode = m.Groups["mode"].Value;
        switch (m.Groups["kind"].Value)
        {
            case "R":
                Add(new(thread, location, BaseSet.R.Bit() | mode switch { "A" => BaseSet.A.Bit(), "Q" => BaseSet.Q.Bit(), _ => 0 }, value, null, "", access));
                break;
            case "W":
                Add(new(thread, location, BaseSet.W.Bit() | (mode == "L" ? BaseSet.L.Bit() : 0), null, value, "", access));
                break;
            default:
                var both = BaseSet.Rmw.Bit() | (mode == "llsc" ? BaseSet.X.Bit() : BaseSet.Amo.Bit());
                var (acquire, release) = mode == "rlx" ? (0, 0) : (BaseSet.A.Bit(), BaseSet.L.Bit());
                var r = Add(new(thread, location, BaseSet.R.Bit() | both | acquire, value, null, "", -1));
                var w = Add(new(thread, location, BaseSet.W.Bit() | both | release, null, int.Parse(m.Groups["new"].Value, CultureInfo.InvariantCulture), "", -1));
                _edges.Add((BaseRelation.Rmw, r, w));
                _edges.Add((mode == "llsc" ? BaseRelation.Lxsx : BaseRelation.Amo, r, w));
                break;
        }
    }

    private int Add(Event added)
    {
        var e = _events.Count;
        _events.Add(added);
        for (var other = 0; other < e; other++)
        {
            var o = _events[other];
            if (o.Location is not null && o.Location == added.Location)
            {
                _edges.Add((BaseRelation.Loc, other, e));
            }

            if (o.Thread != added.Thread || o.Thread < 0)
            {
                continue;
            }

            _edges.Add((BaseRelation.Int, other, e));
            _edges.Add((added.Access >= 0 && added.Access == o.Access ? BaseRelation.Si : BaseRelation.Po, other, e));
        }

        if (added.Location is not null)
        {
            _edges.Add((BaseRelation.Loc, e, e));
        }

        _edges.Add((BaseRelation.Int, e, e));
        return e;
    }

    private void AddCommunication()
    {
        for (var a = 0; a < _events.Count; a++)
        {
            for (var b = 0; b < _events.Count; b++)
            {
                if (a == b || _events[a].Location is null || _events[a].Location != _events[b].Location || _events[a].Written is not { } written)
                {
                    continue;
                }

                if (_events[b].Read == written)
                {
                    _edges.Add((BaseRelation.Rf, a, b));
                }

                if (_events[b].Written > written)
                {
                    _edges.Add((BaseRelation.Co, a, b));
                }
            }
        }
    }

    private int Named(string name) => _events.FindIndex(e => e.Name == name) is >= 0 and var e ? e : throw new FormatException($"no event {name}");

    private sealed record Event(int Thread, string? Location, ulong Sets, int? Read, int? Written, string Name, int Access);
}
