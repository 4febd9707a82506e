namespace Tablewalk.Cat.Evaluation;

// Working off the log. Many events are worked off in batches: between two nodes there lie as many rectangles as one batch makes, not as all of them do.
internal sealed partial class EvaluationCore<T>
{
    private const int EventsOfBatch = 128;

    internal override bool Propagate()
    {
        if (Broken >= 0)
        {
            return false;
        }

        if (T.IsWide && EventCount - _settledEvents > EventsOfBatch)
        {
            return PropagateInBatches();
        }

        for (; _propagated < _logLength; _propagated++)
        {
            ref readonly var entry = ref _log[_propagated];
            Send(new(entry.Node, Port.Left), entry.M1, entry.M2);
        }

        _settledEvents = EventCount;
        return DrainAll();
    }

    private bool DrainAll()
    {
        for (var w = 0; w < _dirty.Length;)
        {
            if (_dirty[w] == 0)
            {
                w++;
                continue;
            }

            Drain((w << 6) + System.Numerics.BitOperations.TrailingZeroCount(_dirty[w]));
            if (Broken >= 0)
            {
                ClearInboxes();
                return false;
            }

            w = _hasSentBack ? 0 : w;
            _hasSentBack = false;
        }

        return Broken < 0;
    }

    /// <summary>
    /// Works off the log as if the caller had propagated after every few events. It keeps what <see cref="Plan"/> relies on: what is fixed between two
    /// events goes with the later of them, and events of one instruction go together.
    /// </summary>
    private bool PropagateInBatches()
    {
        var byLatest = new (int Latest, int Entry)[_logLength - _propagated];
        for (var i = 0; i < byLatest.Length; i++)
        {
            ref readonly var entry = ref _log[_propagated + i];
            byLatest[i] = (Math.Max(entry.M1.Last, entry.M2.Last), _propagated + i);
        }

        Array.Sort(byLatest);
        var next = 0;
        while (next < byLatest.Length)
        {
            _settledEvents = EndOfBatch(Math.Min(EventCount, _settledEvents + EventsOfBatch));
            for (; next < byLatest.Length && byLatest[next].Latest < _settledEvents; next++)
            {
                ref readonly var entry = ref _log[byLatest[next].Entry];
                Send(new(entry.Node, Port.Left), entry.M1, entry.M2);
            }

            if (!DrainAll())
            {
                return false;
            }
        }

        (_settledEvents, _propagated) = (EventCount, _logLength);
        return true;
    }

    private int EndOfBatch(int end)
    {
        if (_plan.Relations[(int)BaseRelation.Si] is not { } si)
        {
            return end;
        }

        // What is related was added one right after the other, so one pass finds all.
        for (var i = _propagated; i < _logLength; i++)
        {
            ref readonly var entry = ref _log[i];
            if (entry.Node == si.Id && Math.Min(entry.M1.First, entry.M2.First) < end)
            {
                end = Math.Max(end, Math.Max(entry.M1.Last, entry.M2.Last) + 1);
            }
        }

        return end;
    }

    /// <summary>Hands a rectangle to a node: to a root at once, to others for when their turn comes.</summary>
    private void Send(Target target, T m1, T m2)
    {
        ref readonly var step = ref _steps[target.Node];
        if (step.IsRoot)
        {
            Test(in step, m1, m2);
            return;
        }

        ref var inbox = ref _inboxes[target.Node];
        if (inbox.Count > 0 && target.Node != _current)
        {
            ref var last = ref inbox.Items[inbox.Count - 1];
            if (last.Port == target.Port)
            {
                if (last.M1.Equals(m1))
                {
                    last.M2 |= m2;
                    return;
                }

                if (last.M2.Equals(m2))
                {
                    last.M1 |= m1;
                    return;
                }
            }
        }

        if (inbox.Count == inbox.Items.Length)
        {
            Array.Resize(ref inbox.Items, 2 * inbox.Count);
        }

        inbox.Items[inbox.Count++] = new(target.Port, m1, m2);
        _dirty[target.Node >> 6] |= 1UL << (target.Node & 63);
        _hasSentBack |= target.Node >> 6 < _current >> 6;
    }

    private void Drain(int id)
    {
        _dirty[id >> 6] &= ~(1UL << (id & 63));
        _current = id;
        ref readonly var step = ref _steps[id];
        for (var i = 0; i < _inboxes[id].Count && Broken < 0; i++)
        {
            var rectangle = _inboxes[id].Items[i];
            Apply(in step, rectangle.Port, rectangle.M1, rectangle.M2);
        }

        _inboxes[id].Count = 0;
        _dirty[id >> 6] &= ~(1UL << (id & 63));
        _current = -1;
    }

    private void ClearInboxes()
    {
        for (var w = 0; w < _dirty.Length; w++)
        {
            for (var rest = _dirty[w]; rest != 0; rest &= rest - 1)
            {
                _inboxes[(w << 6) + System.Numerics.BitOperations.TrailingZeroCount(rest)].Count = 0;
            }

            _dirty[w] = 0;
        }

        _hasSentBack = false;
    }
}
