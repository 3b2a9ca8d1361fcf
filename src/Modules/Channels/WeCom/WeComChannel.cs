using System.Text.Json.Nodes;
using Notify.Channels.AccountImport;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.WeCom;

/// <summary>WeCom (企业微信): robots in group chats, and accounts reached through a self-built app.</summary>
public sealed class WeComChannel(IChannelSettings settings, IChannelDelivery delivery) : IChannel
{
    public const string TypeName = "wecom";

    internal static readonly ReceiverKind AccountKind =
        new(WeComSettings.Account, ReceiverField.Account, "account", "account",
            new("Account, reached through the app", "账号（通过应用）"))
        { Everyone = "accounts to send to" };

    private static readonly ReceiverKind[] kinds =
    [
        new(WeComSettings.Bot, ReceiverField.Alias, "robot", "robot's alias", new("Robot of a group chat", "群机器人")) { Alone = true },
        AccountKind,
    ];

    public string Type => TypeName;
    public BilingualText Name { get; } = new("WeCom", "企业微信");
    public IChannelSettings Settings => settings;
    public IReadOnlyList<ReceiverKind> Receivers => kinds;
    public IChannelMessages Messages => WeComMessages.Instance;
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new WeComTexts();
    public IAccountImport? AccountImport { get; } = new WeComImport();

    public IRoutes Routes(JsonObject settings) => new WeComRoutes(settings);
}
