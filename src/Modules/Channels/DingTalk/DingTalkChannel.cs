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

namespace Notify.Channels.DingTalk;

/// <summary>DingTalk (钉钉): custom robots in group chats, and one-to-one messages to members by an enterprise app's robot.</summary>
internal sealed class DingTalkChannel(IChannelSettings settings, IChannelDelivery delivery, IConnectionTest connectionTest) : IChannel
{
    public const string TypeName = "dingtalk";

    internal static readonly ReceiverKind MemberKind =
        new(DingTalkSettings.Member, ReceiverField.Account, "member", "member's user ID", new("Member, reached through the app", "成员（通过应用）"))
        { Everyone = "members to send to" };

    public string Type => TypeName;
    public BilingualText Name { get; } = new("DingTalk", "钉钉");
    public BilingualText Reaches { get; } = new("group robots, and members through an app", "群机器人，以及成员（通过应用）");
    public IChannelSettings Settings => settings;

    public IReadOnlyList<ReceiverKind> Receivers { get; } = PeopleKinds.With(
    [
        new(DingTalkSettings.Bot, ReceiverField.Alias, "robot", "robot's alias", new("DingTalk robot", "钉钉机器人")) { Alone = true },
        MemberKind,
    ]);

    public IChannelMessages Messages { get; } = new DingTalkMessages();
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new DingTalkTexts();
    public IAccountImport? AccountImport { get; } = new DingTalkImport();
    public IConnectionTest? ConnectionTest => connectionTest;

    public PersonAddress? Person { get; } = new(DingTalkSettings.UserIdField("dingtalkUser", "DingTalk user ID", "钉钉 UserID"), MemberKind);

    public IRoutes Routes(JsonObject settings) => new DingTalkRoutes(DescribedSettings<DingTalkSettings>.Of(settings));
}
