using System.Globalization;
using Notify.Access.People;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Access.ApiKeys;

/// <summary>Decides when a sender is silent, and words Notify's own alarm about it.</summary>
public static class SenderSilence
{
    public const string Name = "A sender is silent / 来源停止上报";
    public const string ParentPath = "Notify/Senders";

    /// <param name="reported">The last report; null: none is known.</param>
    /// <param name="listening">Since when this node has been able to hear of reports: nobody is to blame for the time before.</param>
    public static ReportingState StateOf(ApiKey key, DateTimeOffset? reported, DateTimeOffset listening, DateTimeOffset now) =>
        ExpectedReports.StateOf(
            key.Enabled && !(key.Settings.ExpiresAt <= now) ? key.Settings.ExpectEvery : null, key.UpdatedAt, reported, listening, now);

    public static string SourceOf(ApiKey key) => $"notify/access/silence/{key.Id}";

    /// <summary>Identical on every node, so that the alarm is raised once.</summary>
    public static RaiseAlarm Raised(ApiKey key, DateTimeOffset? reported)
    {
        var since = (reported ?? key.UpdatedAt).UtcDateTime;
        return Of(key, AlarmState.ActiveUnacked, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            密钥“{key.Name}”自 {since:yyyy-MM-dd HH:mm:ss} UTC 起没有上报，预期至少每 {key.Settings.ExpectEvery} 分钟上报一次。处理：检查上报系统、网络和密钥；再次上报后此报警自动结束。
            Nothing has been reported with the key "{key.Name}" since {since:yyyy-MM-dd HH:mm:ss} UTC; a report is expected at least every {key.Settings.ExpectEvery} minutes. What to do: check the sender, the network and the key. The next report ends this alarm.
            """));
    }

    public static RaiseAlarm Cleared(ApiKey key, ReportingState state) => Of(key, AlarmState.ClearedUnacked, state == ReportingState.Reporting
        ? $"密钥“{key.Name}”已恢复上报。\nReports come with the key \"{key.Name}\" again."
        : $"不再要求密钥“{key.Name}”定期上报。\nNo reports are expected with the key \"{key.Name}\" any more.");

    private static RaiseAlarm Of(ApiKey key, AlarmState state, string description) => new(
        SourceOf(key), Name, $"{ParentPath}/{PathPattern.SegmentOf(key.Name)}", AlarmLevel.High, state, description);
}
