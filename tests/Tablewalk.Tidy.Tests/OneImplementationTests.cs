using System.Xml.Linq;
using Mono.Cecil;
using Tablewalk.Cli;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>The code that is checked is the code that runs: found in the compiled code of <c>Tablewalk.Mm</c>, from the members that its users call.</summary>
public sealed class OneImplementationTests
{
    // What a policy says of itself that no user of the library gets.
    private static readonly string[] s_marks = ["A mutation:", "For scenarios:"];

    // The library's face, and what stress asks of it besides.
    private static readonly string[] s_faces =
        [nameof(MmuMachine), nameof(MmuSpace), nameof(MmuCpu), nameof(MmuPins), nameof(MmuSecond)];

    [Fact]
    public void A_type_that_only_scenarios_and_tests_use_is_a_policy_and_says_so()
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(typeof(Cpu).Assembly.Location);
        HashSet<string> used = UsedBy(assembly);
        Dictionary<string, string> summaries = Summaries();
        TypeDefinition[] unused = [.. assembly.MainModule.Types.Where(type => !type.Name.StartsWith('<') && !IsGenerated(type) && !used.Contains(type.FullName))];
        Findings.None(
            from type in unused
            let summary = summaries.GetValueOrDefault(type.FullName, "")
            where !Array.Exists(s_marks, mark => summary.StartsWith(mark, StringComparison.Ordinal))
            select $"{type.FullName}: the library does not use it, and its summary does not begin with one of {string.Join(", ", s_marks)}");
        Findings.None(from type in unused where type.Interfaces.Count == 0 && !type.IsInterface select $"{type.FullName}: no policy of a member, which an interface would say");
    }

    [Fact]
    public void A_type_that_says_so_is_not_used_by_the_library()
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(typeof(Cpu).Assembly.Location);
        HashSet<string> used = UsedBy(assembly);
        Findings.None(
            from summary in Summaries()
            where Array.Exists(s_marks, mark => summary.Value.StartsWith(mark, StringComparison.Ordinal)) && used.Contains(summary.Key)
            select $"{summary.Key}: {summary.Value}");
    }

    // Attributes that the compiler makes.
    private static bool IsGenerated(TypeDefinition type) => type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "CompilerGeneratedAttribute");

    // The types on the way from the library's face: of a static class, those of its members that are called; of others, everything.
    private static HashSet<string> UsedBy(AssemblyDefinition assembly)
    {
        using ModuleDefinition command = ModuleDefinition.ReadModule(typeof(CommandLine).Assembly.Location);
        IEnumerable<string> ofCommand = command.GetTypeReferences().Where(type => type.Namespace == "Tablewalk.Mm").Select(type => type.FullName);
        var left = new Stack<IMemberDefinition>(s_faces.Select(face => $"Tablewalk.Mm.{face}").Concat(ofCommand).Select(assembly.MainModule.GetType));
        var used = new HashSet<IMemberDefinition>();
        while (left.TryPop(out IMemberDefinition? member))
        {
            if (used.Add(member))
            {
                IEnumerable<MemberReference> references = member switch
                {
                    TypeDefinition { IsAbstract: true, IsSealed: true } type => type.Fields.Select(field => field.FieldType),
                    TypeDefinition type => ReferencesOf(type),
                    MethodDefinition method => ReferencesOf(method).Append(method.DeclaringType),
                    _ => [],
                };
                foreach (IMemberDefinition next in references.SelectMany(DefinitionsOf))
                {
                    left.Push(next);
                }
            }
        }

        return used.OfType<TypeDefinition>().Select(type => type.FullName).ToHashSet(StringComparer.Ordinal);

        IEnumerable<IMemberDefinition> DefinitionsOf(MemberReference reference) =>
            (reference is MethodReference called ? [called.Resolve(), .. Parts(called.DeclaringType).Select(type => type.Resolve())]
                : Parts((TypeReference)reference).Select(type => (IMemberDefinition?)(type is GenericParameter ? null : type.Resolve())))
            .OfType<IMemberDefinition>().Where(member => (member as TypeDefinition ?? member.DeclaringType).Module == assembly.MainModule);
    }

    private static IEnumerable<MemberReference> ReferencesOf(TypeDefinition type)
    {
        IEnumerable<MemberReference> own =
        [
            .. type.CustomAttributes.Select(attribute => attribute.AttributeType), .. type.Interfaces.Select(i => i.InterfaceType), .. type.Fields.Select(field => field.FieldType),
            .. type.NestedTypes, .. type.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType), .. type.Methods,
        ];
        own = type.BaseType is null ? own : own.Append(type.BaseType);
        return type.DeclaringType is null ? own : own.Append(type.DeclaringType);
    }

    private static IEnumerable<MemberReference> ReferencesOf(MethodDefinition method)
    {
        IEnumerable<MemberReference> own =
        [
            method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType), .. method.CustomAttributes.Select(attribute => attribute.AttributeType),
            .. method.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType),
        ];
        return method.HasBody
            ? [.. own, .. method.Body.Variables.Select(variable => variable.VariableType), .. method.Body.Instructions.SelectMany(instruction => ReferencesOf(instruction.Operand))]
            : own;
    }

    private static IEnumerable<MemberReference> ReferencesOf(object? operand) => operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType],
        GenericInstanceMethod closed => [closed.ElementMethod, .. closed.GenericArguments],
        MethodReference called => [called],
        _ => [],
    };

    // A type and what it is made of: type arguments, what a pointer points to.
    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType closed => closed.GenericArguments.SelectMany(Parts).Append(closed.ElementType),
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    private static Dictionary<string, string> Summaries() =>
        XDocument.Load(Path.ChangeExtension(typeof(Cpu).Assembly.Location, ".xml")).Descendants("member")
            .Where(member => ((string)member.Attribute("name")!).StartsWith("T:", StringComparison.Ordinal))
            .ToDictionary(member => ((string)member.Attribute("name")!)[2..], member => member.Element("summary")?.Value.Trim() ?? "", StringComparer.Ordinal);
}
