using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Rules.Deciding;

/// <summary>A recorded decision.</summary>
/// <param name="At">The instant at which the schedules were evaluated.</param>
/// <param name="CausationId">The id of the event that records the alarm's change.</param>
public sealed record RecordedDecision(
    long Sequence, Guid EventId, string Stream, DateTimeOffset At, string? CorrelationId, Guid CausationId, AlarmDecided Decision);

/// <summary>Reads decisions: those of a period in their order, and those about given changes of alarms.</summary>
public sealed class DecisionLog(NpgsqlDataSource database)
{
    public const string EventName = "rules.alarm_decided.v1";
    /// <summary>At most <paramref name="limit"/> decisions, oldest first.</summary>
    public async Task<List<RecordedDecision>> ReadAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select {StoredRow.Columns} from {EventTables.Events} e
            where {EventPeriod.Holds} and e.type = '{EventName}' order by e.seq_id limit {limit}
            """);
        period.AddTo(command, from, to);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>At most <paramref name="limit"/> decisions, newest first.</summary>
    public async Task<List<RecordedDecision>> NewestAsync(
        EventPeriod period, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select {StoredRow.Columns} from {EventTables.Events} e
            where {EventPeriod.Holds} and e.type = '{EventName}' order by e.seq_id desc limit {limit}
            """);
        period.AddTo(command, from, to);
        return await ReadAsync(command, cancellation);
    }

    /// <param name="changes">The sequence numbers and ids of the events that record the changes.</param>
    /// <returns>The decisions by the id of the change's event, without changes that are not decided yet.</returns>
    public async Task<Dictionary<Guid, RecordedDecision>> FindAsync(
        IReadOnlyList<(long Sequence, Guid EventId)> changes, CancellationToken cancellation)
    {
        var found = (await StoredEvents.CausedByAsync(database, EventName, changes, cancellation)).Select(Read).ToDictionary(x => x.CausationId);
        await using var anew = database.CreateCommand(
            $"select {StoredRow.Columns} from {EventTables.Events} e where e.stream_id = any($1) order by e.version");
        anew.Parameters.AddWithValue(changes.Select(x => AnewStreamOf(x.EventId)).ToArray());
        foreach (var decision in await ReadAsync(anew, cancellation)) found[decision.CausationId] = decision;
        return found;
    }

    /// <summary>The stream of the repeated decisions about a change of an alarm; the last of them counts.</summary>
    public static string AnewStreamOf(Guid change) => Ids.Derived("decision", change.ToString());

    private static async Task<List<RecordedDecision>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation) =>
        (await StoredRow.ReadAllAsync(command, cancellation)).ConvertAll(Read);

    private static RecordedDecision Read(StoredRow x) => new(
        x.Sequence, x.Id, x.StreamId, x.At, x.CorrelationId, Guid.Parse(x.CausationId!),
        JsonSerializer.Deserialize<AlarmDecided>(x.Data, NotifyJson.Options)!);
}
