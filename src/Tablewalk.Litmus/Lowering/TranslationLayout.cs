using System.Globalization;
using System.Text;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>
/// How litmus tests with translation tables are laid out: virtual addresses, the output addresses where variables lie, and a last-level descriptor for each
/// variable's page, with Arm's bits. ARM: DDI 0487, D8.3.2, stage 1 page descriptors.
/// </summary>
internal static class TranslationLayout
{
    public const int PageShift = 12;
    public const ulong PageMask = (1UL << PageShift) - 1;
    public const ulong AddressMask = ((1UL << 48) - 1) & ~PageMask;

    public const ulong Valid = 1;
    public const ulong El0 = 1UL << 6; // AP[1]
    public const ulong ReadOnly = 1UL << 7; // AP[2]: the complement of "db"
    public const ulong AccessFlag = 1UL << 10;
    public const ulong DirtyBitModifier = 1UL << 51;

    /// <summary>What addresses of code begin at.</summary>
    public const ulong CodeBase = 0x10_0000;

    private const ulong VirtualBase = 0x7f40_0000_0000;
    private const ulong PhysicalBase = 0x1000_0000_0000;
    private const ulong EntryBase = 0x2000_0000_0000;

    /// <summary>From a virtual address to where it lies by default.</summary>
    public const ulong PhysicalOffset = unchecked(PhysicalBase - VirtualBase);

    /// <summary>From the virtual address of a page to its entry.</summary>
    public const ulong EntryOffset = unchecked(EntryBase - VirtualBase);

    /// <summary>Entries begin here.</summary>
    public const ulong FirstEntry = EntryBase;

    /// <summary>Entries lie in this many bytes.</summary>
    public const ulong EntrySpan = 0x1000_0000_0000;

    public static bool IsEntryAddress(ulong address) => address - EntryBase < EntrySpan;

    public static ulong OutputAddressOf(ulong entry) => entry & AddressMask;

    /// <summary>What an entry is unless the test says otherwise.</summary>
    public static ulong DefaultEntry(ulong physical) => (physical & AddressMask) | Valid | El0 | AccessFlag;

    /// <summary>The descriptor that a test writes as <c>(oa:PA(x), valid:0)</c>.</summary>
    /// <param name="entry">What is written.</param>
    /// <param name="defaultAddress">The output address if none is written.</param>
    /// <param name="physicalOf">Where a variable lies.</param>
    /// <exception cref="LitmusException">A field is not known here.</exception>
    public static ulong Encode(EntryValue entry, ulong defaultAddress, Func<SymbolSyntax, ulong> physicalOf)
    {
        var value = DefaultEntry(defaultAddress);
        foreach (var field in entry.Fields)
        {
            value = field switch
            {
                { Name: "oa", Value.Address: { } address } => (value & ~AddressMask) | (physicalOf(address) & AddressMask),
                { Name: "valid", Value.Number: { } number } => With(value, Valid, number != 0),
                { Name: "af", Value.Number: { } number } => With(value, AccessFlag, number != 0),
                { Name: "db", Value.Number: { } number } => With(value, ReadOnly, number == 0),
                { Name: "dbm", Value.Number: { } number } => With(value, DirtyBitModifier, number != 0),
                { Name: "el0", Value.Number: { } number } => With(value, El0, number != 0),
                _ => throw Compiler.Unsupported(field.Position, $"the field '{field.Name}' of a page-table entry"),
            };
        }

        return value;
    }

    /// <summary>A descriptor as tests write it: what differs from the default.</summary>
    public static string Print(ulong entry, string variable)
    {
        var text = new StringBuilder($"(oa:PA({variable})");
        Add("valid", entry & Valid, 1);
        Add("af", entry & AccessFlag, 1);
        Add("db", ~entry & ReadOnly, 1);
        Add("dbm", entry & DirtyBitModifier, 0);
        Add("el0", entry & El0, 1);
        return text.Append(')').ToString();

        void Add(string name, ulong bit, int usual)
        {
            var is1 = bit != 0 ? 1 : 0;
            if (is1 != usual)
            {
                text.Append(CultureInfo.InvariantCulture, $", {name}:{is1}");
            }
        }
    }

    private static ulong With(ulong value, ulong bit, bool isSet) => isSet ? value | bit : value & ~bit;
}
