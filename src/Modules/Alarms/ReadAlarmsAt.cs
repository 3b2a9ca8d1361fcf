using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary>An alarm at an instant, and now.</summary>
/// <param name="Then">The state at the instant; null: the alarm had not been reported yet.</param>
/// <param name="Since">Since when it had been active; null: it was not.</param>
public sealed record AlarmAt(
    string Id, string Name, string Path, AlarmLevel Level, AlarmState? Then, bool ShelvedThen, DateTimeOffset? Since, AlarmState Now,
    bool ShelvedNow);

/// <summary><c>GET /alarms/at?asOf=</c>: the alarms that were open at an instant or are open now, with both states.</summary>
public sealed class ReadAlarmsAt(NpgsqlDataSource database, EventCatalog catalog, TimeProvider time)
{
    private const int Most = 2000;

    /// <summary>How many of the last events before the instant are read; they determine an alarm's state.</summary>
    private const int MostEvents = 20;

    /// <summary>A report shelves its alarm under a silence; further ones under the same silence do not say so again.</summary>
    private const string Shelves =
        "(type in ('alarms.alarm_shelved.v1', 'alarms.alarm_unshelved.v1') "
        + $"or (type = '{AlarmsModule.ReportedEvent}' and data->>'silence' is not null))";

    /// <summary>Repeats and late reports leave the state as it is.</summary>
    private const string Counts =
        $"type <> '{AlarmsModule.RepeatedEvent}' and (type <> '{AlarmsModule.ReportedEvent}' or data->>'late' is distinct from 'true')";

    /// <param name="Complete">False: there were more alarms than were examined.</param>
    public sealed record Answer(DateTimeOffset AsOf, IReadOnlyList<AlarmAt> Items, bool Complete);

    /// <param name="asOf">An instant in the future means now.</param>
    public async Task<Answer> RunAsync(DateTimeOffset asOf, CancellationToken cancellation)
    {
        if (time.GetUtcNow() is var now && asOf > now) asOf = now;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Alarms whose last change is not after this position have not changed since.
        var position = await EventPeriod.OrderOf(connection).BeforeAsync(asOf, cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            with wanted as materialized (
              select id, body, changed from {AlarmTable.Name}
              where (changed > $1 or state = any($2)) and ($4::text is null or path ~* $4) order by changed desc limit {Most + 1})
            select w.id, w.body, w.changed > $1, e.type, e.data from wanted w left join lateral (
              (select type, data, version from {EventTables.Events} where stream_id = w.id and timestamp <= $3 and {Counts}
               order by version desc limit {MostEvents})
              union
              (select type, data, version from {EventTables.Events} where stream_id = w.id and timestamp <= $3 and {Shelves}
               order by version desc limit 1)) e on w.changed > $1
            order by w.changed desc, w.id, e.version
            """, connection);
        command.Parameters.AddWithValue(position);
        command.Parameters.AddWithValue(AlarmStates.Open.Select(x => x.ToString()).ToArray());
        command.Parameters.AddWithValue(asOf.ToUniversalTime());
        command.Parameters.AddWithValue((object?)PathLimit.Current.Expression ?? DBNull.Value);
        var found = new List<(Alarm? Now, bool IsChanged, Alarm? Then)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            string? last = null;
            while (await reader.ReadAsync(cancellation))
            {
                var id = reader.GetString(0);
                if (last != id) found.Add((AlarmTable.TryRead(id, reader.GetString(1)), reader.GetBoolean(2), null));
                last = id;
                if (reader.IsDBNull(3)) continue;
                var (current, isChanged, then) = found[^1];
                found[^1] = (current, isChanged, Apply(then, id, reader.GetString(3), reader.GetString(4)));
            }
        }

        var items = from x in found.Take(Most)
                    let then = x.IsChanged ? x.Then : x.Now
                    where x.Now is not null && (IsOpen(then) || IsOpen(x.Now))
                    let shown = then ?? x.Now
                    orderby !IsOpen(then), shown.Facts.Level, shown.Facts.StartTime descending
                    select new AlarmAt(
                        x.Now.Id, shown.Facts.Name, shown.Facts.Path, shown.Facts.Level, then?.Facts.State, then?.Facts.Shelved == true,
                        then?.IsActive == true ? then.Facts.StartTime : null, x.Now.Facts.State, x.Now.Facts.Shelved);
        return new(asOf, [.. items], found.Count <= Most);
    }

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapGet("/at", async (HttpContext http, ReadAlarmsAt read) =>
        {
            var query = http.Query();
            var asOf = query.RequiredInstant("asOf");
            query.ThrowIfInvalid();
            return await read.RunAsync(asOf, http.RequestAborted);
        }).Query(QueryParameter.Instant("asOf").Required).Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "listAlarmsAt", "Alarms at an instant",
                "Alarms that were open then or are open now, with both states, by the times of recording. Covers the 2,000 that changed last.");

    private static bool IsOpen(Alarm? alarm) => alarm is not null && AlarmStates.Open.Contains(alarm.Facts.State);

    /// <returns>The alarm unchanged if the event cannot be read.</returns>
    private Alarm? Apply(Alarm? alarm, string id, string type, string data)
    {
        try
        {
            return catalog.Find(type) is { } known && JsonSerializer.Deserialize(data, known.ClrType, NotifyJson.Options) is { } e
                ? Alarm.Apply(alarm, id, e) : alarm;
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return alarm;
        }
    }
}
