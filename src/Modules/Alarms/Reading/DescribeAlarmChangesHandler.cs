using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Alarms.Reading;

/// <summary>Describes changes of alarms as they were decided: the events are folded up to each change.</summary>
public static class DescribeAlarmChangesHandler
{
    public static async Task<AlarmChangesDescribed> Handle(
        DescribeAlarmChanges query, EventReader events, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var wanted = query.Changes.ToHashSet();
        if (query.RepeatsIn is { } period) wanted.UnionWith(await RepeatsAsync(database, period, cancellation));
        var several = query.Of?.AlarmIds.ToHashSet(StringComparer.Ordinal) ?? [];
        string[] alarms = [.. wanted.Select(x => x.AlarmId).Append(query.AlarmId ?? "").Union(several, StringComparer.Ordinal).Where(Alarm.IsId)];
        var changes = new List<DescribedAlarmChange>();
        Alarm? alarm = null;
        StoredEvent? before = null;
        foreach (var e in await events.ReadAsync(alarms, cancellation))
        {
            alarm = Alarm.Apply(alarm?.Id == e.StreamId ? alarm : null, e.StreamId, e.Data);
            if (before is not null && BringsAlong(e, before) && changes.Count > 0 && changes[^1].EventId == before.Id)
                changes[^1] = changes[^1] with { DecidedWith = e.Version };
            before = e;
            if (e.StreamId != query.AlarmId && !(query.Of is { } of && several.Contains(e.StreamId) && e.At >= of.From && e.At < of.To)
                && !wanted.Contains(new(e.StreamId, e.Version))) continue;
            var repeat = e.Data is ReportRepeated x ? new DescribedRepeat(x.Repeats, x.Times, x.QuietUntil) : null;
            changes.Add(new(e.StreamId, e.Version, e.Sequence, e.Id, KindOf(e.Data), e.At, e.CorrelationId, Alarm.FactsAfter(e.Data, alarm), repeat,
                e.Data is AlarmReported { Late: true }));
        }

        return new AlarmChangesDescribed(changes);
    }

    /// <summary>Whether the report, recorded in the same transaction, ended the silence under which the alarm was shelved.</summary>
    private static bool BringsAlong(StoredEvent report, StoredEvent before) =>
        report.Data is AlarmReported && before.Data is AlarmUnshelved { Silence: not null }
        && before.StreamId == report.StreamId && before.Version == report.Version - 1 && before.At == report.At;

    /// <summary>The changes that the rules do not decide about: repeats, late reports, and shelvings that a report ended.</summary>
    private static async Task<List<AlarmVersion>> RepeatsAsync(NpgsqlDataSource database, RepeatsIn period, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select e.stream_id, e.version from {EventTables.Events} e
            where {EventPeriod.Holds}
              and (e.type = '{AlarmsModule.RepeatedEvent}' or (e.type = '{AlarmsModule.ReportedEvent}' and e.data->>'late' = 'true')
                or (e.type = '{AlarmsModule.UnshelvedEvent}' and e.data->>'silence' is not null and exists (
                  select from {EventTables.Events} n where n.stream_id = e.stream_id and n.version = e.version + 1
                    and n.type = '{AlarmsModule.ReportedEvent}' and n.timestamp = e.timestamp)))
            order by e.seq_id limit {period.Limit}
            """);
        new EventPeriod(period.After, period.UpTo).AddTo(command, period.From, period.To);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<AlarmVersion>();
        while (await reader.ReadAsync(cancellation)) found.Add(new(reader.GetString(0), reader.GetInt64(1)));
        return found;
    }

    private static string KindOf(object fact) => fact switch
    {
        AlarmReported => "reported",
        ReportRepeated => "repeated",
        AlarmExpired => "expired",
        AlarmAcknowledged => "acknowledged",
        AlarmShelved => "shelved",
        AlarmUnshelved => "unshelved",
        _ => throw new InvalidOperationException($"The event {fact.GetType().Name} does not belong to an alarm."),
    };
}
