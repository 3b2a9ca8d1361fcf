using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

/// <summary>What robots and apps have in common.</summary>
public abstract class WeComPeer : ChannelPeer
{
    protected const string SendToRobot = "/cgi-bin/webhook/send";
    protected const string SendByApp = "/cgi-bin/message/send";
    private NotifyHost host = null!;

    public override string Type => "wecom";
    public override IReadOnlyList<string> Settings => ["Notify:WeCom:Timeout=00:00:02"];
    public override bool Splits => true;
    public override bool Merges => true;
    public override bool HasOtherWords => true;
    protected abstract string Path { get; }

    /// <summary>The one that faults meet; null: there is none.</summary>
    protected virtual string? RobotKey => null;
    protected WeComStandIn Platform => host.WeCom;

    public override IReadOnlyList<string> Shown => [.. Platform.Received.Where(x => x.Delivered).Select(x => x.Text)];

    public override Task BeginAsync(NotifyHost host)
    {
        this.host = host;
        Platform.Options.RobotLimit = 0;
        Platform.Options.MemberLimit = 0;
        return Task.CompletedTask;
    }

    public override JsonObject Message(string words) => new() { ["type"] = "wecom", ["format"] = "text", ["content"] = words };

    public override void Fail(PeerFault fault, int? count = 1)
    {
        var made = fault switch
        {
            PeerFault.NoAnswer => new Fault(FaultKind.Hang),
            PeerFault.LostAnswer => new Fault(FaultKind.ResetAfter),
            PeerFault.CutAnswer => new Fault(FaultKind.CutBody),
            PeerFault.ServerError => new Fault(FaultKind.HttpStatus) { Code = 502 },
            _ => new Fault(FaultKind.ErrCode) { Code = 82004 },
        };
        Platform.AddFault(made with { Path = Path, Robot = RobotKey, Count = count });
    }

    public override void Heal() => Platform.ClearFaults();
}

public sealed class WeComRobotPeer : WeComPeer
{
    private const string Key = "cccccccc-0000-0000-0000-00000000000c";
    private const string RemovedKey = "dddddddd-0000-0000-0000-00000000000d";

    protected override string Path => SendToRobot;
    protected override string RobotKey => Key;
    public override string Secret => "eeeeeeee-0000-0000-0000-00000000000e";
    public override bool DropsRepeats => false;
    public override JsonObject Receiver => new() { ["kind"] = "bot", ["alias"] = "Group" };
    public override JsonObject Unreachable => new() { ["kind"] = "bot", ["alias"] = "Removed" };
    public override JsonObject Unknown => new() { ["kind"] = "bot", ["alias"] = "Nobody" };

    public override IReadOnlyList<string> Settings => [.. base.Settings, "Notify:WeCom:BotLimitPerMinute=20", "Notify:WeCom:ProbeInterval=00:00:01"];

    public override async Task BeginAsync(NotifyHost host)
    {
        await base.BeginAsync(host);
        Platform.Options.AcceptAnyRobot = false;
        Platform.AddRobot(Key, "Group");
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["sendTo"] = new JsonArray("bot"),
        ["bots"] = new JsonArray(
            new JsonObject { ["alias"] = "Group", ["webhookUrl"] = Platform.RobotUrl(rightSecret ? Key : Secret) },
            new JsonObject { ["alias"] = "Removed", ["webhookUrl"] = Platform.RobotUrl(RemovedKey) }),
    };
}

public sealed class WeComAppPeer : WeComPeer
{
    private const string CorpId = "ww00000000000000ff";
    private const int AgentId = 1000009;

    protected override string Path => SendByApp;
    public override string Secret => "a-secret-that-is-not-the-apps";
    public override bool DropsRepeats => true;
    public override JsonObject Receiver => new() { ["kind"] = "account", ["account"] = "zhangsan" };
    public override JsonObject Unreachable => new() { ["kind"] = "account", ["account"] = "gone" };
    public override JsonObject Unknown => new() { ["kind"] = "account", ["account"] = "nobody" };

    public override async Task BeginAsync(NotifyHost host)
    {
        await base.BeginAsync(host);
        Platform.AddApp(new(CorpId, "the-secret-of-the-app-of-the-suite", AgentId) { Members = ["zhangsan"] });
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["sendTo"] = new JsonArray("account"),
        ["app"] = new JsonObject
        {
            ["corpId"] = CorpId,
            ["agentId"] = AgentId,
            ["secret"] = rightSecret ? "the-secret-of-the-app-of-the-suite" : Secret,
        },
        ["accounts"] = new JsonArray(new JsonObject { ["account"] = "zhangsan" }, new JsonObject { ["account"] = "gone" }),
    };
}

public sealed class WeComRobotSuite(ChannelHost<WeComRobotPeer> fixture) : ChannelSuite<WeComRobotPeer>(fixture);

public sealed class WeComAppSuite(ChannelHost<WeComAppPeer> fixture) : ChannelSuite<WeComAppPeer>(fixture);
