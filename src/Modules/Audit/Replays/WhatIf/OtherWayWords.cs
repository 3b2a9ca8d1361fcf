using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Audit.Replays.WhatIf;

/// <summary>What the differences of a what-if say of other ways out.</summary>
internal static class OtherWayWords
{
    /// <param name="why"><c>failed</c>, <c>partlyDelivered</c> or <c>blocked</c>.</param>
    /// <param name="reason">The reason shown by the notification or its lane, or whom it has not reached; null if there is none.</param>
    public static BilingualText Because(string why, string? reason)
    {
        var (en, zh) = reason is { Length: > 0 } ? ($" ({reason})", $"：{reason}") : ("", "");
        return why switch
        {
            "blocked" => new($"because a blocked lane held the notification for too long{en}", $"因通道被阻塞，通知滞留过久{zh}"),
            UndeliveredNotification.PartlyDelivered =>
                new($"because the notification did not reach all of its receivers{en}", $"因通知未送达全部接收人{zh}"),
            _ => new($"because the notification failed{en}", $"因通知发送失败{zh}"),
        };
    }
}
