namespace Tablewalk.Explore.Events;

/// <summary>What an event is.</summary>
public enum EventKind : byte
{
    /// <summary>A read of a cell.</summary>
    Read,

    /// <summary>A write of a cell.</summary>
    Write,

    /// <summary>A fence.</summary>
    Fence,

    /// <summary>The entry of an irq-off or RCU read section.</summary>
    SectionEntry,

    /// <summary>The exit of an irq-off or RCU read section.</summary>
    SectionExit,

    /// <summary>An IPI wait or a grace period.</summary>
    Wait,
}
