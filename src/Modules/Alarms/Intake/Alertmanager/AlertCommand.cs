using Notify.Alarms.Alarms;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>
/// What an alert changes. These senders repeat themselves, alone and in pairs, so an alert is judged by the alarm's state: only what differs is a fact.
/// A start time alone would not do: a sender that was cut off for a while comes back with the old one, and its alarm must count again.
/// </summary>
public static class AlertCommand
{
    /// <summary>The alert is firing.</summary>
    public static AlarmCommand Firing(AlarmReported report, DateTimeOffset now, AuditContext audit) =>
        new(IdOf(report), current => Raise(current, report, now), audit);

    /// <summary>The alert is over.</summary>
    /// <param name="timeGiven">Whether the sender said when it had begun; else its end cannot be one of an earlier occurrence.</param>
    public static AlarmCommand Resolved(AlarmReported report, bool timeGiven, AuditContext audit) =>
        new(IdOf(report), current => Clear(current, report, timeGiven), audit);

    public static object? Raise(Alarm? current, AlarmReported report, DateTimeOffset now)
    {
        if (current is null) return report;
        var later = report.EventTime > current.Facts.EventTime;
        if (!current.IsActive) return later ? report : report with { EventTime = now > current.Facts.EventTime ? now : current.Facts.EventTime };
        if (report.ExpiresAt is { } until) return new Extension(until);
        // Its end was never told (Alertmanager leaves resolutions out on request), and now it has begun anew.
        return later ? report : null;
    }

    /// <summary>
    /// What was acknowledged stays so; what is cleared already is not cleared again; and what a short resolution leaves out (amtool sends no
    /// annotations with it) stays as it was.
    /// </summary>
    public static object? Clear(Alarm? current, AlarmReported report, bool timeGiven)
    {
        if (current is null) return report;
        var earlier = report.EventTime < current.Facts.EventTime;
        if (!current.IsActive || (earlier && timeGiven)) return null;
        return report with
        {
            State = current.IsAcked ? AlarmState.ClearedAcked : AlarmState.ClearedUnacked,
            AckUser = current.Facts.AckUser,
            EventTime = earlier ? current.Facts.EventTime : report.EventTime,
            Description = report.Description.Length > 0 ? report.Description : current.Facts.Description,
            Labels = report.Labels.UnionBy(current.Facts.Labels, x => x.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
        };
    }

    private static string IdOf(AlarmReported report) => Alarm.IdOf(report.SourceId, report.Path, report.Name);
}
