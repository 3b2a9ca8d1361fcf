using System.Globalization;
using Notify.Channels.Texts;

namespace Notify.Channels.WeCom;

/// <summary>Explains the platform's codes, and the lists of members that a message did not reach.</summary>
internal sealed class WeComTexts : IChannelTexts
{
    public Explained Unreachable { get; } = new(
        new("The platform could not be reached, or something else answered in its place.", "无法连接企业微信，或由其他设备应答。"),
        new("Check that this server can reach the platform by HTTPS, through the firewall and the proxy; check the setting Notify:WeCom:ApiBaseUrl.",
            "请检查本服务器能否经防火墙和代理通过 HTTPS 访问企业微信，以及 Notify:WeCom:ApiBaseUrl 设置。"));

    private static readonly Explained unlicensed = new(
        new("The member has no licence for messages of apps.", "该成员没有接口许可。"),
        new("Give the member a licence in the WeCom admin console: App management > Interface licence.", "请在企业微信管理后台为该成员分配接口许可。"));

    private static readonly Explained invalid = new(
        new("The account does not exist, or is outside the app's visible range.", "账号不存在，或不在应用可见范围内。"),
        new("Compare the account with Contacts (the Account field, not the name), and add the member to App management > the app > Visible range.",
            "请核对“通讯录”中的账号（不是姓名），并在“应用管理 > 该应用 > 可见范围”中加入该成员。"));

    private static readonly Explained invalidGroup = new(
        new("The department or tag does not exist, or is outside the app's visible range.", "部门或标签不存在，或不在应用可见范围内。"),
        new("Compare its id with Contacts, and add it to App management > the app > Visible range.",
            "请核对“通讯录”中的 ID，并在“应用管理 > 该应用 > 可见范围”中加入该部门或标签。"));

    public Explained? Explain(string code)
    {
        if (!int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return code switch
        {
            WeComAnswer.UnlicensedList => unlicensed,
            WeComAnswer.InvalidPartyList or WeComAnswer.InvalidTagList => invalidGroup,
            _ => invalid,
        };
        if (number == 0) return null;
        var error = WeComErrors.For(number);
        return new(error.Meaning, error.Advice);
    }

    public LaneWords DescribeLane(string lane, string? alias) => alias is { } robot
        ? new(robot, new($"robot “{robot}”", $"机器人“{robot}”"))
        : WeComLanes.AppIn(lane) is var app ? new($"app {app}", new($"app {app}", $"应用 {app}")) : throw new InvalidOperationException();
}
