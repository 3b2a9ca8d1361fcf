using Notify.Channels.Texts;

namespace Notify.Channels.Webhook;

/// <summary>Explains the endpoint's HTTP status codes.</summary>
internal sealed class WebhookTexts : IChannelTexts
{
    public Explained Unreachable { get; } = new(
        new("The endpoint could not be reached, or did not answer in time.", "无法连接接收端，或接收端未及时应答。"),
        new("Check that the receiver runs, that this server can reach it, and that its address is allowed (Notify:Outgoing).",
            "请检查接收端是否运行、本服务器能否访问它，以及其地址是否被允许（Notify:Outgoing）。"));

    public Explained? Explain(string code) => code switch
    {
        ['2', _, _] => null,
        ['3', _, _] => new(
            new("The endpoint redirects, and redirects are not followed.", "接收端要求重定向，而系统不跟随重定向。"),
            new("Enter the address that it redirects to.", "请填写重定向后的地址。")),
        "401" or "403" => new(
            new("The endpoint refused the signature or the credentials.", "接收端拒绝了签名或凭据。"),
            new("Compare the signing secret and the headers with the receiver's, and both clocks.", "请与接收端核对签名密钥、请求头以及双方的时钟。")),
        "404" or "405" or "410" => new(
            new("There is no such endpoint any more.", "接收端地址不存在。"), new("Correct the address in the service.", "请更正通知服务中的地址。")),
        "408" or "425" => new(
            new("The endpoint asks for another try.", "接收端要求重试。"), new("Notify retries automatically.", "系统会自动重试。")),
        "413" => new(
            new("The message is too long for the endpoint.", "消息超过接收端的长度限制。"), new("Shorten the message.", "请缩短通知内容。")),
        "429" => new(
            new("The endpoint asks to wait.", "接收端要求等待。"), new("Notify retries automatically.", "系统会自动重试。")),
        ['5', _, _] => new(
            new("The endpoint failed.", "接收端出错。"),
            new("Notify retries automatically. If the fault persists, check the receiver's log.", "系统会自动重试；若持续出现，请查看接收端日志。")),
        _ => new(
            new("The endpoint refused the message.", "接收端拒绝了消息。"),
            new("See the receiver's answer and its log, and correct the message.", "请查看接收端的应答和日志，并更正通知内容。")),
    };

    public LaneWords DescribeLane(string lane, string? alias) => new("endpoint", new("endpoint", "接收端"));
}
