using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Tablewalk.Mm;

/// <summary>The fields of the structs that lie in an arena, by their layout, in the spelling of the kernel: <c>FlushPending</c> is <c>flush_pending</c>.</summary>
internal static class FieldNames
{
    /// <summary>The field that an offset lies in; null if that is none, such as in the padding behind them.</summary>
    /// <param name="offsetBytes">The offset in the struct.</param>
    internal static string? OrNull<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(ulong offsetBytes)
        where T : unmanaged
    {
        foreach (FieldInfo field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if ((ulong)Marshal.OffsetOf<T>(field.Name) == (offsetBytes & ~7UL))
            {
                return InKernelSpelling(field.Name);
            }
        }

        return null;
    }

    private static string InKernelSpelling(string name)
    {
        StringBuilder text = new();
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
