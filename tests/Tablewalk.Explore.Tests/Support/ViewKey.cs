using Tablewalk.Explore.Tests.Oracle;

namespace Tablewalk.Explore.Tests.Support;

/// <summary>The key of an execution that the engine visits, in the same words as <see cref="Candidate.Key"/>.</summary>
internal static class ViewKey
{
    internal static string Of(ExecutionView view)
    {
        var words = new KeyWords();
        for (var e = 0; e < view.EventCount; e++)
        {
            if (view.Thread(e) >= 0 && view.State.CellOf[e] is >= 0 and var cell)
            {
                var (address, sizeBytes) = (view.State.CellAt(cell).Address, view.State.CellAt(cell).SizeBytes);
                if (view.IsRead(e))
                {
                    words.Read(NameOf(view, e), address, sizeBytes, view.Value(e), NameOf(view, view.ReadsFrom(e)));
                }
                else
                {
                    words.Write(NameOf(view, e), address, sizeBytes, view.Value(e));
                }
            }
        }

        foreach (var writes in Enumerable.Range(0, view.EventCount).Where(view.IsWrite).GroupBy(w => view.State.CellOf[w]))
        {
            var order = writes.ToArray();
            Array.Sort(order, (a, b) => a == b ? 0 : view.IsCoherenceBefore(a, b) ? -1 : 1);
            words.Coherence(view.State.CellAt(writes.Key).Address, view.State.CellAt(writes.Key).SizeBytes, order.Skip(1).Select(w => NameOf(view, w)));
        }

        return words.Text(view.Results, view.WaitOrders.Select(o => WaitName(view, o)));
    }

    private static string WaitName(ExecutionView view, (int Wait, int SectionEntry, bool IsWaitFirst) order) =>
        order.IsWaitFirst ? $"{NameOf(view, order.Wait)}~{NameOf(view, order.SectionEntry)}" : $"{NameOf(view, order.SectionEntry)}..~{NameOf(view, order.Wait)}";

    // Parts of one access have the same first event and are of one kind.
    private static string NameOf(ExecutionView view, int e)
    {
        var mine = Enumerable.Range(0, e + 1).Where(other => view.Thread(other) == view.Thread(e));
        return KeyWords.NameOf(view.Thread(e), mine.Select(other => (view.State.Instruction[other], view.Kind(other))).Distinct().Count() - 1);
    }
}
