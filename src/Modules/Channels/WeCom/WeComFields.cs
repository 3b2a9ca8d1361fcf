using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;

namespace Notify.Channels.WeCom;

/// <summary>The settings of a WeCom service as forms show them. <see cref="WeComSettingsInput"/> reads them.</summary>
internal static class WeComFields
{
    private static readonly (string, string) sendsToBots = ("sendTo", WeComSettings.Bot);
    private static readonly (string, string) sendsToAccounts = ("sendTo", WeComSettings.Account);

    public static readonly IReadOnlyList<Field> Settings =
    [
        new("sendTo", FieldType.Choices, new("Send to", "发送至"))
        {
            Choices = [new(WeComSettings.Bot, "WeCom robot", "企业微信机器人"), new(WeComSettings.Account, "WeCom account", "企业微信账号")],
            Default = new JsonArray(WeComSettings.Bot),
        },
        Field.Text("apiBaseUrl", "API address", "API 地址") with
        {
            Help = new(
                "Of a private WeCom or a relay; its origin must be listed in Notify:WeCom:AllowedOrigins. Empty: WeCom itself.",
                "私有部署或中转代理的地址；其来源须列在 Notify:WeCom:AllowedOrigins 中。留空则为企业微信官方地址。"),
        },
        new("bots", FieldType.List, new("Robots", "机器人"))
        {
            RequiredIf = sendsToBots,
            Min = 1,
            Max = 100,
            Key = "alias",
            Fields =
            [
                Field.Text("alias", "Alias", "别名", required: true) with
                {
                    Max = Names.MaxLength,
                    Help = new("The name that rules use for the robot.", "规则中使用的机器人名称。"),
                },
                new("webhookUrl", FieldType.SecretAddress, new("Webhook URL", "Webhook URL"))
                {
                    Required = true,
                    Help = new("Group chat > Group robots > the robot: copy the whole address.", "群聊 > 群机器人 > 该机器人：复制完整地址。"),
                },
            ],
        },
        new("app", FieldType.Object, new("App", "应用"))
        {
            RequiredIf = sendsToAccounts,
            Fields =
            [
                Field.Text("corpId", "Company ID", "企业ID", required: true) with
                {
                    Max = 64,
                    Help = new("Admin console > My company.", "管理后台 > 我的企业。"),
                },
                Field.Number("agentId", "AgentId", "AgentId", 1, int.MaxValue) with
                {
                    Required = true,
                    Help = new("App management > the app.", "应用管理 > 该应用。"),
                },
                Field.Secret("secret", "Secret", "Secret", required: true) with
                {
                    Max = WeComSettingsInput.MaxSecretLength,
                    Help = new("App management > the app > Secret.", "应用管理 > 该应用 > Secret。"),
                },
            ],
        },
        new("accounts", FieldType.List, new("Accounts", "账号"))
        {
            RequiredIf = sendsToAccounts,
            Min = 1,
            Max = WeComSettings.MaxAccounts,
            Key = "account",
            Fields =
            [
                Field.Text("account", "Account", "账号", required: true) with
                {
                    Max = 64,
                    Help = new("The account in Contacts, not the name.", "通讯录中的账号，不是姓名。"),
                },
                Field.Text("name", "Name", "名称") with { Max = Names.MaxLength },
            ],
        },
    ];
}
