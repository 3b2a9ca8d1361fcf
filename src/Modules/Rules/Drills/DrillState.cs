using System.Globalization;
using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Rules.Drills;

[JsonConverter(typeof(JsonStringEnumConverter<DrillProof>))]
public enum DrillProof
{
    /// <summary>The drill is disabled: no proof is expected.</summary>
    [JsonStringEnumMemberName("notExpected")] NotExpected,

    /// <summary>A run succeeded within the interval.</summary>
    [JsonStringEnumMemberName("proven")] Proven,

    /// <summary>No run has succeeded yet, but the interval since the drill was created or changed is not over, or a run is open.</summary>
    [JsonStringEnumMemberName("awaited")] Awaited,

    [JsonStringEnumMemberName("overdue")] Overdue,
}

/// <summary>Whether the way to a drill's receivers is proven, and when the next run is.</summary>
/// <param name="DueBy">When the proof expires; absent: none is expected.</param>
/// <param name="NextAt">The next planned run; absent: the drill is disabled.</param>
/// <param name="LastRun">Absent: the drill has not run yet.</param>
public sealed record DrillState(
    DrillProof Proof, DateTimeOffset? ProvenAt, DateTimeOffset? DueBy, DateTimeOffset? NextAt, DrillRun? LastRun)
{
    /// <summary>How long after its start Notify may take to begin the runs that are due.</summary>
    private static readonly TimeSpan starting = TimeSpan.FromMinutes(1);

    /// <param name="listening">Since when Notify has been able to run drills; missing runs before that do not count against the way.</param>
    public static DrillState Of(Drill drill, DrillRecord record, DateTimeOffset listening, DateTimeOffset now)
    {
        var proven = record.Proven?.ProvenAt;
        if (!drill.Enabled) return new(DrillProof.NotExpected, proven, null, null, record.Last);
        var next = drill.Settings.At.NextAt(now, drill.CreatedAt);
        var interval = drill.Settings.Interval;
        if (now - proven < interval) return new(DrillProof.Proven, proven, proven + interval, next, record.Last);
        var due = (proven > drill.UpdatedAt ? proven.Value : drill.UpdatedAt) + interval;
        // A run that began in time, or right after a downtime of Notify, may still succeed.
        var begunBy = due > listening + starting ? due : listening + starting;
        var isAwaited = now < due || now < listening + starting || record.Open.Any(x => x.StartedAt <= begunBy);
        return new(isAwaited ? DrillProof.Awaited : DrillProof.Overdue, proven, due, next, record.Last);
    }

    /// <summary>The planned time at which the drill should have run but has not; null: none. After a downtime only the latest counts.</summary>
    public static DateTimeOffset? DueOf(Drill drill, DrillRecord record, DateTimeOffset now) =>
        drill.Enabled && drill.Settings.At.LastAt(now, drill.CreatedAt) is { } last && last > drill.UpdatedAt
            && !(record.LastPlanned >= last) ? last : null;
}

/// <summary>Notify's own alarm for a drill whose way is not proven.</summary>
internal static class DrillAlarm
{
    public const string Name = "A way is not proven / 通知途径未经验证";
    public const string ParentPath = "Notify/Drills";

    public static string SourceOf(string drillId) => $"notify/rules/drill/{drillId}";

    /// <summary>The alarm is identical on every node.</summary>
    public static RaiseAlarm Raised(Drill drill, DrillState state) => Of(
        drill.Id, drill.Name, AlarmState.ActiveUnacked, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            演练“{drill.Name}”的通知途径在 {drill.Settings.ProvenEveryHours} 小时内未经验证，{LastZh(state)}。处理：在“演练”页面查看最近一次演练的结果，排除故障后立即演练；验证成功后此报警自动结束。
            The way of the drill "{drill.Name}" was not proven within {drill.Settings.ProvenEveryHours} hours; {LastEn(state)}. What to do: look at its last run on the page Drills, repair the way and run the drill. The next proof ends this alarm.
            """));

    public static RaiseAlarm Cleared(string drillId, string name, bool isProven) => Of(drillId, name, AlarmState.ClearedUnacked, isProven
        ? $"演练“{name}”的通知途径已重新验证。\nThe way of the drill \"{name}\" is proven again."
        : $"不再要求演练“{name}”验证其通知途径。\nThe drill \"{name}\" need not prove its way any more.");

    private static string LastZh(DrillState state) => state.ProvenAt is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"上次验证于 {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "且从未验证成功";

    private static string LastEn(DrillState state) => state.ProvenAt is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"it was proven last on {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "it has never been";

    private static RaiseAlarm Of(string drillId, string name, AlarmState state, string description) => new(
        SourceOf(drillId), Name, $"{ParentPath}/{PathPattern.SegmentOf(name)}", AlarmLevel.High, state, description);
}
