using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Alarms;

/// <summary>An alarm in the REST API.</summary>
/// <param name="WaitingSteps">The escalations and reminders that wait for it, the next one first; only when a single alarm is read.</param>
/// <param name="Silence">The silence that shelves it; absent if an operator did, or it is not shelved.</param>
/// <param name="Unreadable">True: its record in the database was tampered with, and only level, state and path are known.</param>
public sealed record AlarmView(
    string Id, string Name, string Path, string Type, AlarmLevel Level, AlarmState State, string Value, DateTimeOffset EventTime, string Description,
    AcknowledgeMode AckMode, string AckUser, string? Rule, IReadOnlyDictionary<string, string> Labels, string? SourceId, bool Shelved,
    DateTimeOffset? ShelvedUntil, DateTimeOffset? ExpiresAt, long Version, DateTimeOffset? GivenEventTime, DateTimeOffset? StartTime,
    bool? TimelineComplete = null,
    IReadOnlyList<TimelineEntry>? Timeline = null, bool? Unreadable = null, IReadOnlyList<DescribedStep>? WaitingSteps = null,
    AlarmSilence? Silence = null)
{
    public static AlarmView Of(Alarm alarm)
    {
        var facts = alarm.Facts;
        return new(
            alarm.Id, facts.Name, facts.Path, facts.Type, facts.Level, facts.State, facts.Value, facts.EventTime, facts.Description,
            alarm.AckMode, facts.AckUser, facts.Rule, facts.Labels, alarm.SourceId, facts.Shelved, alarm.ShelvedUntil, alarm.ExpiresAt, alarm.Version,
            alarm.GivenEventTime,
            facts.StartTime, Unreadable: alarm.IsUnreadable ? true : null, Silence: facts.Silence);
    }
}
