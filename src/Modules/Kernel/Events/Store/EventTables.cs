using Marten;
using Npgsql;
using Weasel.Core.Migrations;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Events.Store;

/// <summary>
/// Marten's tables of events and streams, as the alarm path needs them (docs/decisions/0015). Only this folder names tables of Marten and Wolverine:
/// <c>tests/Kernel</c> verifies the columns that Notify relies on, so that an upgrade of either library reveals changes.
/// </summary>
public static class EventTables
{
    /// <summary>One row for each event.</summary>
    public const string Events = $"{Database.Schema}.{EventTable}";

    /// <summary>One row for each stream: its id and its current version.</summary>
    public const string Streams = $"{Database.Schema}.{StreamTable}";

    /// <summary>The sequence that numbers the events.</summary>
    public const string Sequence = $"{Database.Schema}.{EventTable}_sequence";

    /// <summary>SQL: the last number taken from the sequence; its event may not be committed yet.</summary>
    public const string LastNumber = $"(select last_value from {Sequence})";

    /// <summary>SQL: the highest sequence number of a committed event; 0 if there are none. A row whose number the sequence has not given out was not
    /// written by Notify, and does not count.</summary>
    public const string HighestNumber = $"(select coalesce(max(seq_id), 0) from {Events} where seq_id <= {LastNumber})";

    /// <summary>SQL: whether the schema exists.</summary>
    public const string Exist = $"(to_regclass('{Events}') is not null)";

    /// <summary>The type of the event that Marten stores in place of events that could not be stored. It has no content, and may come late.</summary>
    public const string Tombstone = "tombstone";

    private const string EventTable = "mt_events";
    private const string StreamTable = "mt_streams";

    /// <summary>SQL: joins the first event of a stream as <paramref name="alias"/>.</summary>
    /// <param name="stream">SQL for the stream's id: a column of the caller's table.</param>
    public static string JoinFirst(string stream, string alias = "e") =>
        $"join {Events} {alias} on {alias}.stream_id = {stream} and {alias}.version = 1";

    public static async Task<bool> ExistAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Exist}");
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>The statement of <see cref="EventBatch"/>, with <c>?</c> for its arrays: streams first, then events.</summary>
    internal const string Append = $"{AppendStreams}\n{AppendEvents}";

    /// <summary>The same as the beginning of a statement that continues with the new events as <see cref="Appended"/>.</summary>
    internal const string AppendAnd = $"{AppendStreams}, {Appended} as (\n{AppendEvents}\nreturning seq_id, stream_id, version)\n";

    /// <summary>The events appended by the same statement, for <see cref="RowsOfEvents"/>: <c>seq_id, stream_id, version</c>.</summary>
    public const string Appended = "appended";

    private const string AppendStreams =
        $"""
        with streams as (
          insert into {Streams} (id, version, timestamp, created)
          select s.id, s.version, ?, ? from unnest(?, ?) as s(id, version)
          on conflict (id) do update set version = excluded.version, timestamp = excluded.timestamp
          returning id)
        """;

    // PostgreSQL runs last what nothing refers to. The streams come first, because by their rows all who change the same streams wait for each
    // other: a writer that held other rows while it waits there would block whoever holds the stream and removes these rows.
    private const string AppendEvents =
        $"""
        insert into {Events}
          (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
        select nextval('{Sequence}'), e.id, e.stream_id, e.version, e.data::jsonb, e.type, ?, e.dotnet_type,
               e.correlation_id, e.causation_id, e.headers::jsonb, e.user_name
        from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          as e(id, stream_id, version, data, type, dotnet_type, correlation_id, causation_id, headers, user_name)
        where (select count(*) from streams) > 0
        """;

    /// <summary>
    /// Call it after everything else is configured: Marten's definition of its tables is fixed from here on. The next migration adapts an existing
    /// schema without rewriting rows.
    /// </summary>
    /// <param name="withDerivedIds">Names of events whose id is derived from what they report, and unique.</param>
    /// <param name="lookedFor">Names of events that are searched for by type.</param>
    internal static void MakeLean(StoreOptions options, IEnumerable<string> withDerivedIds, IEnumerable<string> lookedFor)
    {
        ParameterTypes.Remember();
        var tables = ((IFeatureSchema)options.Events).Objects.OfType<Table>().ToDictionary(x => x.Identifier.Name, StringComparer.Ordinal);
        // Each event would look up and lock its stream's row, which the same statement writes: a third of an event's cost. The proofs show that every
        // event has its stream, and also find what a foreign key would not.
        tables[EventTable].ForeignKeys.Clear();
        // A repeated report is recorded once. All other ids are random, and nothing is looked up by them.
        foreach (var type in withDerivedIds)
            tables[EventTable].Indexes.Add(new IndexDefinition(IndexOf(type)) { Columns = ["id"], IsUnique = true, Predicate = Is(type) });
        // Whether data may be destroyed is read from these events. They are few; for all other events these indexes cost one comparison.
        foreach (var type in lookedFor)
            tables[EventTable].Indexes.Add(new IndexDefinition(IndexOf(type)) { Columns = ["seq_id"], Predicate = Is(type) });
        // A notification's stream is updated twice in quick succession: with free space on its page, no index is touched.
        tables[StreamTable].FillFactor = 80;
    }

    private static string IndexOf(string type) => $"{EventTable}_{type.Split('.')[1]}";

    /// <summary>In the form in which PostgreSQL stores it, with which the next start compares it.</summary>
    private static string Is(string type) => $"((type)::text = '{type}'::text)";
}
