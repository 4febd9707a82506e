using System.Globalization;
using System.Text;

namespace Tablewalk.Explore.Tests.Support;

/// <summary>The key of an execution that the engine visits, in the same words as <see cref="Oracle.Candidate.Key"/>.</summary>
internal static class ViewKey
{
    internal static string Of(ExecutionView view, FlatMemory memory)
    {
        var key = new StringBuilder();
        foreach (var result in view.Results)
        {
            key.Append(CultureInfo.InvariantCulture, $"{result} ");
        }

        var events = Enumerable.Range(0, view.EventCount).ToArray();
        foreach (var part in events.Where(view.IsRead).Select(r => $"{NameOf(view, view.ReadsFrom(r))}>{NameOf(view, r)}").Order(StringComparer.Ordinal))
        {
            key.Append(part).Append(' ');
        }

        var writes = events.Where(view.IsWrite).ToLookup(view.LocationName);
        foreach (var name in memory.Names)
        {
            var order = writes[name].ToArray();
            Array.Sort(order, (a, b) => a == b ? 0 : view.IsCoherenceBefore(a, b) ? -1 : 1);
            if (order.Length > 1)
            {
                key.Append(name).Append(':').AppendJoin(',', order.Skip(1).Select(w => NameOf(view, w))).Append(' ');
            }
        }

        key.AppendJoin(' ', view.WaitOrders.Select(o => WaitName(view, o)).Order(StringComparer.Ordinal));
        return key.ToString();
    }

    private static string WaitName(ExecutionView view, (int Wait, int SectionEntry, bool IsWaitFirst) order) =>
        order.IsWaitFirst ? $"{NameOf(view, order.Wait)}~{NameOf(view, order.SectionEntry)}" : $"{NameOf(view, order.SectionEntry)}..~{NameOf(view, order.Wait)}";

    private static string NameOf(ExecutionView view, int e) =>
        view.Thread(e) < 0 ? "i" : string.Create(CultureInfo.InvariantCulture, $"{view.Thread(e)}.{view.Index(e)}");
}
