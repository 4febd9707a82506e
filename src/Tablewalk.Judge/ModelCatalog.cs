using System.Collections.Frozen;
using System.Collections.Immutable;
using Tablewalk.Cat;

namespace Tablewalk.Judge;

/// <summary>The memory models: those that come with the judge, by name, and the user's own, by file.</summary>
/// <param name="asking">How a model is asked for, which errors begin with, such as <c>--model</c>.</param>
public sealed class ModelCatalog(string asking = "model")
{
    private const string Extension = ".cat";

    private readonly Dictionary<string, Model> _parsed = new(StringComparer.Ordinal); // by name or file and variants

    /// <summary>The names of the models that come with the judge, in the order of lists.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ModelFiles.Names];

    /// <summary>What is wrong with a model's name or file, as far as can be told without reading it; null if nothing.</summary>
    internal static InputError? FindError(string nameOrFile, string asking)
    {
        if (!IsFile(nameOrFile))
        {
            return Names.Contains(nameOrFile)
                ? null
                : InputError.NoSuch($"{asking} {nameOrFile}", JudgeErrorCodes.UnknownModel, $"unknown model '{nameOrFile}'", nameOrFile, [.. Names, "a file FILE.cat"]);
        }

        if (Directory.Exists(nameOrFile))
        {
            return new InputError($"{asking} {nameOrFile}", JudgeErrorCodes.UnreadableModel, "is a folder, expected a file in the cat language");
        }

        return File.Exists(nameOrFile) ? null : new InputError($"{asking} {nameOrFile}", JudgeErrorCodes.UnreadableModel, "no such file");
    }

    /// <summary>The model, parsed once.</summary>
    /// <param name="nameOrFile">A name out of <see cref="Names"/>, or the path of a file that ends in <c>.cat</c> or has a slash in it.</param>
    /// <param name="variants">The variants that it is used with.</param>
    /// <exception cref="InputException">There is no such model, or its text is broken.</exception>
    /// <remarks>May be called by several threads.</remarks>
    public Model Load(string nameOrFile, IReadOnlySet<string>? variants = null)
    {
        string key = string.Join(' ', (variants ?? FrozenSet<string>.Empty).Order(StringComparer.Ordinal).Prepend(nameOrFile));
        lock (_parsed)
        {
            if (!_parsed.TryGetValue(key, out Model? model))
            {
                model = Parse(nameOrFile, variants);
                _parsed.Add(key, model);
            }

            return model;
        }
    }

    /// <summary>What is wrong with a model, as errors of the user's.</summary>
    internal static InputException Refusal(CatException broken) => new([.. broken.Diagnostics.Select(d => new InputError($"{d.Position}", d.Code, d.Message))]);

    private static bool IsFile(string nameOrFile) => nameOrFile.EndsWith(Extension, StringComparison.Ordinal) || nameOrFile.Contains('/');

    private Model Parse(string nameOrFile, IReadOnlySet<string>? variants)
    {
        if (FindError(nameOrFile, asking) is { } error)
        {
            throw new InputException(error);
        }

        try
        {
            return ModelFiles.Load(nameOrFile, variants);
        }
        catch (CatException broken)
        {
            throw Refusal(broken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InputException(new InputError($"{asking} {nameOrFile}", JudgeErrorCodes.UnreadableModel, unreadable.Message));
        }
    }
}
