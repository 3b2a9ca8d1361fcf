using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Channels.GroupRobots;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.DingTalk;

/// <param name="App">Null: the service does not send to members.</param>
internal sealed record DingTalkSettings(
    IReadOnlyList<string> SendTo, IReadOnlyList<DingTalkBot> Bots, DingTalkApp? App, IReadOnlyList<DingTalkMember> Members)
{
    public const string Bot = "bot";
    public const string Member = "member";
    public const int MaxMembers = 1000;

    private const string Example = """
        { "type": "dingtalk", "name": "Plant DingTalk", "description": "Robots in the groups of the lines",
          "dingtalk": { "sendTo": ["bot"],
            "bots": [ { "alias": "Line 1", "webhookUrl": "https://oapi.dingtalk.com/robot/send?access_token=5f0e4a1c00000000000000000000000000000000000000000000000000a11ce1",
              "signSecret": "SEC-the-secret-from-the-robots-page" } ] } }
        """;

    public bool SendsToBots => SendTo.Contains(Bot, StringComparer.Ordinal);
    public bool SendsToMembers => SendTo.Contains(Member, StringComparer.Ordinal) && App is not null;

    /// <param name="address">The form of a robot's webhook URL.</param>
    public static IChannelSettings Described(PlatformAddress address) => new DescribedSettings<DingTalkSettings>(
        DingTalkChannel.TypeName,
        [
            new("sendTo", FieldType.Choices, new("Send to", "发送至"))
            {
                Required = true,
                Choices = [new(Bot, "DingTalk robot", "钉钉机器人"), new(Member, "Members, through an app", "成员（通过应用）")],
                Default = new JsonArray(Bot),
            },
            new("bots", FieldType.List, new("Robots", "机器人"))
            {
                RequiredIf = ("sendTo", Bot),
                Min = 1,
                Max = 100,
                Key = "alias",
                Fields = FieldsOfRobot(address),
            },
            new("app", FieldType.Object, new("App", "应用"))
            {
                RequiredIf = ("sendTo", Member),
                Fields =
                [
                    Field.Text("clientId", "Client ID (AppKey)", "Client ID（AppKey）", required: true) with
                    {
                        Max = 128,
                        Help = new("Developer console > the app > Credentials.", "开发者后台 > 该应用 > 凭证与基础信息。"),
                    },
                    Field.Secret("clientSecret", "Client secret (AppSecret)", "Client Secret（AppSecret）", required: true),
                    Field.Text("robotCode", "robotCode", "robotCode", required: true) with
                    {
                        Max = 128,
                        Help = new("Developer console > the app > Robot.", "开发者后台 > 该应用 > 机器人。"),
                    },
                ],
            },
            new("members", FieldType.List, new("Members", "成员"))
            {
                RequiredIf = ("sendTo", Member),
                Min = 1,
                Max = MaxMembers,
                Key = "userId",
                Fields =
                [
                    UserIdField("userId", "User ID", "UserID") with { Required = true },
                    Field.Text("name", "Name", "姓名") with { Max = Names.MaxLength },
                ],
            },
        ],
        Example);

    private static IReadOnlyList<Field> FieldsOfRobot(PlatformAddress address) =>
    [
        RobotFields.Alias,
        RobotFields.WebhookUrl(
            address, new("Group settings > Bots > the custom robot: copy the whole address.", "群设置 > 机器人 > 自定义机器人：复制完整地址。")),
        RobotFields.SignSecret("加签密钥", new(
            "From the robot's page, if Sign is chosen there: it begins with SEC.", "机器人安全设置“加签”中的密钥，以 SEC 开头；仅在开启加签时填写。")),
        RobotFields.Keyword,
    ];

    /// <summary>A field for a member's user id.</summary>
    public static Field UserIdField(string name, string english, string chinese) => Field.Text(name, english, chinese) with
    {
        Max = DingTalkUserId.MaxLength,
        Fault = DingTalkUserId.FaultOf,
        Help = new("The UserID in the admin console's contacts, not the name.", "管理后台通讯录中的员工 UserID，不是姓名。"),
    };
}

/// <param name="SignSecret">Null: the robot does not check signatures.</param>
/// <param name="Keyword">The keyword that the robot requires in each message; null: none.</param>
internal sealed record DingTalkBot(string Alias, SecretAddress WebhookUrl, SecretRef? SignSecret, string? Keyword);

internal sealed record DingTalkApp(string ClientId, SecretRef ClientSecret, string RobotCode);

internal sealed record DingTalkMember(string UserId, string? Name);
