using System.Globalization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.ExpectedSources;

/// <summary>Determines when expected reports are missing, and creates Notify's own alarm about it.</summary>
public static class SourceSilence
{
    public const string Name = "Expected reports are missing / 未收到预期上报";
    public const string OwnPath = "Notify";
    public const string ParentPath = OwnPath + "/Sources";

    /// <param name="heard">The last report; null: none is known.</param>
    /// <param name="listening">Since when this node has been able to receive reports.</param>
    public static ReportingState StateOf(ExpectedSource source, DateTimeOffset? heard, DateTimeOffset listening, DateTimeOffset now) =>
        ExpectedReports.StateOf(
            source.Enabled && PathPattern.FaultOf(source.Settings.Path) is null ? source.Settings.ExpectEvery : null, source.UpdatedAt, heard,
            listening, now);

    public static string SourceOf(string id) => $"notify/alarms/silence/{id}";

    /// <summary>The alarm is identical on every node.</summary>
    public static RaiseAlarm Raised(ExpectedSource source, DateTimeOffset? heard)
    {
        var (since, path, minutes) = ((heard ?? source.UpdatedAt).UtcDateTime, source.Settings.Path, source.Settings.ExpectEvery);
        return Of(source, AlarmState.ActiveUnacked, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            “{source.Name}”（{path}）自 {since:yyyy-MM-dd HH:mm:ss} UTC 起没有上报，预期至少每 {minutes} 分钟上报一次。处理：检查该路径的设备、上报系统和网络；再次上报后此报警自动结束。
            Nothing has been reported at {path} ("{source.Name}") since {since:yyyy-MM-dd HH:mm:ss} UTC; a report is expected at least every {minutes} minutes. What to do: check what is there, the system that reports it, and the network. The next report ends this alarm.
            """));
    }

    public static RaiseAlarm Cleared(ExpectedSource source, ReportingState state) => state == ReportingState.Reporting
        ? Of(source, AlarmState.ClearedUnacked, $"“{source.Name}”已恢复上报。\nReports come from \"{source.Name}\" again.")
        : Of(source, AlarmState.ClearedUnacked, $"不再要求“{source.Name}”定期上报。\nNo reports are expected from \"{source.Name}\" any more.");

    /// <summary>The end of the alarm of a deleted source.</summary>
    /// <param name="path">The path of the alarm.</param>
    public static RaiseAlarm Gone(string id, string path) => At(
        id, path, AlarmState.ClearedUnacked, "该预期来源已删除，不再要求定期上报。\nThe expected source was deleted; no reports are expected from it any more.");

    private static RaiseAlarm Of(ExpectedSource source, AlarmState state, string description) =>
        At(source.Id, $"{ParentPath}/{PathPattern.SegmentOf(source.Name)}", state, description);

    private static RaiseAlarm At(string id, string path, AlarmState state, string description) =>
        new(SourceOf(id), Name, path, AlarmLevel.High, state, description);
}
