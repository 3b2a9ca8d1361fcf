using Notify.Channels;
using Notify.Channels.Texts;

namespace Notify.Delivery.Notifications;

/// <summary>The meaning of faults and the remedies, as far as the channel does not provide them.</summary>
internal static class Explanations
{
    public static readonly Explained AnswerLost = new(
        new("The answer was lost: the message may or may not have arrived.", "未收到平台应答，消息可能已送达，也可能没有。"),
        new("Check the chat before resending.", "请先在群聊或会话中确认，再重试。"));

    public static readonly Explained SettingsUnusable = new(
        new("It cannot be sent with the service's present settings.", "以当前的服务设置无法发送。"),
        new("See the message; if a secret cannot be decrypted, enter it again in the service.", "请查看提示；若密钥无法读取，请在通知服务中重新填写。"));

    /// <returns>Null when there is no code, or the channel has no explanation for it.</returns>
    public static Explained? OfCode(IChannel? channel, string? platformCode) => platformCode is null ? null : channel?.Texts.Explain(platformCode);
}
