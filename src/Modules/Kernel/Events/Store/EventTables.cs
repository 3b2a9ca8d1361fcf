using Marten;
using Npgsql;
using Weasel.Core.Migrations;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Events.Store;

/// <summary>
/// Marten's tables of events and streams, as the alarm path needs them (docs/decisions/0015). This folder is the only place that names tables of
/// Marten's and Wolverine's: <c>tests/Kernel</c> holds the columns that Notify relies on, so that an upgrade of either library shows what has
/// changed.
/// </summary>
public static class EventTables
{
    /// <summary>One row for each event.</summary>
    public const string Events = $"{Database.Schema}.{EventTable}";

    /// <summary>One row for each stream: its id and the version it has come to.</summary>
    public const string Streams = $"{Database.Schema}.{StreamTable}";

    /// <summary>Numbers the events.</summary>
    public const string Sequence = $"{Database.Schema}.{EventTable}_sequence";

    /// <summary>The last number taken from the sequence; its event may not be committed yet. SQL, for use in a larger query.</summary>
    public const string LastNumber = $"(select last_value from {Sequence})";

    /// <summary>The highest number of an event that is committed, 0 before the first.</summary>
    public const string HighestNumber = $"(select coalesce(max(seq_id), 0) from {Events})";

    /// <summary>Whether the schema is there.</summary>
    public const string Exist = $"(to_regclass('{Events}') is not null)";

    /// <summary>The type of the event that Marten stores in place of events that could not be stored. It says nothing, and may come late.</summary>
    public const string Tombstone = "tombstone";

    private const string EventTable = "mt_events";
    private const string StreamTable = "mt_streams";

    /// <summary>Joins the event that a stream begins with, as <paramref name="alias"/>.</summary>
    /// <param name="stream">SQL for the stream's id: a column of the caller's table.</param>
    public static string JoinFirst(string stream, string alias = "e") =>
        $"join {Events} {alias} on {alias}.stream_id = {stream} and {alias}.version = 1";

    public static async Task<bool> ExistAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Exist}");
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>What <see cref="EventBatch"/> writes, with <c>?</c> for its arrays: streams first, then events, in one statement.</summary>
    internal const string Append = $"{AppendStreams}\n{AppendEvents}";

    /// <summary>The same as the beginning of a statement that goes on with the new events, as <see cref="Appended"/>.</summary>
    internal const string AppendAnd = $"{AppendStreams}, {Appended} as (\n{AppendEvents}\nreturning seq_id, stream_id, version)\n";

    /// <summary>The events that the same statement has appended, for <see cref="RowsOfEvents"/>: <c>seq_id, stream_id, version</c>.</summary>
    public const string Appended = "appended";

    private const string AppendStreams =
        $"""
        with streams as (
          insert into {Streams} (id, version, timestamp, created)
          select s.id, s.version, ?, ? from unnest(?, ?) as s(id, version)
          on conflict (id) do update set version = excluded.version, timestamp = excluded.timestamp)
        """;

    private const string AppendEvents =
        $"""
        insert into {Events}
          (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
        select nextval('{Sequence}'), e.id, e.stream_id, e.version, e.data::jsonb, e.type, ?, e.dotnet_type,
               e.correlation_id, e.causation_id, e.headers::jsonb, e.user_name
        from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          as e(id, stream_id, version, data, type, dotnet_type, correlation_id, causation_id, headers, user_name)
        """;

    /// <summary>
    /// Called when everything else is configured: what Marten makes of its tables is kept from here on. An existing schema is brought to it by the
    /// next migration, without rewriting a row.
    /// </summary>
    /// <param name="withDerivedIds">Names of events whose id is derived from what they report, and unique.</param>
    /// <param name="lookedFor">Names of events that are found by their type.</param>
    internal static void MakeLean(StoreOptions options, IEnumerable<string> withDerivedIds, IEnumerable<string> lookedFor)
    {
        var tables = ((IFeatureSchema)options.Events).Objects.OfType<Table>().ToDictionary(x => x.Identifier.Name, StringComparer.Ordinal);
        // Each event would look up and lock its stream's row, which is written in the same statement: a third of what an event costs. That no event
        // is without its stream is shown by the proofs, which also find what a foreign key lets through.
        tables[EventTable].ForeignKeys.Clear();
        // A report told twice is recorded once. All other ids are random, and nothing is found by them.
        foreach (var type in withDerivedIds)
            tables[EventTable].Indexes.Add(new IndexDefinition(IndexOf(type)) { Columns = ["id"], IsUnique = true, Predicate = Is(type) });
        // Whatever permits or forbids destroying data is read from its events. They are few; for all other events these indexes cost one comparison.
        foreach (var type in lookedFor)
            tables[EventTable].Indexes.Add(new IndexDefinition(IndexOf(type)) { Columns = ["seq_id"], Predicate = Is(type) });
        // A notification's stream is updated twice within moments: with room on its page that touches no index.
        tables[StreamTable].FillFactor = 80;
    }

    private static string IndexOf(string type) => $"{EventTable}_{type.Split('.')[1]}";

    /// <summary>In PostgreSQL's own words, which the next start compares.</summary>
    private static string Is(string type) => $"((type)::text = '{type}'::text)";
}
