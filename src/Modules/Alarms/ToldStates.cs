using System.Text.Json;
using Marten;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Notify.Alarms;

/// <summary>A change of an alarm as it is published to another system.</summary>
/// <param name="Change"><c>reported</c>, <c>expired</c>, <c>acknowledged</c>, <c>shelved</c> or <c>unshelved</c>.</param>
/// <param name="By">Who acknowledged it; null otherwise.</param>
internal sealed record ToldState(
    string AlarmId, string? SourceId, string Name, string Path, string Type, AlarmLevel Level, AlarmState State, string Value,
    DateTimeOffset EventTime, DateTimeOffset? StartTime, string Description, bool Shelved, IReadOnlyDictionary<string, string> Labels, string Change,
    string? By, string? Note, DateTimeOffset At, long Version)
{
    public static string Of(object fact, Alarm after, DateTimeOffset now)
    {
        var facts = after.Facts;
        var (change, by, note) = fact switch
        {
            AlarmAcknowledged x => ("acknowledged", x.By, x.Note),
            AlarmShelved => ("shelved", null, null),
            AlarmUnshelved => ("unshelved", null, null),
            AlarmExpired => ("expired", null, null),
            _ => ("reported", (string?)null, (string?)null),
        };
        return JsonSerializer.Serialize(
            new ToldState(
                after.Id, after.SourceId, facts.Name, facts.Path, facts.Type, facts.Level, facts.State, facts.Value, facts.EventTime, facts.StartTime,
                facts.Description, facts.Shelved, facts.Labels, change, by, note, Instants.Cut(now), after.Version),
            NotifyJson.Options);
    }
}

/// <summary>A state that waits to be published.</summary>
internal sealed record WaitingState(long Position, string Body);

/// <summary>The states that wait to be published to another system.</summary>
/// <param name="isOn">Whether states are published at all.</param>
public sealed class ToldStates(bool isOn)
{
    private const string State = $"{Database.Schema}.told_state";

    /// <summary>Without its text a row is useless.</summary>
    public static readonly OwnedTable Owned = new("told_state") { Texts = ["body"], RowsAreTexts = true };

    public bool IsOn => isOn;

    public static ISchemaObject Table()
    {
        var state = Database.Table("told_state");
        state.AddColumn("position", "bigserial").AsPrimaryKey();
        state.AddColumn("body", "jsonb").NotNull();
        return state;
    }

    /// <summary>Stores states in the transaction of the changes that they report.</summary>
    internal static void Queue(IDocumentSession session, string[] bodies)
    {
        if (bodies.Length == 0) return;
        session.QueueSqlCommand($"insert into {State} (body) select x::jsonb from unnest(?) as x", (object)bodies);
    }

    /// <summary>The first waiting states. Those of one alarm are in the order of its changes.</summary>
    internal static async Task<List<WaitingState>> WaitingAsync(NpgsqlDataSource database, int most, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select position, body from {State} order by position limit $1");
        command.Parameters.AddWithValue(most);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var waiting = new List<WaitingState>();
        while (await reader.ReadAsync(cancellation)) waiting.Add(new(reader.GetInt64(0), reader.GetString(1)));
        return waiting;
    }

    internal static async Task PublishedAsync(NpgsqlDataSource database, long[] positions, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {State} where position = any($1)");
        command.Parameters.AddWithValue(positions);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
