using System.Collections;
using System.Reflection;
using System.Text;

namespace Tablewalk.Litmus.Tests.Support;

/// <summary>Syntax trees as text, positions left out, so that two can be compared.</summary>
internal static class Trees
{
    public static string Of(object? node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? node)
    {
        if (node is null or string or int or bool or Int128 or Enum)
        {
            text.Append(node switch { null => "null", string s => $"\"{s}\"", _ => node.ToString() });
        }
        else if (node is IEnumerable elements)
        {
            text.Append('[');
            foreach (var element in elements)
            {
                Write(text, element);
                text.Append(' ');
            }

            text.Append(']');
        }
        else
        {
            text.Append(node.GetType().Name).Append('(');
            foreach (var property in node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "Position"))
            {
                text.Append(property.Name).Append('=');
                Write(text, property.GetValue(node));
                text.Append(' ');
            }

            text.Append(')');
        }
    }
}
