using System.Text.Json.Nodes;
using Notify.Peers;
using Notify.Peers.SmsTwilio;

namespace Notify.Delivery.Tests.Channels;

public sealed class TwilioPeer : ChannelPeer
{
    private const string Number = "+15550000001";
    private const string NoNumber = "+15550000002";
    private readonly TwilioStandIn platform = new();

    public override string Type => "sms-twilio";

    public override IReadOnlyList<string> Settings =>
    [
        "Notify:SmsTwilio:Timeout=00:00:02", "Notify:SmsTwilio:MobileLimitPerMinute=40", "Notify:SmsTwilio:ProbeInterval=00:00:01",
        $"Notify:SmsTwilio:AllowedOrigins:0={platform.Origin}",
    ];

    public override string Secret => "a-token-that-is-not-the-accounts";
    public override bool Splits => true;
    public override bool Merges => true;
    public override bool DropsRepeats => false;
    public override bool HasOtherWords => true;
    public override JsonObject Receiver => new() { ["kind"] = "mobile", ["account"] = Number };
    public override JsonObject Unreachable => new() { ["kind"] = "mobile", ["account"] = NoNumber };
    public override JsonObject Unknown => new() { ["kind"] = "mobile", ["account"] = "13800138000" };
    public override IReadOnlyList<string> Shown => [.. platform.Shown.Select(x => x.Text)];

    public override async Task StartAsync()
    {
        await platform.StartAsync();
        platform.SetPhone(NoNumber, TwilioPhone.Invalid);
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["accountSid"] = TwilioStandIn.AccountSid,
        ["authToken"] = rightSecret ? TwilioStandIn.Token : Secret,
        ["from"] = TwilioStandIn.Sender,
        ["apiBaseUrl"] = platform.Origin,
    };

    public override JsonObject Message(string words) => new() { ["type"] = "sms-twilio", ["content"] = words };

    public override void Fail(PeerFault fault, int? count = 1) =>
        platform.Fail(HttpFaults.Of(fault, new(201, Body: TwilioStandIn.Refused(30007, "Message filtered")), taken: 201), count);

    public override void Heal() => platform.Heal();

    public override ValueTask DisposeAsync() => platform.DisposeAsync();
}

public sealed class TwilioSuite(ChannelHost<TwilioPeer> fixture) : ChannelSuite<TwilioPeer>(fixture);
