using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>Decides what an alert changes (docs/decisions/0019). These senders repeat themselves, alone and in pairs, so an alert is compared with
/// the alarm's state, and only a difference is recorded. The alert's start identifies the occurrence; neither its arrival nor the clocks
/// do.</summary>
public static class AlertCommand
{
    /// <summary>How long after an end a sender that lags behind others may still report that the occurrence continues.</summary>
    private static readonly TimeSpan outOfStep = TimeSpan.FromMinutes(10);

    /// <summary>How many such late reports are recorded for one end.</summary>
    private const int MostLate = 20;

    /// <summary>How long Prometheus keeps reporting an end. A sender that reports an older end for the first time has a slow clock.</summary>
    private static readonly TimeSpan endIsTold = TimeSpan.FromMinutes(15);

    /// <summary>The alert is firing.</summary>
    public static AlarmCommand Firing(AlarmReported report, DateTimeOffset now, AuditContext audit) =>
        new(IdOf(report), current => Raise(current, report, now), audit, Path: report.Path);

    /// <summary>The alert is resolved.</summary>
    /// <param name="timeGiven">Whether the sender gave the time of the end; otherwise it has just ended.</param>
    public static AlarmCommand Resolved(AlarmReported report, bool timeGiven, DateTimeOffset now, AuditContext audit) =>
        new(IdOf(report), current => Clear(current, report, timeGiven, now), audit, Path: report.Path);

    /// <summary>By Notify's clock the end of the alert has passed. Either it is resolved, or its sender's clock is slow and it is firing: such a
    /// sender keeps moving the announced end, until it announces an earlier one.</summary>
    /// <param name="firing">The report if it is firing, with its validity by Notify's clock.</param>
    public static AlarmCommand Ended(AlarmReported resolved, AlarmReported firing, DateTimeOffset now, AuditContext audit) => new(
        IdOf(resolved),
        current => IsBehind(current, firing, now) is not { } behind ? Clear(current, resolved, timeGiven: true, now)
            : behind ? Raise(current, firing, now)
            : null,
        audit, Path: resolved.Path);

    /// <returns>True: it is firing. Null: it is resolved. False: nothing has changed.</returns>
    private static bool? IsBehind(Alarm? current, AlarmReported alert, DateTimeOffset now)
    {
        if (alert is not { Start: { } start, AnnouncedEnd: { } end } || end < start) return null;
        if (current is not null && current.Occurrence.Start?.At == start)
        {
            if (current.Occurrence.AnnouncedEnd is not { } announced || end < announced) return null;
            if (end > announced) return current.IsActive || current.Occurrence.FellSilent ? true : null;
            return current.IsActive ? false : null;
        }

        return now - end > endIsTold && current?.Occurrence.EndOf(start) is null ? true : null;
    }

    public static object? Raise(Alarm? current, AlarmReported report, DateTimeOffset now)
    {
        report = Heard(report, report.Start is not null, now);
        if (current is null) return report;
        var occurrence = current.Occurrence;
        var start = report.Start is { } given ? SourceTime.Of(given, now) : null;
        if (current.IsActive)
        {
            // Its end was never reported (Alertmanager can be configured to send no resolutions), and it has begun again.
            if (report.ExpiresAt is null && start is not null && occurrence.Start?.IsBefore(start) == true) return Counts(current, report);
            return Repeat(current, report);
        }

        if (report.Start is { } over && !occurrence.FellSilent && occurrence.EndOf(over) is { } end && now < end.FinalUntil)
            return end.Late < MostLate ? report with { Late = true } : null;
        return Counts(current, report.EventTime > current.Facts.EventTime
            ? report : report with { EventTime = Later(now, current.Facts.EventTime), Untimed = true });
    }

    /// <summary>An acknowledgement is kept, and a cleared alarm is not cleared again. Fields that a short resolution lacks (amtool sends it without
    /// annotations) stay unchanged.</summary>
    public static object? Clear(Alarm? current, AlarmReported report, bool timeGiven, DateTimeOffset now)
    {
        report = Heard(report, timeGiven, now) with { FinalUntil = now + outOfStep };
        if (current is null) return report;
        var occurrence = current.Occurrence;
        if (!current.IsActive)
        {
            // The alarm does not change, but from now on the end of the occurrence is final.
            return report.Start is { } told && occurrence.EndOf(told) is null
                ? new ReportRepeated(current.Reported, report.State, report.EventTime, Times: 1) { Start = told, FinalUntil = report.FinalUntil }
                : null;
        }

        if (report.Start is { } start && occurrence.Start is { } begun && start != begun.At)
        {
            if (occurrence.EndOf(start) is not null) return null;
            // The other occurrence may be the same, reported by a sender that knows an earlier start; then its end is after the recorded start.
            if (timeGiven && SourceTime.Of(start, now).IsBefore(begun) && SourceTime.Of(report.GivenEventTime ?? report.EventTime, now)
                .IsBefore(begun))
                return report with { Late = true };
        }

        var earlier = report.EventTime < current.Facts.EventTime;
        return report with
        {
            State = current.IsAcked ? AlarmState.ClearedAcked : AlarmState.ClearedUnacked,
            AckUser = current.Facts.AckUser,
            EventTime = earlier ? current.Facts.EventTime : report.EventTime,
            GivenEventTime = earlier && timeGiven ? report.GivenEventTime ?? report.EventTime : report.GivenEventTime,
            Description = report.Description.Length > 0 ? report.Description : current.Facts.Description,
            Value = report.Value.Length > 0 ? report.Value : current.Facts.Value,
            Labels = report.Labels.UnionBy(current.Facts.Labels, x => x.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
        };
    }

    /// <summary>An alert that continues: valid for longer, perhaps with other texts.</summary>
    private static object? Repeat(Alarm current, AlarmReported report)
    {
        var facts = current.Facts;
        var said = report.Labels.Keys.Any(IsAnnotation) ? report.Labels : facts.Labels;
        var changed = (report.Value.Length > 0 && report.Value != facts.Value)
            || (report.Description.Length > 0 && report.Description != facts.Description)
            || !SourceReport.SameLabels(Annotations(said), Annotations(facts.Labels));
        if (!changed) return report.ExpiresAt is { } until ? new Extension(until, report.AnnouncedEnd) : null;
        return new ReportRepeated(current.Reported, report.State, report.EventTime, Times: 1)
        {
            Value = report.Value.Length > 0 && report.Value != facts.Value ? report.Value : null,
            Description = report.Description.Length > 0 && report.Description != facts.Description ? report.Description : null,
            Labels = SourceReport.SameLabels(said, facts.Labels) ? null : said,
            ExpiresAt = report.ExpiresAt,
        };
    }

    /// <summary>Only annotations are compared: other fields of two senders of the same alert, such as their addresses, always differ and say nothing
    /// about the alert.</summary>
    private static Dictionary<string, string> Annotations(IReadOnlyDictionary<string, string> labels) =>
        labels.Where(x => IsAnnotation(x.Key)).ToDictionary(StringComparer.Ordinal);

    private static bool IsAnnotation(string label) => label.StartsWith(AlertLabels.AnnotationPrefix, StringComparison.Ordinal);

    /// <summary>An alert is repeated with its original times while it lasts, so their age says nothing about the clock.</summary>
    private static AlarmReported Heard(AlarmReported report, bool timeGiven, DateTimeOffset now)
    {
        var heard = SourceReport.Heard(report, timeGiven ? ReportFields.All : ReportFields.None, now).Report;
        return heard.MinutesBehind > 0 ? heard with { MinutesBehind = null } : heard;
    }

    /// <summary>Sets the flag only if the event times suggest that the report is late.</summary>
    private static AlarmReported Counts(Alarm current, AlarmReported report) =>
        report.EventTime < current.Facts.EventTime ? report with { Late = false } : report;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static string IdOf(AlarmReported report) => Alarm.IdOf(report.SourceId, report.Path, report.Name);
}
