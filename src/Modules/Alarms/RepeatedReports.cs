using Notify.Kernel;

namespace Notify.Alarms;

/// <param name="AlarmId">Of the alarm whose stream holds the report.</param>
/// <param name="Name">As the repeat said it.</param>
public sealed record RepeatedReport(string AlarmId, string Name, ReportRepeated Fact, AuditContext Audit);

/// <summary>
/// Which repeats of reports are recorded. A sender that repeats a request after a lost answer must find it on record; a sender in an endless loop
/// must not fill a store that forgets nothing. So each request has its record, within it each report once and counted, and an alarm at most
/// <see cref="MostInAMinute"/> of them a minute on this node: the last one says until when the rest is ignored. What the rest changes of the alarm is
/// shown at once, and on record when the minute is over (<see cref="PassedOver"/>).
/// </summary>
public sealed class RepeatedReports
{
    public const int MostInAMinute = 20;

    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    /// <summary>By alarm, how many are on record in this minute. Memory is enough: a restart begins the minute anew.</summary>
    private readonly Dictionary<string, int> recorded = new(StringComparer.Ordinal);
    private DateTimeOffset minuteEnds;

    /// <summary>When what is ignored now is recorded.</summary>
    public DateTimeOffset MinuteEnds => minuteEnds;

    /// <summary>Those of one transaction that are recorded, in order. Counts only once they are: <see cref="Recorded"/>.</summary>
    /// <param name="before">Those that the same transaction holds already.</param>
    public IReadOnlyList<RepeatedReport> Select(
        IReadOnlyList<RepeatedReport> repeats, DateTimeOffset now, IReadOnlyList<RepeatedReport>? before = null)
    {
        if (repeats.Count == 0) return repeats;
        if (now >= minuteEnds)
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
