using Notify.Channels.Sending;
using Notify.Channels.WeCom;

namespace Notify.Delivery.Tests.WeCom;

public sealed class WeComErrorsTests
{
    [Theory]
    [InlineData(-1, OutcomeClass.Retry)]
    [InlineData(40014, OutcomeClass.RefreshToken)]
    [InlineData(42001, OutcomeClass.RefreshToken)]
    [InlineData(45009, OutcomeClass.Rate)]
    [InlineData(45033, OutcomeClass.Rate)]
    [InlineData(60020, OutcomeClass.Configuration)]
    [InlineData(93000, OutcomeClass.Configuration)]
    [InlineData(301002, OutcomeClass.Configuration)]
    [InlineData(40058, OutcomeClass.Message)]
    [InlineData(81013, OutcomeClass.Receiver)]
    [InlineData(987654, OutcomeClass.Retry)]
    public void a_code_has_its_class(int code, OutcomeClass expected) => WeComErrors.For(code).Class.Should().Be(expected);

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(987654, 2)]
    [InlineData(45009, null)]
    public void what_the_platform_wants_repeated_rarely_is(int code, int? tries) => WeComErrors.For(code).MostTries.Should().Be(tries);

    [Fact]
    public void every_code_says_what_to_do_in_both_languages() =>
        WeComErrors.All.Should().HaveCountGreaterThan(70).And.OnlyContain(x =>
            x.Meaning.En.Length > 0 && x.Meaning.Zh.Length > 0 && x.Advice.En.Length > 0 && x.Advice.Zh.Length > 0);

    [Fact]
    public void an_unlisted_code_is_named_in_its_advice()
    {
        WeComErrors.All.Should().NotContain(x => x.Code == 987654);
        WeComErrors.For(987654).Advice.En.Should().Contain("987654");
    }

    [Theory]
    [InlineData(40058, "markdown.content exceed max length 4096", Remedy.Shorter)]
    [InlineData(40058, "missing url", Remedy.PlainText)]
    [InlineData(45002, "content size out of limit", Remedy.Shorter)]
    [InlineData(85002, "banned words", Remedy.Minimal)]
    [InlineData(44004, "empty content", Remedy.None)]
    [InlineData(45009, "freq out of limit exceeded", Remedy.None)]
    public void a_refused_message_has_its_remedy_and_only_the_words_of_40058_tell_whether_it_is_about_length(
        int code, string message, Remedy expected) =>
        WeComErrors.RemedyFor(code, message).Should().Be(expected);
}
