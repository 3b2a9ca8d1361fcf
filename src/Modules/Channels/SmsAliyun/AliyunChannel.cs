using System.Text.Json.Nodes;
using Notify.Channels.Connections;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.SmsAliyun;

/// <summary>SMS through Alibaba Cloud (阿里云短信服务): templates approved by the platform, filled with an alarm's values
/// (https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms).</summary>
internal sealed class AliyunChannel(IChannelSettings settings, IChannelDelivery delivery, IConnectionTest connectionTest) : IChannel
{
    public const string TypeName = "sms-aliyun";

    public string Type => TypeName;
    public BilingualText Name { get; } = new("SMS (Alibaba Cloud)", "短信（阿里云）");
    public BilingualText Reaches { get; } = new("mobile numbers in mainland China", "中国大陆手机号");
    public IChannelSettings Settings => settings;
    public IReadOnlyList<ReceiverKind> Receivers { get; } = PeopleKinds.With([MobileNumber.Kind], MobileNumber.Kind.Fields);
    public IChannelMessages Messages { get; } = new AliyunMessages();
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new AliyunTexts();
    public IConnectionTest? ConnectionTest => connectionTest;

    public PersonAddress? Person { get; } = new(
        Field.Text(MobileNumber.Field, "Mobile number", "手机号码") with { Fault = MobileNumber.FaultOf }, MobileNumber.Kind);

    public IRoutes Routes(JsonObject settings) => DescribedSettings<AliyunSettings>.Of(settings).ToRoutes();
}
