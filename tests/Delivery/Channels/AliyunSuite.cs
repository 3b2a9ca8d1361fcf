using System.Text.Json.Nodes;
using Notify.Peers;
using Notify.Peers.SmsAliyun;

namespace Notify.Delivery.Tests.Channels;

public sealed class AliyunPeer : ChannelPeer
{
    private readonly AliyunStandIn platform = new();

    public override string Type => "sms-aliyun";

    public override IReadOnlyList<string> Settings =>
    [
        "Notify:SmsAliyun:Timeout=00:00:02", "Notify:SmsAliyun:MobileLimitPerMinute=0", "Notify:SmsAliyun:ProbeInterval=00:00:01",
        $"Notify:SmsAliyun:AllowedOrigins:0={platform.Origin}",
    ];

    public override string Secret => "a-secret-that-is-not-the-keys";
    public override bool Splits => false;
    public override bool Shortens => true;
    public override bool TestsByMessage => true;
    public override bool Merges => false;

    /// <summary>The platform does not; its receipts are searched before a repeat.</summary>
    public override bool DropsRepeats => true;

    public override bool HasOtherWords => false;
    public override JsonObject Receiver => new() { ["kind"] = "mobile", ["account"] = "+8613800138000" };
    public override JsonObject Unreachable => new() { ["kind"] = "mobile", ["account"] = "+8613800138001" };
    public override JsonObject Unknown => new() { ["kind"] = "mobile", ["account"] = "13800138000" };
    public override IReadOnlyList<string> Shown => [.. platform.Shown.Select(x => x.Text)];

    public override async Task StartAsync()
    {
        await platform.StartAsync();
        platform.AddTemplate("SMS_154950909", "报警：${text}。");
        platform.SetPhone("13800138001", AliyunPhone.Invalid);
    }

    public override JsonObject Service(bool rightSecret) => new()
    {
        ["accessKeyId"] = AliyunStandIn.KeyId,
        ["accessKeySecret"] = rightSecret ? AliyunStandIn.KeySecret : Secret,
        ["endpoint"] = platform.Origin,
    };

    public override JsonObject Message(string words) => new()
    {
        ["type"] = "sms-aliyun",
        ["signName"] = AliyunStandIn.SignName,
        ["templateCode"] = "SMS_154950909",
        ["parameters"] = new JsonObject { ["text"] = words },
    };

    public override void Fail(PeerFault fault, int? count = 1) =>
        platform.Fail(HttpFaults.Of(fault, new(200, Body: AliyunStandIn.Refusal("isv.SMS_CONTENT_ILLEGAL", "短信内容包含禁止发送内容"))), count);

    public override void Heal() => platform.Heal();

    public override ValueTask DisposeAsync() => platform.DisposeAsync();
}

public sealed class AliyunSuite(ChannelHost<AliyunPeer> fixture) : ChannelSuite<AliyunPeer>(fixture);
