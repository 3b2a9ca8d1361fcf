using System.Text.Json.Nodes;
using Notify.Peers.SmsTwilio;
using Notify.Testing;

namespace Notify.Delivery.Tests.SmsTwilio;

/// <summary>What is entered wrongly is named, and what a message costs.</summary>
[Collection(nameof(AskedHost))]
public sealed class TwilioFieldsTests(AskedHost asked)
{
    private readonly NotifyHost host = asked.Host;

    [Theory]
    [InlineData("accountSid", "AC1", "sms-twilio.accountSid")]
    [InlineData("from", "", "sms-twilio.from")]
    [InlineData("from", "+0123", "sms-twilio.from")]
    [InlineData("from", "a sender id that is too long", "sms-twilio.from")]
    [InlineData("messagingServiceSid", TwilioStandIn.ServiceSid, "sms-twilio.messagingServiceSid")]
    [InlineData("apiBaseUrl", "https://api.twilio.com.example", "sms-twilio.apiBaseUrl")]
    [InlineData("apiBaseUrl", "http://api.twilio.com", "sms-twilio.apiBaseUrl")]
    [InlineData("apiBaseUrl", "https://api.dublin.ie1.twilio.com", null)]
    [InlineData("from", "Plant 1", null)]
    [InlineData("from", "12345", null)]
    public async Task each_fault_of_the_settings_names_its_field(string field, string value, string? path)
    {
        var service = TwilioTests.ServiceOf("https://api.twilio.com", "a-token-of-the-account", $"Service with {value}");
        service["sms-twilio"]![field] = value;
        var answer = await host.SendAsync("POST", "services", service);
        answer.Status.Should().Be(path is null ? 201 : 400);
        if (path is not null) answer.Faults.Should().Equal(path);
    }

    [Fact]
    public async Task the_preview_says_what_a_message_costs()
    {
        var preview = await host.PostAsync("messages/preview", new { type = "sms-twilio", content = "{name}", alarm = new { name = "泵站过热", path = "Site1" } });
        preview["parts"]![0]!["sms"]!.ToJsonString().Should().Be("""{"encoding":"UCS-2","characters":4,"segments":1}""");
        // Nothing in an SMS is markup: a value stands there as it is.
        preview = await host.PostAsync("messages/preview", new { type = "sms-twilio", content = "{name}", alarm = new { name = "T < 5 <a> *x* _y_ @z", path = "Site1" } });
        ((string)preview["text"]!, (string)preview["parts"]![0]!["sms"]!["encoding"]!).Should().Be(("T < 5 <a> *x* _y_ @z", "GSM-7"));
    }
}
