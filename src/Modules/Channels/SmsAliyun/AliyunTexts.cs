using Notify.Channels.Texts;

namespace Notify.Channels.SmsAliyun;

internal sealed class AliyunTexts : IChannelTexts
{
    public Explained Unreachable { get; } = new(
        new("Alibaba Cloud could not be reached, or something else answered in its place.", "无法连接阿里云，或由其他设备应答。"),
        new("Check that this server can reach the service's endpoint (dysmsapi.aliyuncs.com) by HTTPS, through the firewall and the proxy.",
            "请检查本服务器能否经防火墙和代理通过 HTTPS 访问接入点（dysmsapi.aliyuncs.com）。"));

    public Explained? Explain(string code) => AliyunErrors.Explain(code);

    public LaneWords DescribeLane(string lane, string? alias) => new("SMS account", new("SMS account", "短信账户"));
}
