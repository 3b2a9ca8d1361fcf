using System.Text.Json;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Rules.Deciding;

/// <summary>A recorded decision.</summary>
/// <param name="At">The instant at which the schedules were evaluated.</param>
/// <param name="CausationId">The id of the event that records the alarm's change.</param>
public sealed record RecordedDecision(
    long Sequence, Guid EventId, string Stream, DateTimeOffset At, string? CorrelationId, Guid CausationId, AlarmDecided Decision)
{
    /// <summary>The change was decided before; this decision plans no steps.</summary>
    public bool IsAnew => Stream == DecisionLog.AnewStreamOf(CausationId);
}

/// <summary>A decision that is on record but cannot be read.</summary>
/// <param name="Change">The id of the event that records the alarm's change.</param>
public sealed record UnreadableDecision(long Sequence, Guid Change);

/// <summary>Reads decisions: those of a period in their order, and those about given changes of alarms. One that somebody changed, so that it cannot
/// be read, is logged and omitted; its neighbours are returned.</summary>
public sealed class DecisionLog(NpgsqlDataSource database, ILogger<DecisionLog> logger)
{
    public const string EventName = "rules.alarm_decided.v1";

    /// <summary>At most <paramref name="limit"/> decisions, oldest first. Fewer: the period has no more.</summary>
    /// <param name="unreadable">Takes those before the last of them that cannot be read.</param>
    public Task<List<RecordedDecision>> ReadAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation,
        ICollection<UnreadableDecision>? unreadable = null) =>
        ReadAsync(period, from, to, limit, "asc", (rest, last) => rest with { After = last }, unreadable, cancellation);

    /// <summary>At most <paramref name="limit"/> decisions, newest first. Fewer: the period has no more.</summary>
    public Task<List<RecordedDecision>> NewestAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation) =>
        ReadAsync(period, from, to, limit, "desc", (rest, last) => rest with { UpTo = last - 1 }, null, cancellation);

    /// <summary>Counts the changes of alarms that the newest decisions of the period are about, at most <paramref name="limit"/>.</summary>
    /// <returns>Complete: the period has no more. From: the time of the oldest decision that was counted.</returns>
    public async Task<(long AlarmChanges, DateTimeOffset From, bool Complete)> CountNewestAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select count(distinct d.causation_id), coalesce(min(d.timestamp), $4), count(*) from (
              select e.causation_id, e.timestamp from {EventTables.Events} e
              where {EventPeriod.Holds} and e.type = '{EventName}' order by e.seq_id desc limit {limit}) d
            """);
        period.AddTo(command, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2) < limit);
    }

    /// <param name="changes">The sequence numbers and ids of the events that record the changes.</param>
    /// <returns>The decisions by the id of the change's event, without changes that are not decided yet. Null: the change was decided, but the
    /// decision cannot be read.</returns>
    public async Task<Dictionary<Guid, RecordedDecision?>> FindAsync(
        IReadOnlyList<(long Sequence, Guid EventId)> changes, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, RecordedDecision?>();
        // These rows were found by their cause, so it can be read whatever else cannot.
        foreach (var row in await StoredEvents.CausedByAsync(database, EventName, changes, cancellation))
            found[Guid.Parse(row.CausationId!)] = TryRead(row);
        foreach (var decision in await AnewAsync(changes.Select(x => x.EventId), cancellation)) found[decision.CausationId] = decision;
        return found;
    }

    /// <summary>The repeated decisions about these changes, given by the ids of their events; of each change in order.</summary>
    public async Task<List<RecordedDecision>> AnewAsync(IEnumerable<Guid> changes, CancellationToken cancellation)
    {
        await using var anew = database.CreateCommand(
            $"select {StoredRow.Columns} from {EventTables.Events} e where e.stream_id = any($1) order by e.version");
        anew.Parameters.AddWithValue(changes.Select(AnewStreamOf).ToArray());
        return [.. (await StoredRow.ReadAllAsync(anew, cancellation)).Select(TryRead).OfType<RecordedDecision>()];
    }

    /// <summary>The stream of the repeated decisions about a change of an alarm; the last of them counts.</summary>
    public static string AnewStreamOf(Guid change) => Ids.Derived("decision", change.ToString());

    private async Task<List<RecordedDecision>> ReadAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, string order, Func<EventPeriod, long, EventPeriod> beyond,
        ICollection<UnreadableDecision>? unreadable, CancellationToken cancellation)
    {
        var found = new List<RecordedDecision>();
        while (true)
        {
            var wanted = limit - found.Count;
            await using var command = database.CreateCommand(
                $"""
                select {StoredRow.Columns} from {EventTables.Events} e
                where {EventPeriod.Holds} and e.type = '{EventName}' order by e.seq_id {order} limit {wanted}
                """);
            period.AddTo(command, from, to);
            var rows = await StoredRow.ReadAllAsync(command, cancellation);
            foreach (var row in rows)
            {
                if (TryRead(row) is { } decision) found.Add(decision);
                else if (Guid.TryParse(row.CausationId, out var change)) unreadable?.Add(new(row.Sequence, change));
            }

            // Callers take a short answer for the end of the period, so what cannot be read is made up for.
            if (rows.Count < wanted || found.Count == limit) return found;
            period = beyond(period, rows[^1].Sequence);
        }
    }

    private RecordedDecision? TryRead(StoredRow x)
    {
        try
        {
            var decision = JsonSerializer.Deserialize<AlarmDecided>(x.Data, NotifyJson.Options);
            if (decision is not { AlarmId: not null }) throw new JsonException("The decision names no alarm.");
            return new(x.Sequence, x.Id, x.StreamId, x.At, x.CorrelationId, Guid.Parse(x.CausationId!), decision);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            EventRecord.LogUnreadable(logger, e, x.Sequence, x.StreamId);
            return null;
        }
    }
}
