using System.Text.Json.Nodes;
using Notify.Channels.Connections;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.SmsTwilio;

/// <summary>SMS through Twilio (https://www.twilio.com/docs/messaging/api/message-resource).</summary>
internal sealed class TwilioChannel(
    IChannelSettings settings, IChannelDelivery delivery, IDeliveryReports reports, IConnectionTest connectionTest,
    SmsPrice? segmentPrice) : IChannel
{
    public const string TypeName = "sms-twilio";

    public string Type => TypeName;
    public BilingualText Name { get; } = new("SMS (Twilio)", "短信（Twilio）");
    public BilingualText Reaches { get; } = new("mobile numbers in most countries", "世界各地手机号");
    public IChannelSettings Settings => settings;
    public IReadOnlyList<ReceiverKind> Receivers { get; } = PeopleKinds.With([MobileNumber.Kind], MobileNumber.Kind.Fields);
    public IChannelMessages Messages { get; } = new TwilioMessages(segmentPrice);
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new TwilioTexts();
    public IDeliveryReports? Reports => reports;
    public IConnectionTest? ConnectionTest => connectionTest;

    public PersonAddress? Person { get; } = new(
        Field.Text(MobileNumber.Field, "Mobile number", "手机号码") with { Fault = MobileNumber.FaultOf }, MobileNumber.Kind);

    public IRoutes Routes(JsonObject settings) => DescribedSettings<TwilioSettings>.Of(settings).ToRoutes();
}
