namespace Tablewalk.Judge;

/// <summary>The codes of what makes a check impossible or its verdict worthless: names, models, and scenarios as a whole.</summary>
/// <remarks>They are among those of the command, which has the range <c>TW0</c> and the table of all.</remarks>
public static class JudgeErrorCodes
{
    /// <summary>An architecture that there is not, or not for this scenario.</summary>
    public const string UnknownArchitecture = "TW0003";

    /// <summary>A claim that no scenario makes, or not this one.</summary>
    public const string UnknownClaim = "TW0004";

    /// <summary>A memory model that there is not.</summary>
    public const string UnknownModel = "TW0010";

    /// <summary>A file with a memory model that cannot be read.</summary>
    public const string UnreadableModel = "TW0011";

    /// <summary>A scenario that does not take the values that it declares.</summary>
    public const string BadSelection = "TW0020";

    /// <summary>A set-up that threw.</summary>
    public const string FailedSetup = "TW0022";

    /// <summary>A type that lacks the methods of a scenario.</summary>
    public const string NoScenario = "TW0023";

    /// <summary>A claim that no code of its scenario names.</summary>
    public const string UnnamedClaim = "TW0024";

    /// <summary>A claim that no execution comes to.</summary>
    public const string UnreachedClaim = "TW0025";

    /// <summary>A thread that no execution brings to its end.</summary>
    public const string EndlessThread = "TW0026";

    /// <summary>A value of a variant that changes nothing.</summary>
    public const string IdleValue = "TW0027";

    /// <summary>An assembly that was built without optimisation.</summary>
    public const string DebugBuild = "TW0028";

    /// <summary>A process that may not generate code.</summary>
    public const string NoDynamicCode = "TW0033";

    /// <summary>A predicate over the final state that does more than look at it, or does not end.</summary>
    public const string BadFinal = "TW0034";

    /// <summary>An assembly with scenarios that cannot be loaded.</summary>
    public const string UnreadableAssembly = "TW0035";

    /// <summary>An assembly that declares no scenario, or one that cannot be taken as it is declared.</summary>
    public const string BadDeclaration = "TW0036";
}
