using System.Text.Json.Nodes;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.Webhook;

/// <summary>Signed requests to an endpoint of another program, by Standard Webhooks 1.0 (https://www.standardwebhooks.com).</summary>
internal sealed class WebhookChannel(IChannelSettings settings, IChannelDelivery delivery) : IChannel
{
    public const string TypeName = "webhook";
    public const string Endpoint = "endpoint";

    public string Type => TypeName;
    public BilingualText Name { get; } = new("Webhook", "Webhook");
    public BilingualText Reaches { get; } = new("another program, by signed HTTP requests", "其他程序，通过签名的 HTTP 请求");
    public IChannelSettings Settings => settings;

    public IReadOnlyList<ReceiverKind> Receivers { get; } =
        [new(Endpoint, ReceiverField.None, "endpoint", "", new("The service's endpoint", "服务的接收端")) { Alone = true }];

    public IChannelMessages Messages { get; } = new WebhookMessages();
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new WebhookTexts();

    public IRoutes Routes(JsonObject settings) => new WebhookRoutes(DescribedSettings<WebhookSettings>.Of(settings));
}
