using System.Collections.Immutable;
using Tablewalk.Judge;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>What <c>tablewalk litmus</c> was asked for.</summary>
/// <param name="Paths">Files and folders.</param>
/// <param name="Model">A model's name or file; null for each architecture's own.</param>
/// <param name="Kinds">The file of expected kinds; null for <c>expected.tsv</c> beside each test.</param>
/// <param name="Jobs">Worker threads, at least 1.</param>
/// <param name="Timeout">When to give a test up; null for never.</param>
internal sealed record LitmusRequest(ImmutableArray<string> Paths, string? Model, string? Kinds, int Jobs, TimeSpan? Timeout)
{
    /// <summary>The memory that the process may have; null for three quarters of the machine's.</summary>
    public int? Megabytes { get; init; }

    /// <summary>Whether to say of each test why its condition is never reached, or how it is.</summary>
    public bool Explains { get; init; }

    /// <summary>Whether to print one execution of each test.</summary>
    public bool Shows { get; init; }

    /// <summary>The file to draw one execution of the one test to; null if none is asked for.</summary>
    public string? DotFile { get; init; }

    /// <summary>Whether anything is asked for besides verdicts.</summary>
    public bool NeedsExecutions => Explains || Shows || DotFile is not null;

    private const string Extension = ".litmus";

    /// <summary>The tests: each file as it was named, each folder's files and those of its folders by name.</summary>
    /// <exception cref="InputException">There is no such file or folder, or a folder has no test.</exception>
    public ImmutableArray<string> FindFiles()
    {
        var (files, errors) = (ImmutableArray.CreateBuilder<string>(), new List<InputError>());
        foreach (string path in Paths)
        {
            if (File.Exists(path))
            {
                files.Add(path);
            }
            else if (!Directory.Exists(path))
            {
                errors.Add(new InputError(path, InputErrorCodes.NoTest, "no such file or folder"));
            }
            else
            {
                string[] found = [.. Directory.EnumerateFiles(path, "*" + Extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
                if (found.Length == 0)
                {
                    errors.Add(new InputError(path, InputErrorCodes.NoTest, $"expected litmus tests in this folder, found no file that ends in {Extension}"));
                }

                files.AddRange(found);
            }
        }

        return errors.Count > 0 ? throw new InputException([.. errors]) : files.ToImmutable();
    }
}

/// <summary>
/// Expected kinds: on each line the name of a test or of its file, blanks, and a verdict. <c>#</c> begins a comment. herd7's kinds files and
/// <c>expected.tsv</c> are such files.
/// </summary>
internal sealed class KindsFile
{
    /// <summary>What a file of that name beside a test is read as.</summary>
    public const string DefaultName = "expected.tsv";

    private readonly Dictionary<string, string> _kinds = new(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It cannot be read, or a line is none.</exception>
    public KindsFile(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InputException(new InputError(path, InputErrorCodes.BadKinds, unreadable.Message));
        }

        var errors = new List<InputError>();
        for (int i = 0; i < lines.Length; i++)
        {
            string[] words = lines[i].Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            string? verdict = words.Length < 2 ? null : words[1] switch { "Forbid" => "Forbidden", "Allow" => "Allowed", "Require" => "Required", var word => word };
            if (verdict is null || !LitmusRow.Verdicts.Contains(verdict))
            {
                string found = words.Length < 2 ? "none" : $"'{words[1]}'";
                errors.Add(new InputError($"{path}:{i + 1}:1", InputErrorCodes.BadKinds, $"expected a verdict after the name: {string.Join(", ", LitmusRow.Verdicts)}; found {found}"));
            }
            else if (!_kinds.TryAdd(words[0], verdict) && _kinds[words[0]] != verdict)
            {
                errors.Add(new InputError($"{path}:{i + 1}:1", InputErrorCodes.BadKinds, $"'{words[0]}' has another verdict already"));
            }
        }

        if (errors.Count > 0)
        {
            throw new InputException([.. errors]);
        }
    }

    /// <summary>What is expected of a test; null if nothing is.</summary>
    public string? Find(string file, string name) =>
        _kinds.GetValueOrDefault(Path.GetFileNameWithoutExtension(file)) ?? _kinds.GetValueOrDefault(name);
}
