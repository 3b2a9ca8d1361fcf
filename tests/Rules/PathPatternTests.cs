using CsCheck;
using Notify.Kernel;

namespace Notify.Rules.Tests;

public class PathPatternTests
{
    [Theory]
    [InlineData("Site1/Line1", "Site1/Line1", true)]
    [InlineData("Site1/Line1", "site1/LINE1", true)]
    [InlineData("Site1/Line1", "Site1/Line1/Pump3", false)]
    [InlineData("Ｓite1/A\u0308", "SITE1/\u00c4", true)]
    [InlineData("厂区/一号线", "厂区/一\u200b号线", true)]
    [InlineData("Site1/＊", "Site1/Line1", false)]
    [InlineData("Site1/＊", "Site1/＊", true)]
    [InlineData("Site1/Line1", "Site1/Line10", false)]
    [InlineData("Site1/*", "Site1/Line1", true)]
    [InlineData("Site1/*", "Site1", false)]
    [InlineData("Site1/*", "Site1/Line1/Pump3", false)]
    [InlineData("*/Line1/*", "Site1/Line1/Pump3", true)]
    [InlineData("Site1/**", "Site1", true)]
    [InlineData("Site1/**", "Site1/Line1/Pump3", true)]
    [InlineData("Site1/**", "Site10/Line1", false)]
    [InlineData("**/Pump3", "Site1/Line1/Pump3", true)]
    [InlineData("**/Pump3", "Pump3", true)]
    [InlineData("**/Line1/**", "Site1/Line1/Pump3", true)]
    [InlineData("Site1/**/Pump3", "Site1/Pump3", true)]
    [InlineData("**", "", true)]
    [InlineData("*", "", false)]
    [InlineData("/Site1/Line1/", "/Site1/Line1", true)]
    [InlineData("Site1/Line1", "/Site1//Line1/", true)]
    public void a_pattern_matches_segment_by_segment(string pattern, string path, bool matches) =>
        PathPattern.Parse(pattern).Matches(path).Should().Be(matches);

    [Theory]
    [InlineData("Site1/**", "Site1/Line1", true)]
    [InlineData("Site1/**", "site1/**", true)]
    [InlineData("Site1/**", "Site1/*/Pump3", true)]
    [InlineData("Site1/**", "**", false)]
    [InlineData("Site1/*", "Site1/**", false)]
    [InlineData("Site1/*", "Site1/*", true)]
    [InlineData("Site1/Line1", "Site1/*", false)]
    [InlineData("**", "*", true)]
    [InlineData("**", "**/Pump3", true)]
    [InlineData("**/Pump3", "**/Line1/**/Pump3", true)]
    [InlineData("**/Pump3", "**/Line1/**", false)]
    public void a_pattern_covers_another_when_it_matches_all_that_the_other_does(string pattern, string other, bool covers) =>
        PathPattern.Parse(pattern).Covers(PathPattern.Parse(other)).Should().Be(covers);

    [Fact]
    public void patterns_overlap_when_some_path_matches_both()
    {
        // Two patterns of at most three segments, with a path in common, have one of at most four segments: without ** it has as many as they have,
        // and with ** in both each of them asks for two at most. "c" stands for every name that neither pattern has.
        List<string> paths = ["/a", "/b", "/c"];
        for (var i = 0; i < 3; i++) paths = [.. paths, .. paths.SelectMany(x => new[] { $"{x}/a", $"{x}/b", $"{x}/c" }).Except(paths)];
        paths.Add("");
        List<PathPattern> patterns = [];
        string[] segments = ["a", "b", "*", "**"];
        foreach (var x in segments)
        {
            patterns.Add(PathPattern.Parse(x));
            foreach (var y in segments)
            {
                patterns.Add(PathPattern.Parse($"{x}/{y}"));
                patterns.AddRange(segments.Select(z => PathPattern.Parse($"{x}/{y}/{z}")));
            }
        }

        var matched = patterns.ToDictionary(x => x, x => paths.Index().Where(p => x.Matches(p.Item)).Select(p => p.Index).ToHashSet());
        foreach (var x in patterns)
            foreach (var y in patterns)
                x.Overlaps(y).Should().Be(matched[x].Overlaps(matched[y]), $"of {x} and {y}");
        PathPattern.Parse("Site1/**").Overlaps(PathPattern.Parse("*/line1/Pump3")).Should().BeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("Site1//Line1")]
    [InlineData("Site1/Line*")]
    [InlineData("***")]
    public void a_malformed_pattern_is_told_why(string? pattern)
    {
        PathPattern.FaultOf(pattern).Should().NotBeNull();
        FluentActions.Invoking(() => PathPattern.Parse(pattern!)).Should().Throw<FormatException>();
    }

    [Fact]
    public void any_pattern_matches_what_the_plain_definition_says()
    {
        var segments = Gen.Int[0, 4].Select(i => new[] { "a", "b", "c", "*", "**" }[i]).Array[1, 6];
        var paths = Gen.Int[0, 2].Select(i => new[] { "a", "b", "c" }[i]).Array[0, 7];

        Gen.Select(segments, paths).Sample((pattern, path) =>
            PathPattern.Parse(string.Join('/', pattern)).Matches(string.Join('/', path)) == ByDefinition(pattern, path), iter: 20_000);

        static bool ByDefinition(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
        {
            if (pattern.IsEmpty) return path.IsEmpty;
            if (pattern[0] == "**") return ByDefinition(pattern[1..], path) || (!path.IsEmpty && ByDefinition(pattern, path[1..]));
            return !path.IsEmpty && (pattern[0] == "*" || pattern[0] == path[0]) && ByDefinition(pattern[1..], path[1..]);
        }
    }
}
