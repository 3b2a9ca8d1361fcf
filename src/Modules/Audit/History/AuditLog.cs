using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.History;

public sealed record AuditFilter(
    DateTimeOffset? From, DateTimeOffset? To, string? Actor, string? Module, string? Resource, string? Type, string? CorrelationId, string? Text);

/// <summary>Reads the events themselves, in their order. Nothing else is the record.</summary>
public sealed class AuditLog(NpgsqlDataSource database)
{
    private const string Events = $"{Database.Schema}.mt_events";

    public async Task<List<AuditRow>> ReadAsync(AuditFilter filter, long? cursor, bool newestFirst, int limit, CancellationToken cancellation)
    {
        var (where, values) = Where(filter);
        if (cursor is { } position) Add(where, values, newestFirst ? "e.seq_id < " : "e.seq_id > ", position);
        await using var command = database.CreateCommand(
            $"""
            select e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.user_name, e.correlation_id, e.causation_id, e.headers, e.data,
                   (select p.data from {Events} p where p.stream_id = e.stream_id and p.version < e.version and p.data ? 'settings'
                    and e.type like '%\_%ed.v_' order by p.version desc limit 1)
            from {Events} e where {where} order by e.seq_id {(newestFirst ? "desc" : "asc")} limit {limit}
            """);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<AuditRow>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new AuditRow(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt64(3), reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5),
                Text(reader, 6), Text(reader, 7), Text(reader, 8), Text(reader, 9), reader.GetString(10), Text(reader, 11) is { } before ? JsonNode.Parse(before) : null));
        }

        return rows;
    }

    private static (StringBuilder Where, List<object> Values) Where(AuditFilter filter)
    {
        var (where, values) = (new StringBuilder("true"), new List<object>());
        if (filter.From is { } from) Add(where, values, "e.timestamp >= ", from);
        if (filter.To is { } to) Add(where, values, "e.timestamp < ", to);
        if (filter.Actor is { } actor)
        {
            values.Add(actor);
            where.Append(CultureInfo.InvariantCulture, $" and (e.user_name = ${values.Count} or e.headers->>'{AuditContext.ActorNameHeader}' = ${values.Count})");
        }

        if (filter.Module is { } module) Add(where, values, "split_part(e.type, '.', 1) = ", module);
        if (filter.Type is { } type) Add(where, values, "e.type = ", type);
        if (filter.CorrelationId is { } correlation) Add(where, values, "e.correlation_id = ", correlation);
        if (filter.Resource is { } resource)
        {
            // An id, or a kind.
            if (resource.Contains('-', StringComparison.Ordinal)) Add(where, values, "e.stream_id = ", resource);
            else Add(where, values, "split_part(e.stream_id, '-', 1) = ", resource);
        }

        if (filter.Text is { } text) Add(where, values, "e.data::text ilike ", $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%");
        return (where, values);
    }

    private static void Add(StringBuilder where, List<object> values, string condition, object value)
    {
        values.Add(value);
        where.Append(CultureInfo.InvariantCulture, $" and {condition}${values.Count}");
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
