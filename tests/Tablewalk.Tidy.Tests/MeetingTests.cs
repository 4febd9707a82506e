using System.Text.RegularExpressions;
using Mono.Cecil;
using Tablewalk.Declare;
using Tablewalk.Mm;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>The way of an access and the way of a check come to the same members: what ARCHITECTURE.md says, followed in the compiled code.</summary>
public sealed partial class MeetingTests : IDisposable
{
    private readonly AssemblyDefinition _mm = AssemblyDefinition.ReadAssembly(typeof(Cpu).Assembly.Location);
    private readonly AssemblyDefinition _scenarios;

    public MeetingTests()
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(Cpu).Assembly.Location));
        _scenarios = AssemblyDefinition.ReadAssembly(typeof(Catalog).Assembly.Location, new ReaderParameters { AssemblyResolver = resolver });
    }

    public void Dispose()
    {
        _mm.Dispose();
        _scenarios.Dispose();
    }

    [Fact]
    public void Both_ways_come_to_each_member_that_the_architecture_page_lists()
    {
        Match[] rows = Rows();
        Assert.True(rows.Length > 30);
        Findings.None(
            from row in rows
            let member = row.Groups["member"].Value
            from way in new[] { (Assembly: _mm, From: row.Groups["face"].Value), (Assembly: _scenarios, From: row.Groups["thread"].Value) }
            where !ReachedFrom(way.Assembly, way.From).Contains(member)
            select $"{member} is not called on the way from {way.From}");
    }

    [Fact]
    public void A_scenario_s_thread_is_one()
    {
        Findings.None(from thread in Rows().Select(row => row.Groups["thread"].Value) where !MethodsNamed(_scenarios, thread).Any(method => method.CustomAttributes.Any(a => a.AttributeType.Name == nameof(ThreadAttribute))) select thread);
    }

    [Fact]
    public void A_member_that_is_not_called_is_not_come_to() => Assert.DoesNotContain("Unmap.RangeAndTables", ReachedFrom(_mm, "MmuSpace.Discard"));

    private static Match[] Rows() => [.. Row().Matches(File.ReadAllText(Repository.PathOf("ARCHITECTURE.md"))).Cast<Match>()];

    // The members, as "Type.Member", that are called from one on. Of what is called through a base class, every override; of delegates, what they are made from.
    private static HashSet<string> ReachedFrom(AssemblyDefinition assembly, string member)
    {
        var reached = new HashSet<MethodDefinition>();
        var left = new Stack<MethodDefinition>(MethodsNamed(assembly, member));
        while (left.TryPop(out MethodDefinition? method))
        {
            if (!reached.Add(method))
            {
                continue;
            }

            foreach (MethodReference called in method.HasBody ? method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>() : [])
            {
                if (called.DeclaringType.Scope.Name.StartsWith("Tablewalk.", StringComparison.Ordinal) && called.Resolve() is { } next)
                {
                    left.Push(next);
                }
            }

            foreach (MethodDefinition other in method.IsVirtual ? OverridesOf(method) : [])
            {
                left.Push(other);
            }
        }

        return reached.Select(method => $"{NameOf(method.DeclaringType)}.{method.Name}").ToHashSet(StringComparer.Ordinal);
    }

    private static IEnumerable<MethodDefinition> OverridesOf(MethodDefinition method) =>
        from type in method.Module.Types
        where type.BaseType?.GetElementType().FullName == method.DeclaringType.FullName
        from other in type.Methods
        where other.IsVirtual && other.Name == method.Name && other.Parameters.Count == method.Parameters.Count
        select other;

    private static IEnumerable<MethodDefinition> MethodsNamed(AssemblyDefinition assembly, string member) =>
        from type in assembly.MainModule.Types
        from method in type.Methods
        where $"{NameOf(type)}.{method.Name}" == member
        select method;

    private static string NameOf(TypeDefinition type) => type.Name.Split('`')[0];

    [GeneratedRegex(@"^\| `(?<member>\w+\.\w+)` \| `(?<face>\w+\.\w+)` \| `(?<thread>\w+\.\w+)` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
