using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Notify.Kernel.Tests;

public sealed class QueryReaderTests
{
    private enum Colour { Red, Blue }

    [Fact]
    public void well_formed_parameters_are_read()
    {
        var query = Of("?text=%E6%B3%B5&n=7&flag=true&colour=Blue&at=2026-01-31T08:00:00+08:00&empty=");
        query.Text("text").Should().Be("泵");
        query.Number("n", 1, 1, 10).Should().Be(7);
        query.Flag("flag").Should().BeTrue();
        query.OneOf<Colour>("colour").Should().Be(Colour.Blue);
        query.Instant("at").Should().Be(new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero), "a plus sign that was not encoded is still one");
        query.Text("empty").Should().BeNull();
        query.Number("absent", 50, 1, 100).Should().Be(50);
        query.Flag("absent").Should().BeNull();
        query.Invoking(x => x.ThrowIfInvalid()).Should().NotThrow();
    }

    [Fact]
    public void every_malformed_parameter_is_named()
    {
        var query = Of("?text=a%00b&low=0&high=11&word=x&sign=%2B5&flag=yes&colour=Green&at=yesterday&cursor=!!&other=eA");
        query.Text("text");
        foreach (var name in new[] { "low", "high", "word", "sign" }) query.Number(name, 1, 1, 10);
        query.Flag("flag");
        query.OneOf<Colour>("colour");
        query.Instant("at");
        query.Cursor();
        query.Cursor("other");

        var refusal = query.Invoking(x => x.ThrowIfInvalid()).Should().Throw<ProblemException>().Which;
        refusal.Status.Should().Be(400);
        refusal.Errors!.Keys.Should().BeEquivalentTo("text", "low", "high", "word", "sign", "flag", "colour", "at", "cursor", "other");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("blue")]
    [InlineData("Red,Blue")]
    [InlineData(" Blue")]
    public void a_choice_is_given_by_its_exact_name(string text)
    {
        var query = Of($"?colour={Uri.EscapeDataString(text)}");
        query.OneOf<Colour>("colour").Should().BeNull();
        query.Invoking(x => x.ThrowIfInvalid()).Should().Throw<ProblemException>();
    }

    [Fact]
    public void what_is_given_twice_or_without_a_value_is_not_guessed_at()
    {
        var query = Of("?actor=ann&actor=bob&flag=&at=&n=&colour=&many=a&many=b");
        query.Text("actor");
        query.Flag("flag").Should().BeNull("'dryRun=' may not mean that it is none");
        query.Instant("at");
        query.Number("n", 1, 1, 10);
        query.OneOf<Colour>("colour");
        query.Texts("many").Should().Equal("a", "b");
        query.Invoking(x => x.ThrowIfInvalid()).Should().Throw<ProblemException>().Which.Errors!.Keys.Should()
            .BeEquivalentTo("actor", "flag", "at", "n", "colour");
    }

    [Theory]
    [InlineData("?at=2026-01-31T08:00:00Z", true)]
    [InlineData("", false)]
    [InlineData("?at=", false)]
    [InlineData("?at=yesterday", false)]
    [InlineData("?at=2026-01-31T08:00:00Z&at=2026-01-31T09:00:00Z", false)]
    public void a_required_instant_is_given_once_and_well_formed(string text, bool isTaken)
    {
        var query = Of(text);
        var instant = query.RequiredInstant("at");
        if (isTaken) instant.Should().Be(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero));
        else query.Invoking(x => x.ThrowIfInvalid()).Should().Throw<ProblemException>().Which.Errors!.Should().ContainKey("at")
            .WhoseValue.Should().ContainSingle();
    }

    [Fact]
    public void a_parameter_that_the_endpoint_does_not_declare_is_not_read()
    {
        var query = new QueryReader(x => new QueryCollection()[x], ["status"]);
        query.Text("status").Should().BeNull();
        query.Invoking(x => x.Text("search")).Should().Throw<InvalidOperationException>().WithMessage("*'search'*");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12345)]
    [InlineData(long.MaxValue)]
    public void a_cursor_leads_back_to_its_position(long position) => Of($"?cursor={QueryReader.CursorOf(position)}").Cursor().Should().Be(position);

    private static QueryReader Of(string query)
    {
        var values = new QueryCollection(QueryHelpers.ParseQuery(query));
        return new(x => values[x]);
    }
}
