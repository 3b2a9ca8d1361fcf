using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Operation.Nodes;

/// <summary>The database's schema differs from the one that a node last saw. Stream <c>schema-notify</c>.</summary>
/// <param name="Added">Columns (<c>table.column type</c>), indexes and functions.</param>
public sealed record SchemaChanged(IReadOnlyList<string> Added, IReadOnlyList<string> Removed);

/// <summary>Compares the schema with its recorded state, and records the differences, whoever made them.</summary>
internal static class SchemaRecord
{
    private const string Stream = "schema-notify";

    public static async Task RecordAsync(
        NpgsqlDataSource database, EventCatalog catalog, IDocumentStore store, EventBatches batches, AuditContext audit,
        CancellationToken cancellation)
    {
        var (recorded, version) = await ReadRecordedAsync(database, catalog, cancellation);
        var found = await ReadFoundAsync(database, cancellation);
        if (recorded.SetEquals(found)) return;
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(Stream, version + 1, new SchemaChanged([.. found.Except(recorded)], [.. recorded.Except(found)]), audit);
        events.QueueTo(session);
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            // Another starting node has recorded it.
        }
    }

    /// <summary>An event that cannot be read is skipped: what it recorded counts as a difference, and is recorded again.</summary>
    private static async Task<(SortedSet<string> Objects, long Version)> ReadRecordedAsync(
        NpgsqlDataSource database, EventCatalog catalog, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select version, type, data from {EventTables.Events} where stream_id = $1 order by version");
        command.Parameters.AddWithValue(Stream);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (objects, version) = (new SortedSet<string>(StringComparer.Ordinal), 0L);
        while (await reader.ReadAsync(cancellation))
        {
            version = reader.GetInt64(0);
            if (catalog.TryRead(reader.GetString(1), reader.GetFieldValue<byte[]>(2)) is not SchemaChanged change) continue;
            objects.ExceptWith(change.Removed);
            objects.UnionWith(change.Added);
        }

        return (objects, version);
    }

    private static async Task<SortedSet<string>> ReadFoundAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select format('%s.%s.%s %s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end)
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('{Database.Schema}', '{MessageTables.Schema}') and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
            union all select indexdef from pg_indexes where schemaname in ('{Database.Schema}', '{MessageTables.Schema}')
            union all select format('function %s.%s md5 %s', n.nspname, p.oid::regprocedure, md5(p.prosrc)) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname in ('{Database.Schema}', '{MessageTables.Schema}')
            union all select format('trigger %s on %s', t.tgname, t.tgrelid::regclass) from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('{Database.Schema}', '{MessageTables.Schema}') and not t.tgisinternal
            """);
        return new(await command.ReadTextsAsync(cancellation), StringComparer.Ordinal);
    }
}
