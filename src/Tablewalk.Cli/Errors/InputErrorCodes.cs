namespace Tablewalk.Cli;

/// <summary>The codes of errors that the command itself finds: in its arguments, in the files that they name, in scenarios as a whole.</summary>
public static class InputErrorCodes
{
    /// <summary>A command, option or argument that there is not, or that lacks something.</summary>
    public const string Usage = "TW0001";

    /// <summary>A scenario that there is not.</summary>
    public const string UnknownScenario = "TW0002";

    /// <summary>A variant that is not written as a name and a value.</summary>
    public const string BadVariant = "TW0005";

    /// <summary>A variant that no scenario has, or not this one.</summary>
    public const string UnknownVariant = "TW0006";

    /// <summary>A value that a variant does not take.</summary>
    public const string UnknownValue = "TW0007";

    /// <summary>Names that exist, but none of the scenarios has them all.</summary>
    public const string NothingFits = "TW0009";

    /// <summary>A format that there is not, or not for what is asked for.</summary>
    public const string BadFormat = "TW0012";

    /// <summary>A number of worker threads out of range.</summary>
    public const string BadJobs = "TW0013";

    /// <summary>A number of seconds out of range.</summary>
    public const string BadSeconds = "TW0014";

    /// <summary>A seed out of range.</summary>
    public const string BadSeed = "TW0015";

    /// <summary>A number of megabytes out of range.</summary>
    public const string BadMemory = "TW0016";

    /// <summary>A fault to seed that there is not.</summary>
    public const string UnknownFault = "TW0017";

    /// <summary>A number of rounds out of range.</summary>
    public const string BadRounds = "TW0018";

    /// <summary>A machine whose memory model is not known.</summary>
    public const string UnknownHost = "TW0019";

    /// <summary>No litmus test where one was named, or one that cannot be read.</summary>
    public const string NoTest = "TW0030";

    /// <summary>A file of expected kinds that cannot be read.</summary>
    public const string BadKinds = "TW0031";

    /// <summary>A drawing that cannot be made or written.</summary>
    public const string BadDrawing = "TW0032";

    /// <summary>A broken invariant of the command's own: nothing that a user gives may lead to it.</summary>
    public const string Internal = "TW0099";
}
