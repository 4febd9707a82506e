namespace Tablewalk.Cat;

/// <summary>Finds models: by name among the files of <c>models/</c> that lie beside the program, or by the path of a user's own file.</summary>
public static class ModelFiles
{
    /// <summary>Where the models that come with the program are.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>The names that <see cref="Load"/> takes besides paths, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFiles(Folder).Where(IsModel).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Loads a model by its name, such as <c>armv8</c>, or from a file.</summary>
    /// <param name="nameOrPath">A path if it ends in <c>.cat</c> or has a separator, else a name. Includes are sought beside the file, then in <see cref="Folder"/>.</param>
    /// <param name="variants">The variants that the model is used with; none if null.</param>
    /// <exception cref="CatException">The file is no model.</exception>
    /// <exception cref="FileNotFoundException">There is no such model or file.</exception>
    public static Model Load(string nameOrPath, IReadOnlySet<string>? variants = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        var isPath = IsModel(nameOrPath) || nameOrPath.AsSpan().IndexOfAny('/', '\\') >= 0;
        var path = isPath ? nameOrPath : Path.Combine(Folder, nameOrPath + ".cat");
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                isPath ? $"no model file '{nameOrPath}'" : $"no model '{nameOrPath}', expected one of {string.Join(", ", Names)} or a path of a .cat file",
                nameOrPath);
        }

        var beside = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var model = Model.Parse(
            File.ReadAllText(path),
            isPath ? nameOrPath : $"models/{nameOrPath}.cat",
            name => ReadOrNull(beside, name) ?? ReadOrNull(Folder, name),
            variants);
        model.IsExtensible = !isPath;
        return model;
    }

    private static bool IsModel(string file) => file.EndsWith(".cat", StringComparison.Ordinal);

    private static string? ReadOrNull(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }
}
