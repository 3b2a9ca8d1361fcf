using System.Text.RegularExpressions;

namespace Notify.Architecture.Tests;

/// <summary>Rules that only the text can show.</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void time_comes_from_the_time_provider() =>
        Found(Solution.Sources("src"), Clock()).Should()
            .BeEmpty("tests must be able to set the clock: take a TimeProvider and ask it for GetUtcNow()");

    /// <summary>Begun after an await, it would outlive its page, which is disposed meanwhile.</summary>
    [Fact]
    public void pages_follow_changes_and_clocks_as_live_components() =>
        Found(Solution.Files("src", "*.razor"), OwnFollowing()).Should().BeEmpty(
            "inherit LiveComponent and call Follow or Every; only a timer that waits to be set may be the page's own");

    [Fact]
    public void names_say_what_a_type_is() =>
        Found(Solution.Sources("src").Concat(Solution.Sources("tests")), VagueName()).Should()
            .BeEmpty("Manager, Helper and Util say nothing: name it after what it is or does");

    [Fact]
    public void only_the_domain_s_service_is_called_service() =>
        Found(Solution.Sources("src"), ServiceName()).Should().BeEmpty("a service is what notifies people here: name it after what it does");

    [Fact]
    public void whoever_appends_through_marten_is_in_a_transaction_first() =>
        Solution.Sources("src").Where(x => MartenAppend().IsMatch(x.Text) && !OpenTransaction().IsMatch(x.Text)).Select(x => x.Path).Should().BeEmpty(
            "an event's number must be taken in the transaction that stores it (docs/decisions/0014): begin it with session.BeginTransactionAsync, or append through EventBatch");

    /// <summary>Else a parameter would be passed over silently: the reader knows what the endpoint takes.</summary>
    [Fact]
    public void query_parameters_and_instants_are_read_in_one_place() =>
        Found(Solution.Sources("src").Where(x => !x.Path.EndsWith("QueryParameters.cs", StringComparison.Ordinal)
            && !x.Path.EndsWith("Checkpoint.cs", StringComparison.Ordinal)), OwnReading())
            .Should().BeEmpty("use http.Query() and Instants.TryParse");

    [Fact]
    public void what_observes_goes_through_telemetry_which_lets_no_fault_of_an_observer_out() =>
        Found(Solution.Sources("src").Where(x => !x.Path.EndsWith("/Kernel/Telemetry.cs", StringComparison.Ordinal)), Observing()).Should().BeEmpty(
            "a listener runs in the middle of the work and may throw: take a counter, histogram, gauge or span of Telemetry");

    [Fact]
    public void what_is_random_in_a_test_prints_its_seed() =>
        Found(Solution.Sources("tests").Where(x => !x.Path.EndsWith("/TestRandom.cs", StringComparison.Ordinal)), UnknownSeed()).Should().BeEmpty(
            "a failure must be repeatable: take a Random from TestRandom.New(output.WriteLine), or give it a seed");

    [Fact]
    public void event_batches_and_the_node_s_name_come_from_one_place() =>
        Found(
            Solution.Sources("src").Where(
            x => !x.Path.EndsWith("/EventBatches.cs", StringComparison.Ordinal) && !x.Path.EndsWith("/ThisNode.cs", StringComparison.Ordinal)),
            OwnBatchOrNode()).Should().BeEmpty("take EventBatches and call New(); in leases and on attempts this process is called as ThisNode says");

    [Fact]
    public void lines_are_no_wider_than_editorconfig_says() =>
        (from folder in (string[])["src", "tests", "tools"]
         from source in Solution.Sources(folder)
         from line in WideLines(source.Text)
         select $"{source.Path}:{line}").Should().BeEmpty("break the line; only a text may be longer");

    /// <summary>
    /// As <c>dotnet format</c> sorts them. It loads the solution for that, which takes a minute; build/test.sh has it look only at white space.
    /// </summary>
    [Fact]
    public void usings_are_sorted() =>
        (from folder in (string[])["src", "tests", "tools"]
         from source in Solution.Sources(folder)
         let usings = Using().Matches(source.Text[..Math.Max(0, source.Text.IndexOf("\nnamespace ", StringComparison.Ordinal))]).ToList()
         where !usings.SequenceEqual(usings.OrderBy(UsingOrder, StringComparer.OrdinalIgnoreCase))
         select source.Path).Should().BeEmpty("run: dotnet format");

    /// <summary>Namespaces first, System's before others, then types, then aliases; a name comes before the names below it.</summary>
    private static string UsingOrder(Match match)
    {
        var (name, alias) = (match.Groups["name"].Value.Replace('.', '\u0001'), match.Groups["alias"].Value);
        var system = match.Groups["name"].Value.Split('.')[0] == "System";
        return alias.Length > 0 ? $"2{alias}" : $"{(match.Groups["static"].Success ? 1 : 0)}{(system ? 0 : 1)}{name}";
    }

    /// <summary>What is a text (a raw string, a literal) cannot be broken and does not count.</summary>
    private static IEnumerable<int> WideLines(string text)
    {
        const int Most = 150;
        const string Raw = "\"\"\"";
        var inRaw = false;
        foreach (var (i, line) in text.Split('\n').Index())
        {
            var (began, marks) = (inRaw, line.Split(Raw).Length - 1);
            if (marks % 2 == 1) inRaw = !inRaw;
            if (!began && marks == 0 && Literal().Replace(line, "\"\"").Length > Most) yield return i + 1;
        }
    }

    private static List<string> Found(IEnumerable<(string Path, string Text)> sources, Regex pattern) =>
        [.. from source in sources from match in pattern.Matches(source.Text) select $"{source.Path}: {match.Value}"];

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bStopwatch\.(StartNew|GetTimestamp)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Clock();

    [GeneratedRegex(@"\bLiveChanges\b|\bCreateTimer\((?!.*InfiniteTimeSpan, Timeout\.InfiniteTimeSpan)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnFollowing();

    [GeneratedRegex(
        @"\bnew EventBatch\(|\bService<EventBatch>|\bMachineName\}/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnBatchOrNode();

    [GeneratedRegex(@"\bRequest\.Query\b|\bDateTime(Offset)?\.(Try)?Parse(Exact)?\(", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex OwnReading();

    [GeneratedRegex(
        @"\bnew (Meter|ActivitySource|DiagnosticListener)\b|\b(Counter|Histogram|UpDownCounter|Gauge)<\w+> \w+ =|\.(Create(Observable)?(Counter|Histogram|UpDownCounter|Gauge)|StartActivity|CreateActivity)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Observing();

    [GeneratedRegex(@"\bEvents\.(Append|StartStream|AppendOptimistic|AppendExclusive|WriteToAggregate)\b|\bFetchForWriting\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MartenAppend();

    /// <summary>A change of configuration is handed its session within a transaction.</summary>
    [GeneratedRegex(@"\bBeginTransactionAsync\b|\bchange\.Session\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OpenTransaction();

    [GeneratedRegex(@"^using (?<static>static )?((?<alias>\w+) = )?(?<name>[\w.]+);",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Using();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\bRandom\.Shared\b|\bnew Random\(\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnknownSeed();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+\w*(Manager|Helper|Helpers|Util|Utils|Utility)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(class|struct|interface)\s+\w+Service\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceName();
}
