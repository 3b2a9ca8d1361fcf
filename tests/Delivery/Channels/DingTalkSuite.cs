using System.Text.Json.Nodes;
using Notify.Peers;
using Notify.Peers.DingTalk;

namespace Notify.Delivery.Tests.Channels;

/// <summary>What robots and members have in common.</summary>
public abstract class DingTalkPeer : ChannelPeer
{
    protected DingTalkStandIn Platform { get; } = new() { PerMinute = 0 };

    public override string Type => "dingtalk";

    public override IReadOnlyList<string> Settings =>
    [
        "Notify:DingTalk:Timeout=00:00:02", "Notify:DingTalk:ProbeInterval=00:00:01",
        $"Notify:DingTalk:AllowedOrigins:0={Platform.Origin}", $"Notify:DingTalk:ApiBaseUrl={Platform.Origin}",
    ];

    public override bool Splits => true;
    public override bool Merges => true;
    public override bool DropsRepeats => false;
    public override IReadOnlyList<string> Shown => [.. Platform.Shown.Select(x => x.Text)];

    public override Task StartAsync() => Platform.StartAsync();

    public override JsonObject Message(string words) => new() { ["type"] = "dingtalk", ["format"] = "text", ["content"] = words };

    public override void Fail(PeerFault fault, int? count = 1) => Platform.Fail(HttpFaults.Of(fault, RefusedWords), count);

    public override void Heal() => Platform.Heal();

    public override ValueTask DisposeAsync() => Platform.DisposeAsync();

    protected abstract HttpFault RefusedWords { get; }
}

public sealed class DingTalkRobotPeer : DingTalkPeer
{
    private const string Token = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
    private const string SignSecret = "SECthe-signing-secret-of-the-suite";

    public override string Secret => "SECa-secret-that-is-not-the-robots";
    public override bool HasOtherWords => true;
    public override JsonObject Receiver => new() { ["kind"] = "bot", ["alias"] = "Group" };
    public override JsonObject Unreachable => new() { ["kind"] = "bot", ["alias"] = "Removed" };
    public override JsonObject Unknown => new() { ["kind"] = "bot", ["alias"] = "Nobody" };

    protected override HttpFault RefusedWords => new(200, Body: DingTalkStandIn.RobotRefusal(430101, "内容含有不合适的内容"));

    public override async Task StartAsync()
    {
        await base.StartAsync();
        Platform.AddRobot(Token, new("Group", SignSecret, Keyword: "Notify"));
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["bots"] = new JsonArray(
            new JsonObject
            {
                ["alias"] = "Group",
                ["webhookUrl"] = Platform.UrlOf(Token),
                ["signSecret"] = rightSecret ? SignSecret : Secret,
                ["keyword"] = "Notify",
            },
            new JsonObject { ["alias"] = "Removed", ["webhookUrl"] = Platform.UrlOf("dddddddddddddddddddddddddddddddd") }),
    };
}

public sealed class DingTalkMemberPeer : DingTalkPeer
{
    public override string Secret => "a-secret-that-is-not-the-apps";

    /// <summary>The platform names no words that it refuses; what it does not take as text fails.</summary>
    public override bool HasOtherWords => false;

    public override JsonObject Receiver => new() { ["kind"] = "member", ["account"] = "zhangsan" };
    public override JsonObject Unreachable => new() { ["kind"] = "member", ["account"] = "gone" };
    public override JsonObject Unknown => new() { ["kind"] = "member", ["account"] = "nobody" };

    protected override HttpFault RefusedWords =>
        new(400, Body: DingTalkStandIn.ApiRefusal("invalidParameter.msgParam.invalid", "msgParam is invalid"));

    public override async Task StartAsync()
    {
        await base.StartAsync();
        Platform.AddApp(new("dingclient", "the-secret-of-the-app-of-the-suite", "dingrobot", ["zhangsan"]));
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["sendTo"] = new JsonArray("member"),
        ["app"] = new JsonObject
        {
            ["clientId"] = "dingclient",
            ["clientSecret"] = rightSecret ? "the-secret-of-the-app-of-the-suite" : Secret,
            ["robotCode"] = "dingrobot",
        },
        ["members"] = new JsonArray(new JsonObject { ["userId"] = "zhangsan", ["name"] = "张三" }, new JsonObject { ["userId"] = "gone" }),
    };
}

public sealed class DingTalkRobotSuite(ChannelHost<DingTalkRobotPeer> fixture) : ChannelSuite<DingTalkRobotPeer>(fixture);

public sealed class DingTalkMemberSuite(ChannelHost<DingTalkMemberPeer> fixture) : ChannelSuite<DingTalkMemberPeer>(fixture);
