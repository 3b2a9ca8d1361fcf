using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Rules.Deciding;

/// <summary>A decision as it is on record.</summary>
/// <param name="At">The instant for which the schedules were asked.</param>
/// <param name="CausationId">The event of the alarm's change.</param>
public sealed record RecordedDecision(long Sequence, Guid EventId, string Stream, DateTimeOffset At, string? CorrelationId, Guid CausationId, AlarmDecided Decision);

/// <summary>Finds decisions: those of a period by their order, those about known changes right behind the changes.</summary>
public sealed class DecisionLog(NpgsqlDataSource database)
{
    public const string EventName = "rules.alarm_decided.v1";
    private const string Columns = "e.seq_id, e.id, e.stream_id, e.timestamp, e.correlation_id, e.causation_id, e.data";

    /// <summary>How far behind a change its decision is looked for, in events: at once, after a storm, after an outage.</summary>
    private static readonly long[] windows = [2_000, 100_000, long.MaxValue / 2];

    /// <summary>In event order, at most so many.</summary>
    public async Task<List<RecordedDecision>> ReadAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select {Columns} from {Database.Schema}.mt_events e
            where e.seq_id > $1 and e.seq_id <= $2 and e.type = '{EventName}' and e.timestamp >= $3 and e.timestamp < $4 order by e.seq_id limit {limit}
            """);
        command.Parameters.AddWithValue(period.After);
        command.Parameters.AddWithValue(period.UpTo);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
        return await ReadAsync(command, cancellation);
    }

    /// <param name="changes">Sequence and id of the events that record the changes.</param>
    /// <returns>By the id of the change's event; what is not decided yet is left out.</returns>
    public async Task<Dictionary<Guid, RecordedDecision>> FindAsync(IReadOnlyList<(long Sequence, Guid EventId)> changes, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, RecordedDecision>();
        var missing = changes;
        foreach (var window in windows)
        {
            if (missing.Count == 0) break;
            await using var command = database.CreateCommand(
                $"""
                select {Columns} from unnest($1::bigint[], $2::text[]) as c(seq, id)
                cross join lateral (
                  select * from {Database.Schema}.mt_events d where d.seq_id > c.seq and d.seq_id <= c.seq + $3 and d.type = '{EventName}' and d.causation_id = c.id
                  order by d.seq_id limit 1) e
                """);
            command.Parameters.AddWithValue(missing.Select(x => x.Sequence).ToArray());
            command.Parameters.AddWithValue(missing.Select(x => x.EventId.ToString()).ToArray());
            command.Parameters.AddWithValue(window);
            foreach (var decision in await ReadAsync(command, cancellation)) found[decision.CausationId] = decision;
            missing = [.. missing.Where(x => !found.ContainsKey(x.EventId))];
        }

        await using var anew = database.CreateCommand($"select {Columns} from {Database.Schema}.mt_events e where e.stream_id = any($1) order by e.version");
        anew.Parameters.AddWithValue(changes.Select(x => AnewStreamOf(x.EventId)).ToArray());
        foreach (var decision in await ReadAsync(anew, cancellation)) found[decision.CausationId] = decision;
        return found;
    }

    /// <summary>The stream of what was decided again about a change of an alarm; the last decision is the one that counts.</summary>
    public static string AnewStreamOf(Guid change) => Ids.Derived("decision", change.ToString());

    private static async Task<List<RecordedDecision>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var decisions = new List<RecordedDecision>();
        while (await reader.ReadAsync(cancellation))
        {
            decisions.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                Guid.Parse(reader.GetString(5)), JsonSerializer.Deserialize<AlarmDecided>(reader.GetString(6), NotifyJson.Options)!));
        }

        return decisions;
    }
}
