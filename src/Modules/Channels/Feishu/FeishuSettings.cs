using Notify.Channels.Fields;
using Notify.Channels.GroupRobots;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Feishu;

internal sealed record FeishuSettings(IReadOnlyList<FeishuBot> Bots)
{
    private const string Example = """
        { "type": "feishu", "name": "Plant Feishu", "description": "Robots in the groups of the lines",
          "feishu": { "bots": [ { "alias": "Line 1", "webhookUrl": "https://open.feishu.cn/open-apis/bot/v2/hook/8f5c1c1e-0000-4000-8000-3a9d00000001",
            "signSecret": "the-secret-from-the-robots-page" } ] } }
        """;

    /// <param name="address">The form of a robot's webhook URL.</param>
    public static IChannelSettings Described(PlatformAddress address) => new DescribedSettings<FeishuSettings>(
        FeishuChannel.TypeName,
        [
            new("bots", FieldType.List, new("Robots", "机器人"))
            {
                Required = true,
                Min = 1,
                Max = 100,
                Key = "alias",
                Fields =
                [
                    RobotFields.Alias,
                    RobotFields.WebhookUrl(address, new(
                        "Group chat > Settings > Bots > the custom bot: copy the whole address.", "群聊 > 设置 > 群机器人 > 自定义机器人：复制完整地址。")),
                    RobotFields.SignSecret("签名密钥", new(
                        "From the robot's page, if Set signature verification is on there.", "机器人页面中的密钥；仅在开启“签名校验”时填写。")),
                    RobotFields.Keyword,
                ],
            },
        ],
        Example);
}

/// <param name="SignSecret">Null: the robot does not check signatures.</param>
/// <param name="Keyword">The keyword that the robot requires in each message; null: none.</param>
internal sealed record FeishuBot(string Alias, SecretAddress WebhookUrl, SecretRef? SignSecret, string? Keyword);

internal sealed class FeishuRoutes(FeishuSettings settings) : IRoutes
{
    public IEnumerable<(string Lane, string Name)> Lanes => settings.Bots.Select(x => (Of(x), x.Alias));

    public bool Has(Receiver receiver) => receiver.Kind == FeishuChannel.Bot && Robot(receiver.Alias) is not null;

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => Robot(receivers[0].Alias) is { } robot ? Of(robot) : null;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => Audience.One;

    public FeishuBot? Robot(string? alias) => Names.Find(settings.Bots, x => x.Alias, alias);

    /// <summary>Services with the same robot share its lane.</summary>
    private static string Of(FeishuBot robot) => $"{FeishuDelivery.RobotLane}{robot.WebhookUrl.Key.Fingerprint}";
}
