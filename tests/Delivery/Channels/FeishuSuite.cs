using System.Text.Json.Nodes;
using Notify.Peers;
using Notify.Peers.Feishu;

namespace Notify.Delivery.Tests.Channels;

public sealed class FeishuPeer : ChannelPeer
{
    private const string Token = "cccccccc-0000-0000-0000-00000000000f";
    private const string SignSecret = "the-signing-secret-of-the-suite";
    private readonly FeishuStandIn platform = new() { PerMinute = 0, PerSecond = 0 };

    public override string Type => "feishu";

    public override IReadOnlyList<string> Settings =>
    [
        "Notify:Feishu:Timeout=00:00:02", "Notify:Feishu:BotLimitPerMinute=20", "Notify:Feishu:ProbeInterval=00:00:01",
        $"Notify:Feishu:AllowedOrigins:0={platform.Origin}",
    ];

    public override string Secret => "a-secret-that-is-not-the-robots";
    public override bool Splits => true;
    public override bool Merges => true;
    public override bool DropsRepeats => false;

    /// <summary>The platform names no words that it refuses; what it does not take as text fails.</summary>
    public override bool HasOtherWords => false;

    public override JsonObject Receiver => new() { ["kind"] = "bot", ["alias"] = "Group" };
    public override JsonObject Unreachable => new() { ["kind"] = "bot", ["alias"] = "Removed" };
    public override JsonObject Unknown => new() { ["kind"] = "bot", ["alias"] = "Nobody" };
    public override IReadOnlyList<string> Shown => [.. platform.Shown.Select(x => x.Text)];

    public override async Task StartAsync()
    {
        await platform.StartAsync();
        platform.AddRobot(Token, new("Group", SignSecret, Keyword: "Notify"));
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["bots"] = new JsonArray(
            new JsonObject
            {
                ["alias"] = "Group",
                ["webhookUrl"] = platform.UrlOf(Token),
                ["signSecret"] = rightSecret ? SignSecret : Secret,
                ["keyword"] = "Notify",
            },
            new JsonObject { ["alias"] = "Removed", ["webhookUrl"] = platform.UrlOf("dddddddd-0000-0000-0000-00000000000f") }),
    };

    public override JsonObject Message(string words) => new() { ["type"] = "feishu", ["format"] = "text", ["content"] = words };

    public override void Fail(PeerFault fault, int? count = 1) =>
        platform.Fail(HttpFaults.Of(fault, new(200, Body: FeishuStandIn.Refusal(9499, "Bad Request: fail to parse content"))), count);

    public override void Heal() => platform.Heal();

    public override async ValueTask DisposeAsync()
    {
        await platform.DisposeAsync();
        await base.DisposeAsync();
    }
}

public sealed class FeishuSuite(ChannelHost<FeishuPeer> fixture) : ChannelSuite<FeishuPeer>(fixture);
