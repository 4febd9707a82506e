using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Litmus.Tests.Rules;

/// <summary>A model without one of its rules.</summary>
/// <param name="Name">Which: <c>armv8: dob: control ; [W]</c>.</param>
/// <param name="Text">The rest.</param>
internal sealed record RuleRemoval(string Name, string Text);

/// <summary>All models with one rule less: without an axiom, or without one alternative of a union, wherever it stands.</summary>
internal static class RuleRemovals
{
    public static ImmutableArray<RuleRemoval> Of(string name)
    {
        var found = new List<Cat.Diagnostic>();
        var file = Parser.Parse(File.ReadAllText(Path.Combine(ModelFiles.Folder, name + ".cat")), name, found);
        Xunit.Assert.Empty(found);
        var removals = ImmutableArray.CreateBuilder<RuleRemoval>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        void Add(int index, Statement? changed, string what)
        {
            var count = seen[what] = seen.GetValueOrDefault(what) + 1;
            var statements = changed is null ? file.Statements.RemoveAt(index) : file.Statements.SetItem(index, changed);
            var text = Printer.Print(file with { Statements = statements });
            removals.Add(new($"{name}: {what}{(count > 1 ? $" ({count})" : "")}", text));
        }

        for (var s = 0; s < file.Statements.Length; s++)
        {
            switch (file.Statements[s])
            {
                case TestStatement test:
                    Add(s, null, $"axiom {test.Name}");
                    foreach (var (kept, removed) in Without(test.Body))
                    {
                        Add(s, test with { Body = kept }, $"{test.Name}: {Printer.Print(removed)}");
                    }

                    break;
                case LetStatement let:
                    for (var b = 0; b < let.Bindings.Items.Length; b++)
                    {
                        var binding = let.Bindings.Items[b];
                        foreach (var (kept, removed) in Without(binding.Body))
                        {
                            var items = let.Bindings.Items.SetItem(b, binding with { Body = kept });
                            Add(s, let with { Bindings = let.Bindings with { Items = items } }, $"{binding.Target.Names[0]}: {Printer.Print(removed)}");
                        }
                    }

                    break;
            }
        }

        return removals.ToImmutable();
    }

    /// <summary>An expression without one alternative, and which.</summary>
    private static IEnumerable<(ExpressionSyntax Kept, ExpressionSyntax Removed)> Without(ExpressionSyntax e)
    {
        switch (e)
        {
            case IdentitySyntax identity:
                return Without(identity.Set).Select(w => ((ExpressionSyntax)(identity with { Set = w.Kept }), w.Removed));
            case CallSyntax call:
                return Without(call.Argument).Select(w => ((ExpressionSyntax)(call with { Argument = w.Kept }), w.Removed));
            case UnarySyntax unary:
                return Without(unary.Operand).Select(w => ((ExpressionSyntax)(unary with { Operand = w.Kept }), w.Removed));
            case ChainSyntax chain:
                var inside = chain.Operands.SelectMany((o, i) => Without(o).Select(w => ((ExpressionSyntax)(chain with { Operands = chain.Operands.SetItem(i, w.Kept) }), w.Removed)));
                return chain.Operator == BinaryOperator.Union ? Alternatives(chain).Concat(inside) : inside;
            default:
                return [];
        }
    }

    private static IEnumerable<(ExpressionSyntax, ExpressionSyntax)> Alternatives(ChainSyntax union) => union.Operands.Select((removed, i) =>
        (union.Operands.Length == 2 ? union.Operands[1 - i] : union with { Operands = union.Operands.RemoveAt(i) }, removed));
}
