using System.Text.Json.Nodes;
using Notify.Channels.Connections;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Kernel.Texts;

namespace Notify.Channels.Email;

/// <summary>E-mail by SMTP (RFC 5321).</summary>
internal sealed class EmailChannel(IChannelSettings settings, IChannelDelivery delivery, IConnectionTest connectionTest) : IChannel
{
    public const string TypeName = "email";
    public const string Address = "address";

    /// <summary>The receiver's field with <c>to</c>, <c>cc</c> or <c>bcc</c>.</summary>
    public const string As = "as";
    public const string Cc = "cc";
    public const string Bcc = "bcc";

    private static readonly ReceiverKind address = new(Address, ReceiverField.Account, "address", "email address", new("Email address", "邮箱地址"))
    {
        FaultOfName = EmailSettings.FaultOfAddress,
        Fields =
        [
            Field.Choice(As, "As", "方式", "to", new Choice("to", "To", "收件人"), new Choice(Cc, "Cc", "抄送"), new Choice(Bcc, "Bcc", "密送")) with
            {
                Help = new("All receivers of an action get one mail. Those in Bcc are not shown to the others.", "同一动作的接收人收到同一封邮件；密送的接收人不会显示给其他人。"),
            },
        ],
    };

    public string Type => TypeName;
    public BilingualText Name { get; } = new("Email", "邮件");
    public BilingualText Reaches { get; } = new("mailboxes, through your mail server", "邮箱，通过邮件服务器");
    public IChannelSettings Settings => settings;
    public IReadOnlyList<ReceiverKind> Receivers { get; } = PeopleKinds.With([address], address.Fields);
    public IChannelMessages Messages { get; } = new EmailMessages();
    public IChannelDelivery Delivery => delivery;
    public IChannelTexts Texts { get; } = new EmailTexts();
    public IConnectionTest? ConnectionTest => connectionTest;

    public PersonAddress? Person { get; } = new(
        Field.Text("email", "Email address", "邮箱地址") with { Max = EmailSettings.LongestAddress, Fault = EmailSettings.FaultOfAddress }, address);

    public IRoutes Routes(JsonObject settings) => new EmailRoutes(DescribedSettings<EmailSettings>.Of(settings));
}
