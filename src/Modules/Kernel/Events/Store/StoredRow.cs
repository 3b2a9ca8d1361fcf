using System.Data.Common;
using System.Text;

namespace Notify.Kernel.Events.Store;

/// <summary>An event as stored, whoever wrote it.</summary>
/// <param name="Headers">JSON in PostgreSQL's text form of <c>jsonb</c>.</param>
/// <param name="Data">Likewise, in UTF-8.</param>
public sealed record StoredRow(
    long Sequence, Guid Id, string StreamId, long Version, string Type, DateTimeOffset At, string? UserName, string? CorrelationId,
    string? CausationId, string? Headers, byte[] Data,
    bool IsArchived)
{
    /// <summary>SQL: the columns of the event <c>e</c>, in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.user_name, e.correlation_id, e.causation_id, e.headers, e.data, e.is_archived";

    public string Json => Encoding.UTF8.GetString(Data);

    /// <param name="row">A row that begins with <see cref="Columns"/>.</param>
    public static StoredRow Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), Text(row, 2) ?? "", row.GetInt64(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), Text(row, 6),
        Text(row, 7), Text(row, 8), Text(row, 9),
        row.GetFieldValue<byte[]>(10), !row.IsDBNull(11) && row.GetBoolean(11));

    /// <summary>The same in UTF-8.</summary>
    public EventRow ToRow() => new()
    {
        Sequence = Sequence,
        Id = Id,
        Version = Version,
        At = (At.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
        Archived = IsArchived,
        Stream = Encoding.UTF8.GetBytes(StreamId),
        Type = Encoding.UTF8.GetBytes(Type),
        User = Bytes(UserName),
        Correlation = Bytes(CorrelationId),
        Causation = Bytes(CausationId),
        Headers = Bytes(Headers),
        Data = Data,
    };

    public static async Task<List<StoredRow>> ReadAllAsync(DbCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<StoredRow>();
        while (await reader.ReadAsync(cancellation)) rows.Add(Read(reader));
        return rows;
    }

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
