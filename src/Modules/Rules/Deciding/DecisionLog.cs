using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Rules.Deciding;

/// <summary>A decision as it is on record.</summary>
/// <param name="At">The instant for which the schedules were asked.</param>
/// <param name="CausationId">The event of the alarm's change.</param>
public sealed record RecordedDecision(
    long Sequence, Guid EventId, string Stream, DateTimeOffset At, string? CorrelationId, Guid CausationId, AlarmDecided Decision);

/// <summary>Finds decisions: those of a period by their order, those about known changes right after the changes.</summary>
public sealed class DecisionLog(NpgsqlDataSource database)
{
    public const string EventName = "rules.alarm_decided.v1";
    /// <summary>In event order, at most so many.</summary>
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

    /// <summary>The latest first, at most so many.</summary>
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

    /// <param name="changes">Sequence and id of the events that record the changes.</param>
    /// <returns>By the id of the change's event; what is not decided yet is left out.</returns>
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

    /// <summary>The stream of what was decided again about a change of an alarm; the last decision is the one that counts.</summary>
    public static string AnewStreamOf(Guid change) => Ids.Derived("decision", change.ToString());

    private static async Task<List<RecordedDecision>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation) =>
        (await StoredRow.ReadAllAsync(command, cancellation)).ConvertAll(Read);

    private static RecordedDecision Read(StoredRow x) => new(
        x.Sequence, x.Id, x.StreamId, x.At, x.CorrelationId, Guid.Parse(x.CausationId!),
        JsonSerializer.Deserialize<AlarmDecided>(x.Data, NotifyJson.Options)!);
}
