using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Erasing;

/// <summary>Removes a subject from everything that the database keeps besides the events, as declared by the modules for their tables
/// (<see cref="OwnedTable"/>).</summary>
public sealed class TableEraser(NpgsqlConnection connection, Subject subject, IEnumerable<OwnedTable> tables)
{
    /// <summary>Configuration that still contains the subject, by kind and name: <c>service "Plant 1"</c>.</summary>
    public async Task<List<string>> ConfiguredAsync(CancellationToken cancellation)
    {
        var used = new List<string>();
        foreach (var table in tables.Where(x => x.Noun is not null))
        {
            // Who created or changed a record is history, not configuration.
            await using var command = new NpgsqlCommand(
                $"select coalesce(data->>'name', id::text) from {table.FullName} where (data - 'createdBy' - 'updatedBy')::text ~* $1 limit 10",
                connection);
            command.Parameters.AddWithValue(subject.JsonPattern);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) used.Add($"{table.Noun} \"{reader.GetString(0)}\"");
        }

        return used;
    }

    /// <summary>Whether unfinished work names the subject, in its row or in one of these events.</summary>
    public async Task<bool> IsUnderWayAsync(long[] sequences, CancellationToken cancellation)
    {
        foreach (var table in tables.Where(x => x.UnderWay is not null))
        {
            var names = (await ColumnsAsync(table, cancellation)).Select(x => $"{x.AsText} ~* ${(x.IsJson ? 2 : 1)}").ToList();
            if (table.Stream is { } stream) names.Add($"t.{stream} in (select stream_id from {EventTables.Events} where seq_id = any($3))");
            await using var command = new NpgsqlCommand(
                $"select exists (select from {table.FullName} t where ({table.UnderWay}) and ({string.Join(" or ", names)}))", connection)
            { CommandTimeout = 0 };
            command.Parameters.AddWithValue(subject.Pattern);
            command.Parameters.AddWithValue(subject.JsonPattern);
            command.Parameters.AddWithValue(sequences);
            if ((bool)(await command.ExecuteScalarAsync(cancellation))!) return true;
        }

        return false;
    }

    /// <returns>How many rows of which table were changed.</returns>
    /// <exception cref="ProblemException">The subject cannot be erased from hidden content now.</exception>
    public async Task<Dictionary<string, long>> EraseAsync(CancellationToken cancellation)
    {
        var changed = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            var rows = table.Hidden is { } hidden ? await hidden(connection, subject.IsIn, cancellation) : 0;
            foreach (var column in await ColumnsAsync(table, cancellation))
            {
                await using var command = new NpgsqlCommand(
                    table.RowsAreTexts ? $"delete from {table.FullName} where {column.AsText} ~* $1"
                    : $"update {table.FullName} set {column.Name} = {column.Erased} where {column.AsText} ~* $1", connection)
                { CommandTimeout = 0 };
                command.Parameters.AddWithValue(column.IsJson ? subject.JsonPattern : subject.Pattern);
                rows += await command.ExecuteNonQueryAsync(cancellation);
            }

            if (rows > 0) changed[table.Name] = rows;
        }

        return changed;
    }

    private sealed record Column(string Name, string Type)
    {
        public bool IsJson => Type is "jsonb";

        public string AsText => Type switch
        {
            "jsonb" => $"{Name}::text",
            "_text" or "_varchar" => $"array_to_string({Name}, chr(10))",
            _ => Name,
        };

        public string Erased => Type switch
        {
            "jsonb" => $"regexp_replace({Name}::text, $1, '{Proofs.Log.Erased.Text}', 'gi')::jsonb",
            "_text" or "_varchar" =>
            $"(select array_agg(regexp_replace(x, $1, '{Proofs.Log.Erased.Text}', 'gi') order by o) from unnest({Name}) with ordinality u(x, o))",
            _ => $"regexp_replace({Name}, $1, '{Proofs.Log.Erased.Text}', 'gi')",
        };
    }

    private async Task<List<Column>> ColumnsAsync(OwnedTable table, CancellationToken cancellation)
    {
        var columns = new List<Column>();
        if (table.Texts.Count == 0) return columns;
        await using var command = new NpgsqlCommand(
            "select column_name, udt_name from information_schema.columns where table_schema = $1 and table_name = $2 and column_name = any($3) order by 1", connection);
        command.Parameters.AddWithValue(table.Schema);
        command.Parameters.AddWithValue(table.Name);
        command.Parameters.AddWithValue(table.Texts.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) columns.Add(new Column(reader.GetString(0), reader.GetString(1)));
        return columns.Count == table.Texts.Count
            ? columns : throw new InvalidOperationException($"The table {table.FullName} lacks one of the columns {string.Join(", ", table.Texts)}.");
    }
}
