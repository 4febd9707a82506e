namespace Tablewalk.Mm;

/// <summary>Marks a method of <see cref="Cpu"/>: the lifter maps it to events by its name and never looks inside.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IntrinsicAttribute : Attribute;
