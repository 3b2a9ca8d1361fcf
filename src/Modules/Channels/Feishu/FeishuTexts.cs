using Notify.Channels.Texts;

namespace Notify.Channels.Feishu;

internal sealed class FeishuTexts : IChannelTexts
{
    public Explained Unreachable { get; } = new(
        new("Feishu could not be reached, or something else answered in its place.", "无法连接飞书，或由其他设备应答。"),
        new("Check that this server can reach open.feishu.cn by HTTPS, through the firewall and the proxy.",
            "请检查本服务器能否经防火墙和代理通过 HTTPS 访问 open.feishu.cn。"));

    public Explained? Explain(string code) => FeishuErrors.Table.Explain(code);

    public LaneWords DescribeLane(string lane, string? alias) => alias is { } robot
        ? new(robot, new($"robot “{robot}”", $"机器人“{robot}”"))
        : new("robot", new("robot", "机器人"));
}
