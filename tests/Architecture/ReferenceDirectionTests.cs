using System.Text.RegularExpressions;

namespace Notify.Architecture.Tests;

/// <summary>
/// Within a module references have a direction: what one folder knows of another, that one does not know of it. Sources are read, since constants
/// leave no trace in an assembly.
/// </summary>
public sealed partial class ReferenceDirectionTests
{
    /// <summary>Folders that know each other today. Nothing may join such a cycle, and whoever ends one removes it here.</summary>
    private static readonly Dictionary<string, string[][]> known = new(StringComparer.Ordinal)
    {
    };

    private sealed record Source(string Path, string Namespace, HashSet<string> Usings, string Code);

    public static TheoryData<string> Modules =>
        [.. Directory.GetDirectories(Path.Combine(Solution.Root, "src/Modules")).Select(x => Path.GetFileName(x)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Modules))]
    public void the_folders_of_a_module_refer_to_each_other_in_one_direction(string module)
    {
        var (references, places) = ReferencesOf(module);
        var cycles = CyclesOf(references);
        var unknown = cycles.Where(x => !known.GetValueOrDefault(module, []).Any(k => x.IsSubsetOf(k))).ToList();
        (from cycle in unknown
         from place in places
         where cycle.Contains(place.Key.From) && cycle.Contains(place.Key.To)
         select $"{Shown(place.Key.From)} → {Shown(place.Key.To)} in {string.Join(", ", place.Value)}").Should().BeEmpty(
            "move what both need to the one that knows less, or hand it in from outside (docs/architecture.md says which way Delivery goes)");

        known.GetValueOrDefault(module, []).Where(k => !cycles.Exists(x => x.SetEquals(k))).Should().BeEmpty("it is over: remove it from the list");

        static string Shown(string folder) => folder.Length == 0 ? "(root)" : folder;
    }

    [Fact]
    public void delivery_goes_from_notifications_over_lanes_and_outcomes_to_flights()
    {
        var (references, _) = ReferencesOf("Delivery");
        string[] way = ["Notifications", "Lanes", "Outcomes", "Flights"];
        foreach (var (i, folder) in way.Index())
            references[folder].Intersect(way.Skip(i + 1)).Should().BeEmpty($"{folder} comes before them");
    }

    [Fact]
    public void the_search_for_cycles_finds_them()
    {
        var cycles = CyclesOf(new Dictionary<string, HashSet<string>>
        {
            ["a"] = ["b", "e"],
            ["b"] = ["c"],
            ["c"] = ["a"],
            ["d"] = ["a"],
            ["e"] = [],
        });
        cycles.Single().Should().BeEquivalentTo("a", "b", "c");
    }

    /// <summary>
    /// Folder → the folders of the same module that it refers to, and in which files. What wires a module (<c>XModule.cs</c>) knows all of it, and is
    /// left out.
    /// </summary>
    private static (Dictionary<string, HashSet<string>> References, Dictionary<(string From, string To), SortedSet<string>> Places) ReferencesOf(
        string module)
    {
        var sources = Solution.Sources($"src/Modules/{module}").Where(x => !Wiring().IsMatch(x.Path)).Select(Read).OfType<Source>().ToList();
        var types = sources.GroupBy(x => x.Namespace, StringComparer.Ordinal).ToDictionary(
            x => x.Key, x => x.SelectMany(s => Declared().Matches(s.Code)).Select(d => d.Groups["name"].Value).ToHashSet(StringComparer.Ordinal),
            StringComparer.Ordinal);
        var references = types.Keys.ToDictionary(FolderOf, _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        var places = new Dictionary<(string, string), SortedSet<string>>();
        foreach (var source in sources)
        {
            var words = Word().Matches(source.Code).Select(x => x.Value).ToHashSet(StringComparer.Ordinal);
            foreach (var (other, declared) in types)
            {
                // A type of an enclosing namespace needs no using; one of another may be named by the end of its namespace.
                var isVisible = source.Usings.Contains(other) || source.Namespace.StartsWith(other + ".", StringComparison.Ordinal);
                var end = other[(other.LastIndexOf('.') + 1)..];
                var isNamed = (isVisible && words.Overlaps(declared))
                    || declared.Any(x => source.Code.Contains($"{end}.{x}", StringComparison.Ordinal));
                if (other == source.Namespace || !isNamed) continue;
                var (from, to) = (FolderOf(source.Namespace), FolderOf(other));
                references[from].Add(to);
                if (!places.TryGetValue((from, to), out var files)) files = places[(from, to)] = new(StringComparer.Ordinal);
                files.Add(Path.GetFileName(source.Path));
            }
        }

        return (references, places);

        string FolderOf(string name) => name.Length == $"Notify.{module}".Length ? "" : name[$"Notify.{module}.".Length..];
    }

    private static Source? Read((string Path, string Text) file)
    {
        // What documentation and texts mention is no reference.
        var code = Mentioned().Replace(file.Text, "");
        if (Namespace().Match(code) is not { Success: true } match) return null;
        HashSet<string> usings = [.. Using().Matches(code).Select(x => x.Groups["name"].Value)];
        return new(file.Path, match.Groups["name"].Value, usings, Namespace().Replace(Using().Replace(code, ""), ""));
    }

    /// <summary>The largest sets within which each reaches each.</summary>
    private static List<HashSet<string>> CyclesOf(Dictionary<string, HashSet<string>> references)
    {
        var reached = references.Keys.ToDictionary(x => x, Reached, StringComparer.Ordinal);
        var cycles = from folder in references.Keys
                     where reached[folder].Contains(folder)
                     select reached[folder].Where(x => reached[x].Contains(folder)).ToHashSet(StringComparer.Ordinal);
        return [.. cycles.DistinctBy(x => string.Join(' ', x.Order(StringComparer.Ordinal)))];

        HashSet<string> Reached(string from)
        {
            var (found, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(references[from]));
            while (open.TryPop(out var next))
                if (found.Add(next)) foreach (var further in references[next]) open.Push(further);
            return found;
        }
    }

    [GeneratedRegex(@"(Module|Registration|Wiring)\.cs$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Wiring();

    [GeneratedRegex(@"//.*|""(?:[^""\\\n]|\\.)*""", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Mentioned();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^using (static )?(?<name>[\w.]+);", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Using();

    [GeneratedRegex(
        @"^(public |internal |sealed |static |abstract |partial |readonly )*(class|record struct|record|enum|struct|interface) (?<name>\w+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Declared();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
