using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Notify.Kernel.Tests;

public sealed class QueryReaderTests
{
    private enum Colour { Red, Blue }

    [Theory]
    [InlineData("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.0000000Z")]
    [InlineData("2026-01-31t08:00:00z", "2026-01-31T08:00:00.0000000Z")]
    [InlineData("2026-01-31T08:00:00.1234567+08:00", "2026-01-31T00:00:00.1234567Z")]
    [InlineData("2026-01-31T08:00:00-05:30", "2026-01-31T13:30:00.0000000Z")]
    public void an_instant_is_read_as_utc(string text, string utc)
    {
        Instants.TryParse(text, out var value).Should().BeTrue();
        value.Offset.Should().Be(TimeSpan.Zero);
        value.UtcDateTime.ToString("O").Should().Be(utc);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T08:00:00")]
    [InlineData("2026-01-31T08:00:00.123456")]
    [InlineData("2026-01-31 08:00:00Z")]
    [InlineData("2026-02-30T08:00:00Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("2026-01-31T08:00:00+99:00")]
    [InlineData("31/01/2026 08:00:00 Z")]
    public void what_is_no_instant_with_an_offset_is_not_read(string text) => Instants.TryParse(text, out _).Should().BeFalse();

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

    [Theory]
    [InlineData(0)]
    [InlineData(12345)]
    [InlineData(long.MaxValue)]
    public void a_cursor_leads_back_to_its_position(long position) => Of($"?cursor={QueryReader.CursorOf(position)}").Cursor().Should().Be(position);

    private static QueryReader Of(string query) => new(new QueryCollection(QueryHelpers.ParseQuery(query)));
}
