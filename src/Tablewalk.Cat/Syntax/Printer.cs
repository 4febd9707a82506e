using System.Collections.Immutable;
using System.Text;

namespace Tablewalk.Cat.Syntax;

/// <summary>Syntax back to text, with the parentheses that reading it again needs. Comments and layout are not kept.</summary>
internal sealed class Printer
{
    private readonly StringBuilder _text = new();
    private int _indent;

    private Printer()
    {
    }

    /// <summary>How tightly what is written binds: an operand with a lower level than its place needs parentheses.</summary>
    private enum Level
    {
        Expression,
        Union,
        Add,
        Sequence,
        Difference,
        Intersection,
        Tight,
        Closed,
        Argument,
    }

    internal static string Print(CatFile file)
    {
        var printer = new Printer();
        printer._text.Append($"\"{file.Title}\"{string.Concat(file.Options.Select(o => " " + o))}\n");
        printer.All(file.Statements);
        return printer._text.ToString();
    }

    internal static string Print(ExpressionSyntax expression)
    {
        var printer = new Printer();
        printer.Write(expression, Level.Expression);
        return printer._text.ToString();
    }

    private void All(ImmutableArray<Statement> statements)
    {
        foreach (var statement in statements)
        {
            _text.Append(' ', 2 * _indent);
            Write(statement);
            _text.Append('\n');
        }
    }

    private void Block(string end, ImmutableArray<Statement> statements)
    {
        _text.Append('\n');
        _indent++;
        All(statements);
        _indent--;
        _text.Append(' ', 2 * _indent).Append(end);
    }

    private void Write(Statement statement)
    {
        switch (statement)
        {
            case LetStatement let:
                Write(let.Bindings);
                if (let.When is { } when)
                {
                    _text.Append(" when ");
                    Write(when);
                }

                break;
            case TestStatement test:
                _text.Append(test.Role switch { TestRole.Flag => "flag ", TestRole.UndefinedUnless => "undefined_unless ", TestRole.Assert => "assert ", _ => "" });
                _text.Append($"{(test.IsNegated ? "~" : "")}{test.Kind.ToString().ToLowerInvariant()} ");
                Write(test.Body, Level.Expression);
                As(test.Name);
                break;
            case IncludeStatement include:
                _text.Append($"include \"{include.File}\"");
                break;
            case ShowStatement show:
                _text.Append(show.IsUnshow ? "unshow " : "show ");
                Separated(", ", show.Items, i =>
                {
                    Write(i.Body, Level.Union);
                    As(i.Name);
                });
                break;
            case ProcedureStatement procedure:
                _text.Append($"procedure {(procedure.IsRecursive ? "rec " : "")}{procedure.Name}");
                Write(procedure.Parameter);
                _text.Append(" =");
                Block("end", procedure.Body);
                break;
            case CallStatement call:
                _text.Append($"call {call.Procedure} ");
                Write(call.Argument, Level.Argument);
                As(call.Name);
                break;
            case ForallStatement forall:
                _text.Append($"forall {forall.Variable} in ");
                Write(forall.Set, Level.Expression);
                _text.Append(" do");
                Block("end", forall.Body);
                break;
            case WithStatement with:
                _text.Append($"with {with.Variable} from ");
                Write(with.Set, Level.Expression);
                break;
            case EnumStatement tags:
                _text.Append($"enum {tags.Name} = {string.Join(" || ", tags.Tags.Select(t => "'" + t))}");
                break;
            case DebugStatement debug:
                _text.Append("debug ");
                Write(debug.Body, Level.Expression);
                break;
            case InstructionsStatement instructions:
                _text.Append($"{(instructions.IsDefault ? "default" : "instructions")} {instructions.Set}[");
                Separated(", ", instructions.Tags, t => Write(t, Level.Union));
                _text.Append(']');
                break;
            case IfStatement branch:
                _text.Append("if ");
                Write(branch.Condition, isOperand: false);
                Block(branch.Else.IsEmpty ? "end" : "else", branch.Then);
                if (!branch.Else.IsEmpty)
                {
                    Block("end", branch.Else);
                }

                break;
            case MatchStatement match:
                _text.Append("match ");
                Write(match.Subject, Level.Expression);
                _text.Append(" with");
                foreach (var clause in match.Clauses)
                {
                    _text.Append($" || {TagText(clause.Tag)} ->");
                    Block("", clause.Body);
                }

                _text.Append("end");
                break;
            default:
                throw new InvalidOperationException($"no case for {statement.GetType().Name}");
        }
    }

    private void Write(Bindings bindings)
    {
        _text.Append(bindings.IsRecursive ? "let rec " : "let ");
        Separated(" and ", bindings.Items, b =>
        {
            Write(b.Target);
            if (b.Parameter is { } parameter)
            {
                Write(parameter);
            }

            _text.Append(" = ");
            Write(b.Body, Level.Expression);
        });
    }

    private void Write(ExpressionSyntax e, Level place)
    {
        var isOpen = LevelOf(e) < place;
        _text.Append(isOpen ? "(" : "");
        switch (e)
        {
            case NameSyntax name:
                _text.Append(name.Name);
                break;
            case EmptySyntax empty:
                _text.Append(empty.IsBraces ? "{}" : "0");
                break;
            case UniverseSyntax:
                _text.Append('_');
                break;
            case TagSyntax tag:
                _text.Append(TagText(tag.Name));
                break;
            case SetSyntax set:
                _text.Append('{');
                Separated(", ", set.Elements, x => Write(x, Level.Union));
                _text.Append('}');
                break;
            case TupleSyntax tuple:
                _text.Append('(');
                Separated(", ", tuple.Parts, x => Write(x, Level.Union));
                _text.Append(')');
                break;
            case IdentitySyntax identity:
                _text.Append('[');
                Write(identity.Set, Level.Expression);
                _text.Append(']');
                break;
            case CallSyntax call:
                Write(call.Function, Level.Tight);
                _text.Append(call.Argument is TupleSyntax ? "" : " ");
                Write(call.Argument, Level.Argument);
                break;
            case FunctionSyntax function:
                _text.Append("fun");
                Write(function.Parameter);
                _text.Append(" -> ");
                Write(function.Body, Level.Expression);
                break;
            case LetSyntax let:
                Write(let.Bindings);
                _text.Append(" in ");
                Write(let.Body, Level.Expression);
                break;
            case IfSyntax branch:
                _text.Append("if ");
                Write(branch.Condition, isOperand: false);
                _text.Append(" then ");
                Write(branch.Then, Level.Expression);
                _text.Append(" else ");
                Write(branch.Else, Level.Expression);
                break;
            case TrySyntax attempt:
                _text.Append("try ");
                Write(attempt.Body, Level.Expression);
                _text.Append(" with ");
                Write(attempt.Fallback, Level.Expression);
                break;
            case MatchTagSyntax match:
                _text.Append("match ");
                Write(match.Subject, Level.Expression);
                _text.Append(" with");
                foreach (var clause in match.Clauses)
                {
                    _text.Append($" || {TagText(clause.Tag)} -> ");
                    Write(clause.Body, Level.Expression);
                }

                _text.Append(" end");
                break;
            case MatchSetSyntax match:
                _text.Append("match ");
                Write(match.Subject, Level.Expression);
                _text.Append(" with || {} -> ");
                Write(match.Empty, Level.Expression);
                _text.Append($" || {match.First ?? "_"} ++ {match.Rest ?? "_"} -> ");
                Write(match.NonEmpty, Level.Expression);
                _text.Append(" end");
                break;
            case UnarySyntax { Operator: UnaryOperator.Complement } unary:
                _text.Append('~');
                Write(unary.Operand, Level.Closed);
                break;
            case UnarySyntax unary:
                Write(unary.Operand, Level.Closed);
                _text.Append(unary.Operator switch { UnaryOperator.Inverse => "^-1", UnaryOperator.Plus => "+", UnaryOperator.Star => "*", _ => "?" });
                break;
            case ChainSyntax chain:
                Separated(
                    chain.Operator switch
                    {
                        BinaryOperator.Union => " | ",
                        BinaryOperator.Add => " ++ ",
                        BinaryOperator.Sequence => " ; ",
                        BinaryOperator.Difference => " \\ ",
                        BinaryOperator.Intersection => " & ",
                        _ => " * ",
                    },
                    chain.Operands,
                    x => Write(x, chain.Operator == BinaryOperator.Product ? Level.Argument : LevelOf(chain) + 1));
                break;
            default:
                throw new InvalidOperationException($"no case for {e.GetType().Name}");
        }

        _text.Append(isOpen ? ")" : "");
    }

    private static Level LevelOf(ExpressionSyntax e) => e switch
    {
        FunctionSyntax or LetSyntax or IfSyntax or TrySyntax => Level.Expression,
        CallSyntax or UnarySyntax => Level.Tight,
        ChainSyntax chain => chain.Operator switch
        {
            BinaryOperator.Union => Level.Union,
            BinaryOperator.Add => Level.Add,
            BinaryOperator.Sequence => Level.Sequence,
            BinaryOperator.Difference => Level.Difference,
            BinaryOperator.Intersection => Level.Intersection,
            _ => Level.Tight,
        },
        MatchTagSyntax or MatchSetSyntax => Level.Closed,
        _ => Level.Argument,
    };

    private void Write(Condition condition, bool isOperand)
    {
        switch (condition)
        {
            case VariantCondition variant:
                _text.Append($"\"{variant.Name}\"");
                break;
            case NotCondition not:
                _text.Append("not ");
                Write(not.Operand, isOperand: true);
                break;
            case Comparison comparison:
                Write(comparison.Left, Level.Union);
                _text.Append(comparison.Operator switch { ComparisonOperator.Equal => " = ", ComparisonOperator.Subset => " subset ", _ => " in " });
                Write(comparison.Right, Level.Union);
                break;
            case BothCondition both:
                _text.Append(isOperand ? "(" : "");
                Write(both.Left, isOperand: both.IsAnd && both.Left is BothCondition { IsAnd: false });
                _text.Append(both.IsAnd ? " && " : " || ");
                Write(both.Right, isOperand: both.Right is BothCondition right && (both.IsAnd || !right.IsAnd));
                _text.Append(isOperand ? ")" : "");
                break;
            default:
                throw new InvalidOperationException($"no case for {condition.GetType().Name}");
        }
    }

    private void Write(Pattern pattern)
    {
        if (!pattern.IsTuple && _text[^1] != ' ')
        {
            _text.Append(' ');
        }

        _text.Append(pattern.IsTuple ? "(" : "").AppendJoin(", ", pattern.Names.Select(n => n ?? "_")).Append(pattern.IsTuple ? ")" : "");
    }

    private void As(string? name) => _text.Append(name is null ? "" : $" as {name}");

    private static string TagText(string? tag) => tag is null ? "_" : "'" + tag;

    private void Separated<T>(string separator, ImmutableArray<T> items, Action<T> write)
    {
        for (var i = 0; i < items.Length; i++)
        {
            _text.Append(i == 0 ? "" : separator);
            write(items[i]);
        }
    }
}
