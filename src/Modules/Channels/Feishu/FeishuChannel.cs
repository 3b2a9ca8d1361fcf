using System.Text.Json.Nodes;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.Feishu;

/// <summary>Feishu (飞书, Lark outside China): custom robots in group chats
/// (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot).</summary>
internal sealed class FeishuChannel(IChannelSettings settings, IChannelDelivery delivery) : IChannel
{
    public const string TypeName = "feishu";
    public const string Bot = "bot";

    public string Type => TypeName;
    public BilingualText Name { get; } = new("Feishu", "飞书");
    public BilingualText Reaches { get; } = new("group robots", "群机器人");
    public IChannelSettings Settings => settings;

    public IReadOnlyList<ReceiverKind> Receivers { get; } =
        [new(Bot, ReceiverField.Alias, "robot", "robot's alias", new("Feishu robot", "飞书机器人")) { Alone = true }];

    public IChannelMessages Messages { get; } = new FeishuMessages();
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new FeishuTexts();

    public IRoutes Routes(JsonObject settings) => new FeishuRoutes(DescribedSettings<FeishuSettings>.Of(settings));
}
