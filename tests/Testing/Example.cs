using Notify.Peers.WeCom;

namespace Notify.Testing;

/// <summary>The smallest configuration that notifies, made over REST as an administrator would.</summary>
public sealed record Example(string ServiceId, string MessageId, string ScheduleId, string RuleId)
{
    public const string RobotKey = "aaaaaaaa-0000-0000-0000-00000000000a";
    public const string SecondRobotKey = "bbbbbbbb-0000-0000-0000-00000000000b";
    public const string CorpId = "ww1234567890abcdef";
    public const int AgentId = 1000002;
    public const string AppSecret = "the-secret-of-the-example-app";

    /// <summary>A service with two robots and two accounts, and a rule for everything that tells them all.</summary>
    /// <param name="receivers">Instead of all: as in the REST contract.</param>
    public static Task<Example> MakeAsync(NotifyHost host, object[]? receivers = null) => MakeAsync(host.Client, host.WeCom, receivers);

    /// <inheritdoc cref="MakeAsync(NotifyHost, object[])"/>
    public static async Task<Example> MakeAsync(HttpClient notify, WeComStandIn weCom, object[]? receivers = null)
    {
        weCom.AddApp(new(CorpId, AppSecret, AgentId) { Members = ["zhangsan", "lisi"] });
        var service = await notify.PostToAsync("services", new
        {
            type = "wecom",
            name = "Plant WeCom",
            wecom = new
            {
                sendTo = new[] { "bot", "account" },
                bots = new[]
                {
                    new { alias = "Line 1", webhookUrl = weCom.RobotUrl(RobotKey) },
                    new { alias = "Line 2", webhookUrl = weCom.RobotUrl(SecondRobotKey) },
                },
                app = new { corpId = CorpId, agentId = AgentId, secret = AppSecret },
                accounts = new[] { new { account = "zhangsan", name = "张三" }, new { account = "lisi", name = "李四" } },
            },
        });
        var message = await notify.PostToAsync(
            "messages", new { type = "wecom", name = "Alarm text", format = "text", content = "{level} {name} {state} {path} {value}" });
        var schedule = (await notify.GetFromAsync("schedules?search=Default"))["items"]![0]!;
        var (serviceId, messageId, scheduleId) = (Id(service), Id(message), Id(schedule));
        var rule = await notify.PostToAsync("rules", new
        {
            name = "Everything",
            criteria = new { states = new[] { "ActiveUnacked", "ActiveAcked", "ClearedUnacked", "ClearedAcked" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId, messageId, scheduleId,
                    receivers = receivers ??
                    [
                        new { kind = "bot", alias = "Line 1" }, new { kind = "bot", alias = "Line 2" },
                        new { kind = "account", account = "zhangsan" }, new { kind = "account", account = "lisi" },
                    ],
                },
            },
        });
        return new Example(serviceId, messageId, scheduleId, Id(rule));
    }

    private static string Id(System.Text.Json.Nodes.JsonNode resource) => resource["id"]!.GetValue<string>();
}
