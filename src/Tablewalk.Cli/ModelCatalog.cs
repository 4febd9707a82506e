using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Cat;

namespace Tablewalk.Cli;

/// <summary>The memory models: those that come with the command, by name, and the user's own, by file.</summary>
public sealed class ModelCatalog
{
    private const string Folder = "models/";
    private const string Extension = ".cat";

    private static readonly Assembly s_home = typeof(ModelCatalog).Assembly;

    // These define what others build on, and judge nothing by themselves.
    private static readonly ImmutableArray<string> s_libraries = ["prelude", "stdlib", "cos"];

    private readonly Dictionary<string, Model> _parsed = new(StringComparer.Ordinal);

    /// <summary>The names of the models that come with the command, in the order of lists.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. s_home.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^Extension.Length])
            .Except(s_libraries, StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What is wrong with a model's name or file, as far as can be told without reading it; null if nothing.</summary>
    internal static InputError? FindError(string nameOrFile)
    {
        if (!IsFile(nameOrFile))
        {
            return Names.Contains(nameOrFile)
                ? null
                : InputError.NoSuch($"--model {nameOrFile}", "TW0010", $"unknown model '{nameOrFile}'", nameOrFile, [.. Names, "a file FILE.cat"]);
        }

        if (Directory.Exists(nameOrFile))
        {
            return new InputError($"--model {nameOrFile}", "TW0011", "is a folder, expected a file in the cat language");
        }

        return File.Exists(nameOrFile) ? null : new InputError($"--model {nameOrFile}", "TW0011", "no such file");
    }

    /// <summary>The model, parsed once.</summary>
    /// <param name="nameOrFile">A name out of <see cref="Names"/>, or the path of a file that ends in <c>.cat</c> or has a slash in it.</param>
    /// <exception cref="InputException">There is no such model, or its text is broken.</exception>
    public Model Load(string nameOrFile)
    {
        if (!_parsed.TryGetValue(nameOrFile, out Model? model))
        {
            model = Parse(nameOrFile);
            _parsed.Add(nameOrFile, model);
        }

        return model;
    }

    private static bool IsFile(string nameOrFile) => nameOrFile.EndsWith(Extension, StringComparison.Ordinal) || nameOrFile.Contains('/');

    private static Model Parse(string nameOrFile)
    {
        if (FindError(nameOrFile) is { } error)
        {
            throw new InputException(error);
        }

        bool isFile = IsFile(nameOrFile);
        string place = isFile ? nameOrFile : Folder + nameOrFile + Extension;
        try
        {
            string text = isFile ? File.ReadAllText(nameOrFile) : TextOrNull(place)!;
            string folder = Path.GetDirectoryName(place)!;
            return Model.Parse(text, place, name => IncludeOrNull(isFile ? folder : null, name));
        }
        catch (CatException broken)
        {
            throw new InputException([.. broken.Diagnostics.Select(d => new InputError($"{d.Position}", d.Code, d.Message))]);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InputException(new InputError($"--model {nameOrFile}", "TW0011", unreadable.Message));
        }
    }

    // A file's own neighbours first, so that a user can replace a part of a model that comes with the command.
    private static string? IncludeOrNull(string? folder, string name)
    {
        if (folder is not null)
        {
            string neighbour = Path.Combine(folder, name);
            if (File.Exists(neighbour))
            {
                return File.ReadAllText(neighbour);
            }
        }

        return TextOrNull(Folder + name);
    }

    private static string? TextOrNull(string resource)
    {
        using Stream? stream = s_home.GetManifestResourceStream(resource);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
