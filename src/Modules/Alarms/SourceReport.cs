using Notify.Contracts.Alarms;

namespace Notify.Alarms;

/// <summary>Which fields a report has; those that it lacks count as never given.</summary>
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

/// <summary>
/// What a source says of an alarm, and what of it is news (docs/decisions/0019): a report that counts, one that comes late, or a repeat. What a
/// source leaves out of a report about an occurrence that it has told of stays as it was.
/// </summary>
/// <param name="Report">With defaults for what the source left out; the event time then is when it was heard.</param>
public sealed record SourceReport(AlarmReported Report, ReportFields Given)
{
    /// <summary>A report as it is recorded: an event time that lies too far ahead is taken as now, with the given one kept.</summary>
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

        // Of a source whose earlier reports had no time, an unchanged state of a time before ours is none that has come anew.
        var nothingNew = occurrence.Last is null && IsUnchanged(alarm) && Report.EventTime <= alarm.Facts.EventTime;
        return occurrence.IsLate(time) || nothingNew ? Late() : Counts(alarm);
    }

    /// <summary>The same repeated: it brings along what has changed of the content.</summary>
    /// <param name="repeats">The version at which it is on record.</param>
    public ReportRepeated RepeatIn(Alarm? alarm, long repeats)
    {
        var repeat = new ReportRepeated(repeats, Report.State, Report.GivenEventTime ?? Report.EventTime, Times: 1);
        // What repeats something that has been followed by something else says nothing of the alarm as it is.
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

    /// <summary>A source without acknowledgements keeps sending the same state. But an active alarm that has become more urgent is news.</summary>
    private bool IsUnchanged(Alarm alarm) =>
        Report.State.IsActive() == alarm.IsActive && (Report.State == alarm.Facts.State || Report.State == alarm.Said)
        && !(Report.State.IsActive() && Given.HasFlag(ReportFields.Level) && Report.Level < alarm.Facts.Level);

    private AlarmReported Late() => Report with { Late = true };

    private AlarmReported Counts(Alarm alarm)
    {
        // Said only where the event times say otherwise.
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

    /// <summary>As the source gave them; labels that Notify made from other fields are added.</summary>
    private IReadOnlyDictionary<string, string> Labels(Alarm alarm) =>
        Given.HasFlag(ReportFields.Labels) ? Report.Labels
        : Report.Labels.Count == 0 ? alarm.Facts.Labels
        : Report.Labels.UnionBy(alarm.Facts.Labels, x => x.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
