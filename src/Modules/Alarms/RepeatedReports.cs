using Notify.Kernel;

namespace Notify.Alarms;

/// <param name="AlarmId">The alarm whose stream contains the report.</param>
/// <param name="Name">The alarm's name in the repeat.</param>
public sealed record RepeatedReport(string AlarmId, string Name, ReportRepeated Fact, AuditContext Audit);

/// <summary>Decides which repeats of reports are recorded. A sender that repeats a request after a lost answer must find it recorded; a sender in an
/// endless loop must not fill a database that forgets nothing. Therefore each request is recorded, with each report once and counted, up to <see
/// cref="MostInAMinute"/> times a minute for an alarm on this node; the last record says until when others are ignored. Changes in ignored repeats
/// are shown at once, and recorded when the minute is over (<see cref="PassedOver"/>).</summary>
public sealed class RepeatedReports
{
    public const int MostInAMinute = 20;

    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    /// <summary>How many are recorded in this minute, by alarm. Kept in memory only: a restart begins a new minute.</summary>
    private readonly Dictionary<string, int> recorded = new(StringComparer.Ordinal);
    private DateTimeOffset minuteEnds;

    /// <summary>When the repeats that are ignored now are recorded.</summary>
    public DateTimeOffset MinuteEnds => minuteEnds;

    /// <summary>The repeats of one transaction to record, in order. They are counted only after the commit, by <see cref="Recorded"/>.</summary>
    /// <param name="before">Those that the same transaction already contains.</param>
    public IReadOnlyList<RepeatedReport> Select(
        IReadOnlyList<RepeatedReport> repeats, DateTimeOffset now, IReadOnlyList<RepeatedReport>? before = null)
    {
        if (repeats.Count == 0) return repeats;
        if (Instants.IsOver(minuteEnds, minute, now))
        {
            recorded.Clear();
            minuteEnds = now + minute;
        }

        var selected = new List<RepeatedReport>();
        foreach (var ofAlarm in repeats.GroupBy(x => x.AlarmId, StringComparer.Ordinal))
        {
            var room = MostInAMinute - recorded.GetValueOrDefault(ofAlarm.Key) - (before?.Count(x => x.AlarmId == ofAlarm.Key) ?? 0);
            if (room <= 0) continue;
            var counted = ofAlarm.GroupBy(x => (x.Fact.Repeats, x.Audit.CorrelationId))
                .Select(x => x.First() with { Fact = x.Select(y => y.Fact).Aggregate((a, b) => a.And(b)) }).ToList();
            selected.AddRange(counted.Take(room));
            if (counted.Count < room) continue;
            var last = selected[^1];
            selected[^1] = last with
            {
                Fact = last.Fact with
                {
                    Times = last.Fact.Times + counted.Skip(room).Sum(x => x.Fact.Times),
                    QuietUntil = minuteEnds
                }
            };
        }

        return selected;
    }

    public void Recorded(IReadOnlyList<RepeatedReport> repeats)
    {
        foreach (var repeat in repeats) recorded[repeat.AlarmId] = recorded.GetValueOrDefault(repeat.AlarmId) + 1;
    }
}
