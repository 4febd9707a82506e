using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Report;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>
/// Turns a request into the cases to check, in a fixed order: by scenario, architecture, variants (the last varies fastest), model, claim.
/// What the request names must exist for every scenario that was named; with no scenario named, those that lack it are left out.
/// </summary>
internal sealed class CaseSelector
{
    private readonly ImmutableArray<ScenarioDescription> _catalog;
    private readonly CheckRequest _request;
    private readonly List<InputError> _errors = [];

    private CaseSelector(ImmutableArray<ScenarioDescription> catalog, CheckRequest request) => (_catalog, _request) = (catalog, request);

    /// <summary>The cases, at least one.</summary>
    /// <exception cref="InputException">The request names something that does not exist.</exception>
    public static ImmutableArray<CheckCase> Select(ImmutableArray<ScenarioDescription> catalog, CheckRequest request)
    {
        var selector = new CaseSelector(catalog, request);
        ImmutableArray<CheckCase> cases = selector.Select();
        return selector._errors.Count == 0 ? cases : throw new InputException([.. selector._errors.Distinct()]);
    }

    private ImmutableArray<CheckCase> Select()
    {
        List<ScenarioDescription> scenarios = SelectScenarios();
        foreach (string model in _request.Models)
        {
            if (ModelCatalog.FindError(model, CheckRequest.ModelOption) is { } error)
            {
                _errors.Add(error);
            }
        }

        CheckNames(scenarios);
        if (_errors.Count > 0)
        {
            return [];
        }

        ImmutableArray<CheckCase> cases = [.. scenarios.SelectMany(CasesOf)];
        if (cases.IsEmpty)
        {
            _errors.Add(new InputError(_request.Command, InputErrorCodes.NothingFits, "no scenario has all that was asked for; tablewalk list shows what there is"));
        }

        return cases;
    }

    private List<ScenarioDescription> SelectScenarios()
    {
        _errors.AddRange(UnknownScenarios(_catalog, _request.Scenarios, _request.Command));
        return [.. _catalog.Where(scenario => _request.Scenarios.IsEmpty || _request.Scenarios.Contains(scenario.Name))];
    }

    /// <summary>What to say of names that no scenario has.</summary>
    /// <param name="catalog">The scenarios that there are.</param>
    /// <param name="names">What was asked for.</param>
    /// <param name="command">By which command.</param>
    public static IEnumerable<InputError> UnknownScenarios(ImmutableArray<ScenarioDescription> catalog, ImmutableArray<string> names, string command) =>
        names.Where(name => catalog.All(scenario => scenario.Name != name)).Select(name => InputError.NoSuch(
            $"{command} {name}", InputErrorCodes.UnknownScenario, $"unknown scenario '{name}'", name, [.. catalog.Select(scenario => scenario.Name)]));

    // Each name asked for must exist somewhere among the scenarios, and in each one that was named.
    private void CheckNames(List<ScenarioDescription> scenarios)
    {
        foreach (string architecture in _request.Architectures)
        {
            Require(scenarios, "--arch", JudgeErrorCodes.UnknownArchitecture, "architecture", architecture, scenario => scenario.Architectures);
        }

        foreach (string claim in _request.Claims)
        {
            Require(scenarios, "--claim", JudgeErrorCodes.UnknownClaim, "claim", claim, scenario => scenario.Claims);
        }

        foreach (string text in _request.Variants)
        {
            CheckVariant(scenarios, text);
        }
    }

    private void CheckVariant(List<ScenarioDescription> scenarios, string text)
    {
        if (!TrySplit(text, out string name, out string value))
        {
            _errors.Add(new InputError($"--variant {text}", InputErrorCodes.BadVariant, "expected NAME=VALUE, such as recheck=none"));
            return;
        }

        int errorsBefore = _errors.Count;
        Require(scenarios, "--variant", InputErrorCodes.UnknownVariant, "variant", name, scenario => [.. scenario.Variants.Select(variant => variant.Name)], text);
        if (_errors.Count > errorsBefore || value == "*")
        {
            return;
        }

        foreach (ScenarioDescription scenario in scenarios)
        {
            foreach (VariantDescription variant in scenario.Variants.Where(variant => variant.Name == name))
            {
                if (!variant.Values.Contains(value))
                {
                    _errors.Add(InputError.NoSuch(
                        $"--variant {text}", InputErrorCodes.UnknownValue, $"unknown value '{value}' for variant '{name}' of {scenario.Name}", value, variant.Values));
                }

                CheckClaims(scenario, variant, text);
            }
        }
    }

    private void CheckClaims(ScenarioDescription scenario, VariantDescription variant, string text)
    {
        bool isNamed = _request.Scenarios.Contains(scenario.Name);
        foreach (string claim in scenario.Claims.Where(claim => isNamed && _request.Claims.Contains(claim) && !variant.IsFor(claim)))
        {
            string[] others = [.. scenario.Variants.Where(other => other.IsFor(claim)).Select(other => other.Name)];
            _errors.Add(InputError.NoSuch(
                $"--variant {text}", InputErrorCodes.UnknownVariant, $"{scenario.Name} has no variant '{variant.Name}' for the claim {claim}", variant.Name, others));
        }
    }

    private void Require(
        List<ScenarioDescription> scenarios,
        string option,
        string code,
        string kind,
        string name,
        Func<ScenarioDescription, ImmutableArray<string>> namesOf,
        string? text = null)
    {
        if (scenarios.Count == 0)
        {
            return; // the scenarios' names were wrong, which has been said
        }

        string place = $"{option} {text ?? name}";
        string[] all = [.. _catalog.SelectMany(scenario => namesOf(scenario)).Distinct()];
        if (!all.Contains(name))
        {
            _errors.Add(InputError.NoSuch(place, code, $"unknown {kind} '{name}'", name, all));
            return;
        }

        foreach (ScenarioDescription scenario in scenarios.Where(scenario => _request.Scenarios.Contains(scenario.Name) && !namesOf(scenario).Contains(name)))
        {
            _errors.Add(InputError.NoSuch(place, code, $"{scenario.Name} has no {kind} '{name}'", name, namesOf(scenario)));
        }
    }

    private IEnumerable<CheckCase> CasesOf(ScenarioDescription scenario)
    {
        // A scenario that lacks a variant asked for is not what was meant, unless it was named, which CheckNames has refused.
        IEnumerable<string> asked = _request.Variants.Select(text => text[..text.IndexOf('=', StringComparison.Ordinal)]);
        if (asked.Any(name => scenario.Variants.All(variant => variant.Name != name)))
        {
            yield break;
        }

        foreach (string architecture in Chosen(scenario.Architectures, _request.Architectures))
        {
            var before = new HashSet<string>(StringComparer.Ordinal); // combinations that differ in variants for other claims only come once
            foreach (ImmutableArray<VariantValue> variants in CombinationsOf(scenario, architecture))
            {
                foreach (string model in _request.Models.IsEmpty ? [Architectures.ModelOf(architecture)] : _request.Models.Distinct())
                {
                    foreach (string claim in Chosen(scenario.Claims, _request.Claims).Where(claim => IsMeant(scenario, claim)))
                    {
                        var check = new CheckCase(scenario, claim, architecture, model, [.. variants.Where((_, i) => scenario.Variants[i].IsFor(claim))]);
                        if (before.Add($"{claim} {model} {check.VariantText}"))
                        {
                            yield return check;
                        }
                    }
                }
            }
        }
    }

    // A claim for which there is no such variant is not meant where one of its values is asked for; "every value there is" does not say that there is one.
    private bool IsMeant(ScenarioDescription scenario, string claim) => scenario.Variants.All(variant => variant.IsFor(claim) || AskedOf(variant) is [] or ["*"]);

    private static IEnumerable<string> Chosen(ImmutableArray<string> all, ImmutableArray<string> asked) =>
        all.Where(name => asked.IsEmpty || asked.Contains(name));

    private List<ImmutableArray<VariantValue>> CombinationsOf(ScenarioDescription scenario, string architecture)
    {
        List<ImmutableArray<VariantValue>> combinations = [[]];
        foreach (VariantDescription variant in scenario.Variants)
        {
            var longer = new List<ImmutableArray<VariantValue>>();
            foreach (ImmutableArray<VariantValue> chosen in combinations)
            {
                foreach (string value in ValuesOf(variant, architecture))
                {
                    longer.Add(chosen.Add(new VariantValue(variant.Name, value)));
                }
            }

            combinations = longer;
        }

        return combinations;
    }

    private ImmutableArray<string> ValuesOf(VariantDescription variant, string architecture)
    {
        string[] asked = AskedOf(variant);
        return asked.Length == 0
            ? [variant.DefaultOn(architecture)]
            : [.. variant.Values.Where(value => asked.Contains("*") || asked.Contains(value))];
    }

    private string[] AskedOf(VariantDescription variant) =>
    [
        .. from text in _request.Variants
           where TrySplit(text, out string name, out _) && name == variant.Name
           select text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..],
    ];

    private static bool TrySplit(string text, out string name, out string value)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        name = equals < 0 ? text : text[..equals];
        value = text[(equals + 1)..];
        return equals > 0 && value.Length > 0;
    }
}
