using System.Text;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Following;

/// <summary>One row of the event store, as stored.</summary>
/// <param name="Data">JSON in PostgreSQL's own form (<c>jsonb</c> as text).</param>
/// <param name="Headers">Likewise.</param>
public sealed record FollowedEvent(
    long Sequence, Guid Id, string StreamId, long Version, string Type, DateTimeOffset Timestamp, string? TenantId, string? DotNetType,
    string? UserName, string? CorrelationId, string? CausationId, string? Headers, string Data, bool IsArchived)
{
    /// <summary>In the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "seq_id, id, stream_id, version, type, timestamp, tenant_id, mt_dotnet_type, user_name, correlation_id, causation_id, headers, data, is_archived";

    public const string Table = $"{Database.Schema}.mt_events";

    public static FollowedEvent Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), Text(row, 2) ?? "", row.GetInt64(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), Text(row, 6), Text(row, 7),
        Text(row, 8), Text(row, 9), Text(row, 10), Text(row, 11), row.GetString(12), row.GetBoolean(13));

    /// <summary>The same in UTF-8, as the steps are given it.</summary>
    public EventRow ToRow() => new()
    {
        Sequence = Sequence,
        Id = Id,
        Version = Version,
        At = (Timestamp.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        Archived = IsArchived,
        Stream = Encoding.UTF8.GetBytes(StreamId),
        Type = Encoding.UTF8.GetBytes(Type),
        User = Bytes(UserName),
        Correlation = Bytes(CorrelationId),
        Causation = Bytes(CausationId),
        Headers = Bytes(Headers),
        Data = Encoding.UTF8.GetBytes(Data),
    };

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
