using Notify.Channels;
using Notify.Channels.Texts;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Lanes;

/// <summary>Notify's own alarm about a blocked lane, so that somebody is notified another way. It belongs to the lane: renaming the service or the
/// receiver does not create another alarm. The rules decide where it is sent; on the blocked lane itself it is held like everything else.</summary>
internal static class LaneAlarm
{
    public const string Name = "Notifications are held / 通知发送受阻";

    /// <summary>The platform's messages are short; a longer one comes from an intermediary, and is in the event in full.</summary>
    private const int MostWords = 500;

    /// <param name="channel">The lane's channel; null: it is no longer registered.</param>
    public static RaiseAlarm Raised(LaneBlocked blocked, IChannel? channel, DateTimeOffset at, AuditContext audit)
    {
        var (meaning, advice) = Explanations.OfCode(channel, blocked.PlatformCode) ?? Explanations.SettingsUnusable;
        var way = Way(blocked, channel);
        return Of(
            blocked, channel, AlarmState.ActiveUnacked,
            $"""
            {way.Zh}无法发送，待发通知已保留。{meaning.Zh}处理：{advice.Zh}修正后会自动恢复；测试发送成功则立即恢复。
            Nothing can be sent through {way.En}; waiting notifications are held. {meaning.En} What to do: {advice.En} Sending then resumes automatically, or at once when a test send passes.
            {Words(blocked)}
            """.TrimEnd(),
            at, audit);
    }

    /// <param name="blocked">The event that blocked the lane, with the names of that time: whoever was notified of the block is notified of its
    /// end.</param>
    /// <param name="channel">The lane's channel; null: it is no longer registered.</param>
    public static RaiseAlarm Cleared(LaneBlocked blocked, IChannel? channel, string by, DateTimeOffset at, AuditContext audit)
    {
        var way = Way(blocked, channel);
        return Of(
            blocked, channel, AlarmState.ClearedUnacked,
            by == LaneMended.ByConfiguration
                ? $"{way.Zh}已不再使用，保留的通知改由其他途径发送。\nHeld notifications are sent another way; {way.En} is no longer used."
                : $"{way.Zh}已恢复，正在发送保留的通知。\nNotifications can be sent through {way.En} again; held notifications are being sent.",
            at, audit);
    }

    private static RaiseAlarm Of(
        LaneBlocked blocked, IChannel? channel, AlarmState state, string description, DateTimeOffset at, AuditContext audit) => new(
        $"notify/delivery/{blocked.Lane}", Name,
        $"Notify/Delivery/{PathPattern.SegmentOf(blocked.Service.Name)}/{PathPattern.SegmentOf(LaneOf(blocked, channel).Short)}", AlarmLevel.High, state, description, at,
        audit.CorrelationId, audit.CausationId);

    private static BilingualText Way(LaneBlocked blocked, IChannel? channel) =>
        new($"the {LaneOf(blocked, channel).Whole.En} of the service “{blocked.Service.Name}”",
            $"通知服务“{blocked.Service.Name}”的{LaneOf(blocked, channel).Whole.Zh}");

    private static LaneWords LaneOf(LaneBlocked blocked, IChannel? channel) =>
        channel?.Texts.DescribeLane(blocked.Lane, blocked.Receiver) ?? new(blocked.Lane, new($"lane {blocked.Lane}", $"通道 {blocked.Lane}"));

    /// <summary>The platform's own words, which are in one language.</summary>
    private static string Words(LaneBlocked blocked)
    {
        var words = $"{blocked.PlatformCode} {blocked.PlatformMessage}".Trim();
        if (words.Length > MostWords) words = words[..(char.IsHighSurrogate(words[MostWords - 1]) ? MostWords - 1 : MostWords)] + " …";
        return words.Length == 0 ? "" : blocked.EgressIp is { } ip ? $"原因 Reason: {words} (IP {ip})" : $"原因 Reason: {words}";
    }
}
