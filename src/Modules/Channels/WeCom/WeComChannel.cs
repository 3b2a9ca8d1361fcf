using System.Text.Json.Nodes;
using Notify.Channels.AccountImport;
using Notify.Channels.Connections;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.WeCom;

/// <summary>WeCom (企业微信): robots in group chats, and accounts reached through a self-built app.</summary>
public sealed class WeComChannel(IChannelSettings settings, IChannelDelivery delivery, IConnectionTest connectionTest) : IChannel
{
    public const string TypeName = "wecom";

    internal static readonly ReceiverKind AccountKind =
        new(WeComSettings.Account, ReceiverField.Account, "account", "account",
            new("Account, reached through the app", "账号（通过应用）"))
        { Everyone = "accounts to send to" };

    private static readonly ReceiverKind[] kinds =
    [
        new(WeComSettings.Bot, ReceiverField.Alias, "robot", "robot's alias", new("WeCom robot", "企业微信机器人")) { Alone = true },
        AccountKind,
        new(WeComSettings.Party, ReceiverField.Account, "department", "department's id",
            new("Department, reached through the app", "部门（通过应用）"))
        {
            FaultOfName = MemberGroups.FaultOfId,
        },
        new(WeComSettings.Tag, ReceiverField.Account, "tag", "tag's id", new("Tag, reached through the app", "标签（通过应用）"))
        {
            FaultOfName = MemberGroups.FaultOfId,
        },
    ];

    public string Type => TypeName;
    public BilingualText Name { get; } = new("WeCom", "企业微信");
    public BilingualText Reaches { get; } = new("group robots, and members through an app", "群机器人，以及成员（通过应用）");
    public IChannelSettings Settings => settings;
    public IReadOnlyList<ReceiverKind> Receivers { get; } = PeopleKinds.With(kinds);
    public IChannelMessages Messages => WeComMessages.Instance;
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new WeComTexts();
    public IAccountImport? AccountImport { get; } = new WeComImport();
    public IConnectionTest? ConnectionTest => connectionTest;

    public PersonAddress? Person { get; } = new(
        Field.Text("wecomAccount", "WeCom account", "企业微信账号") with
        {
            Max = 64,
            Fault = x => WeComSettingsInput.IsAccount(x)
                ? null : "An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs.",
            Help = new("The account in WeCom's Contacts, not the name.", "企业微信通讯录中的账号，不是姓名。"),
        },
        AccountKind);

    public IRoutes Routes(JsonObject settings) => new WeComRoutes(settings);
}
