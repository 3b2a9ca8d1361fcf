using Notify.Channels.Sending;
using Notify.Channels.Texts;
using static Notify.Channels.Sending.OutcomeClass;

namespace Notify.Channels.SmsAliyun;

/// <summary>The platform's error codes (https://help.aliyun.com/zh/sms/developer-reference/api-error-codes), and those of carriers in
/// receipts.</summary>
public static class AliyunErrors
{
    /// <summary>A number has reached its limit; the message names the period.</summary>
    public const string NumberLimit = "isv.BUSINESS_LIMIT_CONTROL";

    /// <summary>Represents all codes by which the platform reports too many calls.</summary>
    public const string Throttling = "Throttling";

    /// <summary>Notify's code for a text without a template, for which the platform is not called.</summary>
    public const string NoTemplate = "TEMPLATE";

    /// <summary>Notify's code while the phone has not confirmed the message.</summary>
    public const string UnderWay = "WAITING";

    private static readonly PlatformErrors table = new("https://help.aliyun.com/zh/sms/developer-reference/api-error-codes")
    {
        { ["OK", "DELIVERED"], Ok, "Delivered. | 已送达。", "Nothing to do. | 无需处理。" },
        {
            [UnderWay], Accepted,
            "The platform has accepted the message, but the phone has not confirmed it yet. | 平台已受理，手机尚未返回回执。",
            "Notify queries it automatically. | 系统会自动查询回执。"
        },
        {
            [NoTemplate], OutcomeClass.Message,
            "A text alone cannot be sent: the platform sends approved templates only. | 不能直接发送文本：平台只允许发送已审核的模板。",
            "Test a message of this service, with a signature and a template, instead. | 请改用通知内容（含签名与模板）进行测试。"
        },
        {
            [NumberLimit], Receiver,
            "This number has reached the platform's message limit. | 该号码已达到平台的发送频率上限。",
            "Notify waits for limits by the minute or hour, but not by the day. Merge rules, or raise the limits: SMS console > General settings. | "
                + "分钟、小时级限制系统会自动等待；天级不会。请合并规则，或在短信控制台 > 通用设置中调整发送频率。"
        },
        {
            ["isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"], Configuration,
            "The account's own limit for the day or the month is used up. | 已达到账户自设的日/月发送上限。",
            "Raise it: SMS console > General settings. | 请在短信控制台 > 通用设置中调高上限。"
        },
        {
            [Throttling], Rate, "Too many calls. | 调用过于频繁。", "Notify waits automatically. If it happens often, merge rules. | 系统会自动等待。若经常出现，请合并规则。", 5
        },
        {
            ["isp.SYSTEM_ERROR", "ServiceUnavailable", "InternalError"], Retry,
            "The platform is busy. | 平台繁忙。", "Notify retries automatically. | 系统会自动重试。", 10
        },
        {
            ["isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE"], Configuration,
            "The account's balance is used up. | 账户余额不足。", "Top it up in the billing console. | 请在费用中心充值。"
        },
        {
            ["isv.SMS_TEMPLATE_ILLEGAL"], OutcomeClass.Message,
            "There is no such approved template. | 模板不存在或未审核通过。",
            "Compare the message's template code with the SMS console. | 请与短信控制台核对通知内容中的模板 CODE。"
        },
        {
            ["isv.SMS_SIGNATURE_ILLEGAL", "isv.SIGN_STATE_ILLEGAL", "isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL"], OutcomeClass.Message,
            "The signature is not approved, not registered with the carriers, or not for such templates. | 签名未审核通过、未完成运营商实名报备，或与模板类型不符。",
            "See the signature in the SMS console: its registration with the carriers takes 5 to 10 working days. | "
                + "请在短信控制台查看签名状态；运营商实名报备需 5–10 个工作日。"
        },
        {
            ["isv.MOBILE_NUMBER_ILLEGAL", "INVALID_NUMBER"], Receiver,
            "This is not a valid mobile number. | 手机号码无效。", "Correct the receiver's number. | 请更正接收人的手机号码。"
        },
        {
            ["isv.DOMESTIC_NUMBER_NOT_SUPPORTED"], Receiver,
            "The template is not for numbers in mainland China. | 该模板不支持中国内地号码。", "Use a template for the mainland. | 请使用国内短信模板。"
        },
        {
            ["isv.TEMPLATE_MISSING_PARAMETERS", "isv.INVALID_JSON_PARAM"], OutcomeClass.Message,
            "The template has parameters that the message does not fill in. | 通知内容未填写模板的全部变量。",
            "Enter each variable of the template under the message's parameters. | 请在通知内容的模板变量中填写模板的每个变量。"
        },
        {
            ["isv.PARAM_LENGTH_LIMIT"], Remedy.Shorter,
            "A parameter is longer than the platform accepts. | 模板变量过长。",
            "Notify retries once with shortened values. Use short parameters, such as the alarm's name alone. | 系统会缩短变量后重试一次。请使用较短的变量，例如仅报警名称。"
        },
        {
            ["isv.PARAM_NOT_SUPPORT_URL"], OutcomeClass.Message,
            "A parameter contains an address. | 模板变量中含有网址。", "Put the address into the template itself. | 请把网址写入模板正文并重新审核。"
        },
        {
            ["isv.SMS_CONTENT_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "CONTENT_KEYWORD", "CONTENT_ERROR"], OutcomeClass.Message,
            "The platform or the carrier rejected the text. | 内容未通过平台或运营商的审核。",
            "Reword the alarm's description, or leave the parameter out. | 请修改报警描述的用词，或去掉该变量。"
        },
        {
            ["isp.RAM_PERMISSION_DENY"], Configuration,
            "The AccessKey may not do this. | AccessKey 没有该权限。",
            "RAM console: give its user dysms:SendSms and dysms:QuerySendDetails. | 请在 RAM 控制台授予该用户 dysms:SendSms 和 dysms:QuerySendDetails 权限。"
        },
        {
            ["isv.ACCOUNT_NOT_EXISTS", "isv.PRODUCT_UN_SUBSCRIPT"], Configuration,
            "The account does not exist, or has not opened the SMS service. | 账户不存在，或未开通短信服务。", "Open it in the SMS console. | 请在短信控制台开通服务。"
        },
        {
            ["SignatureDoesNotMatch", "InvalidAccessKeyId.NotFound"], Configuration,
            "The AccessKey ID or its secret is wrong. | AccessKey ID 或 AccessKey Secret 不正确。",
            "Copy both again from the RAM console; compare this server's clock too. | 请从 RAM 控制台重新复制，并核对本服务器时钟。"
        },
        {
            ["isv.DENY_IP_RANGE"], Configuration,
            "The platform does not accept calls from this server's address. | 平台不接受来自本服务器地址的请求。",
            "The call must come from mainland China: send through a relay there. | 请求须来自中国内地，请通过内地的中转代理发送。"
        },
        {
            ["MOBILE_NOT_ON_SERVICE"], Receiver,
            "The phone is off, out of coverage or out of service, or the number does not exist. | 手机停机、空号、关机或不在服务区。",
            "Compare the number; resend later. | 请核对号码，稍后重新发送。"
        },
        {
            ["MOBILE_SEND_LIMIT"], Receiver,
            "The number has received too many messages. | 该号码接收短信过于频繁。", "Resend later; if it happens often, merge rules. | 请稍后重新发送；若经常出现，请合并规则。"
        },
        {
            ["MOBILE_IN_BLACK"], Receiver,
            "The number is on a blocklist: its owner has opted out, or a carrier blocks it. | 号码在黑名单中：用户已退订，或被运营商拦截。",
            "Ask its owner to text the carrier to receive them again. | 请联系用户向运营商申请恢复接收。"
        },
        {
            ["MOBILE_ACCOUNT_ABNORMAL"], Receiver,
            "The number's account is in arrears, or has moved to another carrier. | 号码欠费、状态异常或已携号转网。", "Ask its owner. | 请联系用户核实号码状态。"
        },
        {
            // Spelled as by the platform.
            ["MOBLLE_TERMINAL_ERROR"], Receiver,
            "The phone could not store the message. | 手机终端异常，例如存储已满。", "Ask its owner to make room. | 请用户清理手机短信。"
        },
        {
            ["IS_CLOSE"], Receiver,
            "The carrier's channel was closed. | 短信通道被关停。", "Resend later: the platform takes another channel. | 请稍后重新发送，平台会更换通道。"
        },
    };

    /// <param name="code">The code as the platform wrote it.</param>
    public static PlatformError For(string code) => table.For(Known(code));

    /// <summary>Null for a code that means success.</summary>
    public static Explained? Explain(string code) => table.Explain(Known(code));

    private static string Known(string code) => code.StartsWith(Throttling, StringComparison.Ordinal) ? Throttling : code;
}
