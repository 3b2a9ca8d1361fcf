using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Proofs.Erasing;

/// <summary>
/// Takes a subject out of whatever else the database keeps: read models, lists, indexes. It asks PostgreSQL which tables there are, so that none is forgotten.
/// </summary>
public sealed class TableEraser(NpgsqlConnection connection, Subject subject)
{
    /// <summary>The events have their own way; keys and checkpoints name nobody, and would not verify.</summary>
    private static readonly string[] spared = ["mt_events", "audit_checkpoint", "audit_key", "audit_node", "audit_leaves", "audit_redaction", "secret"];

    private sealed record Column(string Table, string Name, string Type, bool IsKey);

    /// <summary>Configuration that still uses the subject, as a reader would look for it: <c>service "Plant WeCom"</c>.</summary>
    public async Task<List<string>> ConfiguredAsync(CancellationToken cancellation)
    {
        var used = new List<string>();
        foreach (var column in (await ColumnsAsync(cancellation)).Where(x => x.Table.StartsWith("mt_doc_", StringComparison.Ordinal) && x is { Name: "data", Type: "jsonb" }))
        {
            // Who made or changed it is history, not configuration.
            await using var command = new NpgsqlCommand(
                $"select coalesce(data->>'name', id::text) from {Database.Schema}.{column.Table} where (data - 'createdBy' - 'updatedBy')::text ~* $1 limit 10", connection);
            command.Parameters.AddWithValue(subject.JsonPattern);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) used.Add($"{column.Table["mt_doc_".Length..].Replace('_', ' ')} \"{reader.GetString(0)}\"");
        }

        return used;
    }

    /// <summary>Whether something is still to be sent to the subject.</summary>
    public async Task<bool> IsAwaitedAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select exists (select from {Database.Schema}.notification where due_at is not null and array_to_string(receivers, chr(10)) ~* $1)", connection);
        command.Parameters.AddWithValue(subject.Pattern);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <returns>How many rows of which table were changed.</returns>
    public async Task<Dictionary<string, long>> EraseAsync(CancellationToken cancellation)
    {
        var changed = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in (await ColumnsAsync(cancellation)).GroupBy(x => x.Table))
        {
            foreach (var column in table)
            {
                await using var command = new NpgsqlCommand(Statement(column), connection) { CommandTimeout = 0 };
                command.Parameters.AddWithValue(column.Type is "jsonb" or "json" ? subject.JsonPattern : subject.Pattern);
                if (await command.ExecuteNonQueryAsync(cancellation) is > 0 and var rows) changed[table.Key] = changed.GetValueOrDefault(table.Key) + rows;
            }
        }

        if (await EraseReportsAsync(cancellation) is > 0 and var reports) changed["replay_part"] = reports;
        return changed;
    }

    /// <summary>Reports of replays are kept compressed, where no pattern finds anything: all of them go. Who needs one asks for the replay anew, and gets it without the subject.</summary>
    /// <exception cref="ProblemException">409: a replay is under way, and would write the subject again.</exception>
    private async Task<long> EraseReportsAsync(CancellationToken cancellation)
    {
        await using (var open = new NpgsqlCommand($"select exists (select from {Database.Schema}.replay where status in ('Pending', 'Running'))", connection))
        {
            if ((bool)(await open.ExecuteScalarAsync(cancellation))!) throw ProblemException.Conflict("A replay is under way: wait until it has ended, or cancel it.");
        }

        await using var command = new NpgsqlCommand($"delete from {Database.Schema}.replay_part", connection);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Statement(Column column)
    {
        var table = $"{Database.Schema}.{column.Table}";
        var name = $"\"{column.Name}\"";
        // A row of the search index is known by the text itself: there is nothing to keep of it.
        if (column.Table == "audit_term" || column.IsKey) return $"delete from {table} where {name}::text ~* $1";
        return column.Type switch
        {
            "jsonb" or "json" => $"update {table} set {name} = regexp_replace({name}::text, $1, '{Erased.Text}', 'gi')::{column.Type} where {name}::text ~* $1",
            "_text" or "_varchar" =>
                $"update {table} set {name} = (select array_agg(regexp_replace(x, $1, '{Erased.Text}', 'gi') order by o) from unnest({name}) with ordinality u(x, o)) where array_to_string({name}, chr(10)) ~* $1",
            _ => $"update {table} set {name} = regexp_replace({name}, $1, '{Erased.Text}', 'gi') where {name} ~* $1",
        };
    }

    private async Task<List<Column>> ColumnsAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select c.table_name, c.column_name, c.udt_name, exists (
              select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
              where i.indrelid = format('%I.%I', c.table_schema, c.table_name)::regclass and i.indisprimary and a.attname = c.column_name)
            from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
            where c.table_schema = $1 and t.table_type = 'BASE TABLE' and c.table_name <> all($2)
              and c.udt_name in ('text', 'varchar', 'jsonb', 'json', '_text', '_varchar') and c.is_generated = 'NEVER'
            order by 1, 2
            """, connection);
        command.Parameters.AddWithValue(Database.Schema);
        command.Parameters.AddWithValue(spared);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var columns = new List<Column>();
        while (await reader.ReadAsync(cancellation)) columns.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
        return columns;
    }
}
