using Notify.Contracts.Alarms;

namespace Notify.Alarms;

/// <summary>The fields that a report contains; the others count as not given.</summary>
[Flags]
public enum ReportFields
{
    None = 0,
    Path = 1,
    Type = 2,
    Level = 4,
    Value = 8,
    EventTime = 16,
    Description = 32,
    AckMode = 64,
    AckUser = 128,
    Rule = 256,
    Labels = 512,
    All = 1023,
}

/// <summary>A source's report on an alarm, and what it means (docs/decisions/0019): an effective report, a late one, or a repeat. Fields that are
/// missing in a report on a known occurrence stay unchanged.</summary>
/// <param name="Report">With defaults for missing fields; a missing event time is the time of receipt.</param>
public sealed record SourceReport(AlarmReported Report, ReportFields Given)
{
    /// <summary>The report as it is recorded: an event time too far in the future is replaced by now, and kept as the given one.</summary>
    public static SourceReport Heard(AlarmReported report, ReportFields given, DateTimeOffset now)
    {
        if (!given.HasFlag(ReportFields.EventTime)) return new(report with { Untimed = true }, given);
        report = report with { MinutesBehind = SourceTime.MinutesBehind(report.EventTime, now) };
        return new(report.MinutesBehind < 0 ? report with { EventTime = now, GivenEventTime = report.EventTime } : report, given);
    }

    /// <returns>An <see cref="AlarmReported"/> or a <see cref="ReportRepeated"/>.</returns>
    public object Decide(Alarm? alarm)
    {
        if (alarm is null or { IsUnreadable: true }) return Report;
        var occurrence = alarm.Occurrence;
        var time = Occurrence.TimeOf(Report);
        if (time is null) return IsUnchanged(alarm) ? RepeatIn(alarm, alarm.Reported) : Counts(alarm);
        if (Report.State.IsActive() && !alarm.IsActive && occurrence.EndsBeforeItsStart && time.IsBefore(occurrence.Start!)
            && !occurrence.Last!.IsBefore(time))
            return Report with { Reopens = true, Late = false };
        if (!Report.State.IsActive() && alarm.IsActive)
            return occurrence.BeginsAfter(time) && occurrence.LeavesToEarlier(Report.State, time) ? Late() : Counts(alarm);

        // If the source's earlier reports had no time, an unchanged state with a time before ours is not a new occurrence.
        var nothingNew = occurrence.Last is null && IsUnchanged(alarm) && Report.EventTime <= alarm.Facts.EventTime;
        return occurrence.IsLate(time) || nothingNew ? Late() : Counts(alarm);
    }

    /// <summary>The report as a repeat, with the fields whose content has changed.</summary>
    /// <param name="repeats">The version at which the report is recorded.</param>
    public ReportRepeated RepeatIn(Alarm? alarm, long repeats)
    {
        var repeat = new ReportRepeated(repeats, Report.State, Report.GivenEventTime ?? Report.EventTime, Times: 1);
        // If another report has followed, the repeated one says nothing about the current alarm.
        if (alarm is null || repeats != alarm.Reported) return repeat;
        var (facts, labels) = (alarm.Facts, Labels(alarm));
        return repeat with
        {
            Level = Given.HasFlag(ReportFields.Level) && Report.Level != facts.Level ? Report.Level : null,
            Value = Given.HasFlag(ReportFields.Value) && Report.Value != facts.Value ? Report.Value : null,
            Description = Given.HasFlag(ReportFields.Description) && Report.Description != facts.Description ? Report.Description : null,
            Labels = SameLabels(labels, facts.Labels) ? null : labels,
        };
    }

    public static bool SameLabels(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(x => b.TryGetValue(x.Key, out var value) && value == x.Value));

    /// <summary>A source without acknowledgements keeps sending the same state. An active alarm that has become more urgent is news,
    /// however.</summary>
    private bool IsUnchanged(Alarm alarm) =>
        Report.State.IsActive() == alarm.IsActive && (Report.State == alarm.Facts.State || Report.State == alarm.Said)
        && !(Report.State.IsActive() && Given.HasFlag(ReportFields.Level) && Report.Level < alarm.Facts.Level);

    private AlarmReported Late() => Report with { Late = true };

    private AlarmReported Counts(Alarm alarm)
    {
        // Set only if the event times suggest otherwise.
        bool? late = Report.EventTime < alarm.Facts.EventTime ? false : null;
        var begins = Report.State.IsActive() && !(alarm.IsActive && Report.State == AlarmState.ActiveAcked);
        return (begins ? Report : Completed(alarm)) with { Late = late };
    }

    private AlarmReported Completed(Alarm alarm)
    {
        var facts = alarm.Facts;
        return Report with
        {
            Path = Given.HasFlag(ReportFields.Path) ? Report.Path : facts.Path,
            Type = Given.HasFlag(ReportFields.Type) ? Report.Type : facts.Type,
            Level = Given.HasFlag(ReportFields.Level) ? Report.Level : facts.Level,
            Value = Given.HasFlag(ReportFields.Value) ? Report.Value : facts.Value,
            Description = Given.HasFlag(ReportFields.Description) ? Report.Description : facts.Description,
            AckMode = Given.HasFlag(ReportFields.AckMode) ? Report.AckMode : alarm.AckMode,
            AckUser = Given.HasFlag(ReportFields.AckUser) ? Report.AckUser : facts.AckUser,
            Rule = Given.HasFlag(ReportFields.Rule) ? Report.Rule : facts.Rule,
            Labels = Labels(alarm),
        };
    }

    /// <summary>The labels given by the source; otherwise the alarm's, with those that Notify derived from other fields of the report.</summary>
    private IReadOnlyDictionary<string, string> Labels(Alarm alarm) =>
        Given.HasFlag(ReportFields.Labels) ? Report.Labels
        : Report.Labels.Count == 0 ? alarm.Facts.Labels
        : Report.Labels.UnionBy(alarm.Facts.Labels, x => x.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
