using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Channels.WeCom;

/// <summary>The settings of a WeCom service as forms show them. <see cref="WeComSettingsInput"/> reads them.</summary>
internal static class WeComFields
{
    private static readonly (string, string) sendsToBots = ("sendTo", WeComSettings.Bot);
    private static readonly (string, string) sendsToAccounts = ("sendTo", WeComSettings.Account);

    private static readonly BilingualText copyUrl = new(
        "Select the robot and copy its whole webhook URL. Only its creator sees it; whoever has it can write to the group.",
        "选择该机器人，复制完整的 Webhook URL。只有创建者能看到该地址；持有该地址即可向群里发消息。");

    public static readonly IReadOnlyList<Field> Settings =
    [
        new("sendTo", FieldType.Choices, new("Send to", "发送至"))
        {
            Required = true,
            Choices = [new(WeComSettings.Bot, "WeCom robot", "企业微信机器人"), new(WeComSettings.Account, "WeCom account", "企业微信账号")],
            Default = new JsonArray(WeComSettings.Bot),
        },
        new("bots", FieldType.List, new("Robots", "机器人"))
        {
            RequiredIf = sendsToBots,
            Min = 1,
            Max = 100,
            Key = "alias",
            Guides =
            [
                new(
                    new("How to add a robot on a computer", "如何在电脑上添加机器人"),
                    new("Open the settings of the group chat and choose Add group robot (newer clients: Message push).", "打开群聊的设置，选择“添加群机器人”（新版客户端为“消息推送”）。"),
                    new("Create a robot and give it a name.", "新建机器人并命名。"),
                    copyUrl),
                new(
                    new("How to add a robot on a phone", "如何在手机上添加机器人"),
                    new("Open the settings of the group chat, then Group robots > Add.", "打开群聊的设置，进入“群机器人”，选择“添加”。"),
                    new("Create a robot and give it a name.", "新建机器人并命名。"),
                    copyUrl),
            ],
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
            Guides =
            [
                new(
                    new("How to create an app", "如何创建应用"),
                    new("As an administrator, open the admin console (work.weixin.qq.com) > App management > Create an app.", "以管理员身份登录管理后台（work.weixin.qq.com），进入“应用管理”，选择“创建应用”。"),
                    new("Copy AgentId and Secret from the page of the app.", "在应用页面复制 AgentId 和 Secret。"),
                    new("Copy the Company ID from My company.", "在“我的企业”复制企业ID。")),
                new(
                    new("How to set the visible range", "如何设置可见范围"),
                    new("On the page of the app, open Visible range.", "在应用页面打开“可见范围”。"),
                    new("Choose the departments or members who are to be notified. Nobody else can be reached.", "选择需要接收通知的部门或成员。范围之外的人收不到通知。")),
                new(
                    new("How to set the trusted domain and the trusted IP", "如何设置可信域名和可信IP"),
                    new("At the foot of the page of the app, set a trusted domain or a message-receiving URL: WeCom takes no address before it has one of them.", "在应用页面底部设置“可信域名”或“接收消息服务器URL”，二者有其一才能填写可信IP。"),
                    new("The domain must have an ICP registration of your company or a related one, and serve WeCom's ownership file from its root.", "可信域名须已备案，主体为本企业或关联企业，并在网站根目录放置企业微信提供的校验文件。"),
                    new("Enter under Company's trusted IP the address from which this server goes out; separate several by semicolons. It counts after about a minute.", "在“企业可信IP”中填写本服务器的出口 IP，多个以分号（;）分隔，约一分钟后生效。"),
                    new("If you cannot provide these, use robots, which need neither.", "如无法提供，请改用机器人，机器人不需要这些设置。")),
            ],
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
            Guides =
            [
                new(
                    new("How to find accounts", "如何查找账号"),
                    new("Admin console > Contacts > the member: the entry Account, not the name.", "管理后台 > 通讯录 > 该成员：取“账号”，不是姓名。"),
                    new("For many members: export the contacts there, save this service, then import the file here.", "成员较多时：在通讯录导出文件，保存本通知服务后在此导入。")),
            ],
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
        Field.Text("apiBaseUrl", "API address", "API 地址") with
        {
            Help = new(
                "Of a private WeCom or a relay; its origin must be listed in Notify:WeCom:AllowedOrigins. Empty: WeCom itself.",
                "私有部署或中转代理的地址，其协议、主机、端口须列入设置 Notify:WeCom:AllowedOrigins。留空则为企业微信官方地址。"),
        },
    ];
}
