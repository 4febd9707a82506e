namespace Tablewalk.Mm;

/// <summary>Why the MMU refuses an access. The lifter knows the kinds by their numbers.</summary>
public enum MmuFault
{
    /// <summary>An entry is not valid.</summary>
    Translation,

    /// <summary>The entry was never accessed, and the hardware does not note that by itself.</summary>
    AccessFlag,

    /// <summary>The entry does not permit the access.</summary>
    Permission,
}

/// <summary>
/// Marks a method that says what the MMU does within one access of the program: its branches, and those of what it calls, are none of the program's
/// and make no control dependency.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MmuAttribute : Attribute;
