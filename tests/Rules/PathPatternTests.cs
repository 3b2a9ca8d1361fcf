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
