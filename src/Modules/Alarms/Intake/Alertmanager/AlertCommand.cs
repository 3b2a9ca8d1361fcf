using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>
/// What an alert changes (docs/decisions/0019). These senders repeat themselves, alone and in pairs, so an alert is compared with the alarm's state:
/// only a difference is a fact. Its start says which occurrence it is about; neither its arrival nor the clocks decide that.
/// </summary>
public static class AlertCommand
{
    /// <summary>How long after its end one of several that are out of step may still tell that an occurrence continues.</summary>
    private static readonly TimeSpan outOfStep = TimeSpan.FromMinutes(10);

    /// <summary>How many of these are recorded for one end.</summary>
    private const int MostLate = 20;

    /// <summary>How long Prometheus continues telling of an end. Who tells of one that is longer past for the first time has a clock that is
    /// behind.</summary>
    private static readonly TimeSpan endIsTold = TimeSpan.FromMinutes(15);

    /// <summary>The alert is firing.</summary>
    public static AlarmCommand Firing(AlarmReported report, DateTimeOffset now, AuditContext audit) =>
        new(IdOf(report), current => Raise(current, report, now), audit, Path: report.Path);

    /// <summary>The alert is over.</summary>
    /// <param name="timeGiven">Whether the sender said when it ended; else it has just ended.</param>
    public static AlarmCommand Resolved(AlarmReported report, bool timeGiven, DateTimeOffset now, AuditContext audit) =>
        new(IdOf(report), current => Clear(current, report, timeGiven, now), audit, Path: report.Path);

    /// <summary>
    /// The end of the alert has passed by our clock: it is over. Or the clock of its sender is far behind, and it is firing: the sender moves the end
    /// that it announces, until one day it names an earlier one.
    /// </summary>
    /// <param name="firing">With the time until which it counts by our clock.</param>
    public static AlarmCommand Ended(AlarmReported resolved, AlarmReported firing, DateTimeOffset now, AuditContext audit) => new(
        IdOf(resolved),
        current => IsBehind(current, firing, now) is not { } behind ? Clear(current, resolved, timeGiven: true, now)
            : behind ? Raise(current, firing, now)
            : null,
        audit, Path: resolved.Path);

    /// <returns>True: it is firing. Null: it is over. False: it says what it said.</returns>
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
            // Its end was never told (Alertmanager leaves resolutions out on request), and now it has begun anew.
            if (report.ExpiresAt is null && start is not null && occurrence.Start?.IsBefore(start) == true) return Counts(current, report);
            return Repeat(current, report);
        }

        if (report.Start is { } over && !occurrence.FellSilent && occurrence.EndOf(over) is { } end && now < end.FinalUntil)
            return end.Late < MostLate ? report with { Late = true } : null;
        return Counts(current, report.EventTime > current.Facts.EventTime
            ? report : report with { EventTime = Later(now, current.Facts.EventTime), Untimed = true });
    }

    /// <summary>
    /// An acknowledgement stays; a cleared alarm is not cleared again; and what a short resolution leaves out (amtool sends no annotations with it)
    /// stays as it was.
    /// </summary>
    public static object? Clear(Alarm? current, AlarmReported report, bool timeGiven, DateTimeOffset now)
    {
        report = Heard(report, timeGiven, now) with { FinalUntil = now + outOfStep };
        if (current is null) return report;
        var occurrence = current.Occurrence;
        if (!current.IsActive)
        {
            // Nothing new about the alarm; but that it is over is final from now on.
            return report.Start is { } told && occurrence.EndOf(told) is null
                ? new ReportRepeated(current.Reported, report.State, report.EventTime, Times: 1) { Start = told, FinalUntil = report.FinalUntil }
                : null;
        }

        if (report.Start is { } start && occurrence.Start is { } begun && start != begun.At)
        {
            if (occurrence.EndOf(start) is not null) return null;
            // The other may be the same, of a sender that knows an earlier start; then its end is after the start on record.
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

    /// <summary>An alert that continues: valid for longer, and maybe with other texts.</summary>
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

    /// <summary>Additional fields of two senders of the same alert (their own addresses) always differ, and say nothing about the alert.</summary>
    private static Dictionary<string, string> Annotations(IReadOnlyDictionary<string, string> labels) =>
        labels.Where(x => IsAnnotation(x.Key)).ToDictionary(StringComparer.Ordinal);

    private static bool IsAnnotation(string label) => label.StartsWith(AlertLabels.AnnotationPrefix, StringComparison.Ordinal);

    /// <summary>An alert is repeated with its old times for as long as it lasts: their age says nothing about a clock.</summary>
    private static AlarmReported Heard(AlarmReported report, bool timeGiven, DateTimeOffset now)
    {
        var heard = SourceReport.Heard(report, timeGiven ? ReportFields.All : ReportFields.None, now).Report;
        return heard.MinutesBehind > 0 ? heard with { MinutesBehind = null } : heard;
    }

    /// <summary>Said only where the event times say otherwise.</summary>
    private static AlarmReported Counts(Alarm current, AlarmReported report) =>
        report.EventTime < current.Facts.EventTime ? report with { Late = false } : report;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static string IdOf(AlarmReported report) => Alarm.IdOf(report.SourceId, report.Path, report.Name);
}
