using Notify.Channels.Texts;

namespace Notify.Channels.SmsTwilio;

internal sealed class TwilioTexts : IChannelTexts
{
    public Explained Unreachable { get; } = new(
        new("Twilio could not be reached, or something else answered in its place.", "无法连接 Twilio，或由其他设备应答。"),
        new("Check that this server can reach api.twilio.com by HTTPS, through the firewall and the proxy.",
            "请检查本服务器能否经防火墙和代理通过 HTTPS 访问 api.twilio.com。"));

    public Explained? Explain(string code) => TwilioErrors.Table.Explain(code);

    public LaneWords DescribeLane(string lane, string? alias)
    {
        var sender = Uri.UnescapeDataString(lane[(lane.LastIndexOf('/') + 1)..]);
        return new(sender, new($"sender {sender}", $"发送号码 {sender}"));
    }
}
