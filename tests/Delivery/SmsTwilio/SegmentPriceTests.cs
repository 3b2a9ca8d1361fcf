using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Channels;
using Notify.Channels.Messages;
using Notify.Channels.SmsTwilio;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Tests.SmsTwilio;

/// <summary>What a message costs one receiver, as its preview shows it.</summary>
public sealed class SegmentPriceTests
{
    [Fact]
    public void every_segment_of_every_part_is_paid_for()
    {
        var parts = PlanWith(("SegmentPrice", "0.0083"), ("Currency", "EUR"))(new string('泵', 600)).Parts;
        parts.Should().HaveCount(2).And.OnlyContain(x => x.Sms!.Price!.Currency == "EUR" && x.Sms.Price.Amount == 0.0083m * x.Sms.Segments);
        parts.Sum(x => x.Sms!.Segments).Should().BeGreaterThan(2);
    }

    [Fact]
    public void without_a_price_there_is_none() => PlanWith()("Pump").Parts.Should().ContainSingle().Which.Sms!.Price.Should().BeNull();

    [Theory]
    [InlineData("SegmentPrice", "0", "Notify:SmsTwilio:SegmentPrice must be more than 0 and less than 1000.")]
    [InlineData("SegmentPrice", "-1", "Notify:SmsTwilio:SegmentPrice must be more than 0 and less than 1000.")]
    [InlineData("SegmentPrice", "1000", "Notify:SmsTwilio:SegmentPrice must be more than 0 and less than 1000.")]
    [InlineData("Currency", " ", "Notify:SmsTwilio:Currency must not be empty.")]
    public void a_price_that_is_none_stops_the_start(string setting, string value, string fault) =>
        FluentActions.Invoking(() => PlanWith((setting, value))).Should().Throw<OptionsValidationException>().WithMessage($"*{fault}*");

    private static Func<string, MessagePlan> PlanWith(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(x => KeyValuePair.Create($"Notify:SmsTwilio:{x.Name}", (string?)x.Value))).Build();
        var channel = new ServiceCollection().AddChannels(configuration).BuildServiceProvider().GetRequiredService<ChannelCatalog>()
            .Of("sms-twilio");
        return text => channel.Messages.Plan(new RenderedMessage("text", text, Mentions.None), new Uri("https://notify.example/a/x")).Should().ContainSingle().Subject;
    }
}
