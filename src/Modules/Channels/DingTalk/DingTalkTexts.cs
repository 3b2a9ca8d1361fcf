using Notify.Channels.Texts;

namespace Notify.Channels.DingTalk;

internal sealed class DingTalkTexts : IChannelTexts
{
    public Explained Unreachable { get; } = new(
        new("DingTalk could not be reached, or something else answered in its place.", "无法连接钉钉，或由其他设备应答。"),
        new("Check that this server can reach oapi.dingtalk.com and api.dingtalk.com by HTTPS, through the firewall and the proxy.",
            "请检查本服务器能否经防火墙和代理通过 HTTPS 访问 oapi.dingtalk.com 和 api.dingtalk.com。"));

    public Explained? Explain(string code) => DingTalkErrors.Explain(code);

    public LaneWords DescribeLane(string lane, string? alias) => alias is { } robot
        ? new(robot, new($"robot “{robot}”", $"机器人“{robot}”"))
        : lane[(lane.LastIndexOf('/') + 1)..] is var app && lane.StartsWith(DingTalkRoutes.AppLane, StringComparison.Ordinal)
            ? new($"app {app}", new($"app {app}", $"应用 {app}"))
            : new("robot", new("robot", "机器人"));
}
