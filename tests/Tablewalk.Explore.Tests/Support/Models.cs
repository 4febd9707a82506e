using Tablewalk.Cat;
using Tablewalk.Explore.Tests.Oracle;

namespace Tablewalk.Explore.Tests.Support;

/// <summary>The models that the tests run under.</summary>
internal static class Models
{
    internal static readonly string[] Names = ["sc", "x86-tso", "armv8"];

    internal static Model Named(string name) => ModelFiles.Load(name);

    /// <summary>The models that allow a candidate, by the evaluator that works on whole executions.</summary>
    internal static IReadOnlyCollection<string> Allowing(Candidate candidate) => ReferenceModels.Allowing(candidate);
}
