using Notify.Channels.Sending;
using Notify.Channels.Texts;
using static Notify.Channels.Sending.OutcomeClass;

namespace Notify.Channels.SmsTwilio;

/// <summary>Twilio's error codes (https://www.twilio.com/docs/api/errors), of calls and of undelivered messages, and the statuses of a
/// message.</summary>
public static class TwilioErrors
{
    private const string LookUp = "https://www.twilio.com/docs/api/errors";

    public static readonly PlatformErrors Table = new(LookUp)
    {
        {
            ["delivered", "read"], Ok, "Delivered. | 已送达。", "Nothing to do. | 无需处理。"
        },
        {
            ["queued", "accepted", "scheduled", "sending", "sent"], Accepted,
            "Twilio has accepted the message, but the phone has not confirmed it yet. | Twilio 已受理，手机尚未确认收到。",
            "Notify queries it automatically. If it stays so, the phone may be off, or its network sends no confirmations. | "
                + "系统会自动查询。若长时间如此，可能手机关机，或当地运营商不返回送达回执。"
        },
        {
            ["undelivered", "failed", "canceled"], Receiver,
            "The message did not arrive. | 短信未送达。", "See the message in Twilio's log (Monitor > Logs > Messaging). | 请在 Twilio 控制台（Monitor > Logs > Messaging）查看该短信。"
        },
        {
            ["20003"], Configuration,
            "Twilio refused the account SID or the auth token. | Twilio 拒绝了 Account SID 或 Auth Token。",
            "Copy both again from Twilio Console > Account Info into the service. | 请从 Twilio 控制台 > Account Info 重新复制到通知服务。"
        },
        {
            ["20404"], Configuration,
            "Twilio knows no such account. | Twilio 中没有该账户。",
            "Copy the account SID again from Twilio Console > Account Info; check that the API address is that of the account's region. | "
                + "请从 Twilio 控制台重新复制 Account SID，并确认 API 地址与账户所在区域一致。"
        },
        {
            ["20429", "429"], Rate,
            "Too many requests at once. | 请求过于频繁。", "Notify waits automatically. If it happens often, merge rules. | 系统会自动等待。若经常出现，请合并规则。", 5
        },
        {
            ["21211", "21614", "21217"], Receiver,
            "This is not a number that takes SMS. | 该号码无效或不能接收短信。", "Correct the receiver's number. | 请更正接收人的手机号码。"
        },
        {
            ["21610"], Receiver,
            "The receiver has opted out by answering STOP. | 接收人已回复 STOP 退订。",
            "Only the receiver can undo it, by sending START to the number. | 只能由接收人向该号码回复 START 恢复。"
        },
        {
            ["21608"], Receiver,
            "A trial account sends to verified numbers only. | 试用账户只能发送到已验证的号码。",
            "Verify the number in the Twilio Console, or upgrade the account. | 请在 Twilio 控制台验证该号码，或升级账户。"
        },
        {
            ["21408"], Receiver,
            "The account may not send to this country. | 账户未开通向该国家/地区发送的权限。",
            "Twilio Console > Messaging > Settings > Geo permissions: allow the country. | 在 Twilio 控制台 > Messaging > Settings > Geo permissions 中开通该国家/地区。"
        },
        {
            ["21606"], Configuration,
            "The sender cannot send SMS from this account. | 发送号码不能从该账户发送短信。",
            "Enter one of the account's numbers that can send SMS. | 请填写账户下可发送短信的号码。"
        },
        {
            ["21612"], Receiver,
            "Twilio has no route from this sender to this number. | 该发送号码无法送达此号码。",
            "Use another sender, or correct the receiver's number. | 请更换发送号码，或更正接收人号码。"
        },
        {
            ["21617"], Remedy.Shorter,
            "The message is longer than 1600 characters. | 短信超过 1600 个字符。", "Shorten the message. | 请缩短通知内容。"
        },
        {
            ["30003", "30005", "30008"], Receiver,
            "The phone cannot be reached: it is off, out of coverage, or the number does not exist. | 手机无法送达：关机、不在服务区或空号。",
            "Compare the number; resend later. | 请核对号码，稍后重新发送。"
        },
        {
            ["30006"], Receiver,
            "The number is a landline, or its carrier cannot be reached. | 该号码为固定电话，或运营商无法送达。", "Enter a mobile number. | 请填写手机号码。"
        },
        {
            ["30007"], Remedy.Minimal,
            "A carrier has filtered the message out. | 短信被运营商过滤。",
            "Notify retries with another text. If it happens often, register the sender, and leave out links. | 系统会改用其他措辞重试。若经常出现，请登记发送号码，并避免使用链接。"
        },
    };
}
