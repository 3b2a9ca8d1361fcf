using System.Buffers;
using System.Buffers.Binary;
using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>Reads events in order at PostgreSQL's full speed, with binary COPY, in constant memory.</summary>
public sealed class EventRows : IAsyncDisposable
{
    private const string Columns =
        "seq_id, id, stream_id, version, type, timestamp, user_name, correlation_id, causation_id, headers, data, is_archived, " +
        "tenant_id <> '*DEFAULT*' or tenant_id is null or bdata is not null or stream_id is null or timestamp not between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'";
    private const int HeaderLength = 19;
    private const long UnixToPostgres = 946_684_800_000_000; // microseconds from 1970 to 2000

    /// <summary>Microseconds since 1970 of the first and the last time with a year of four digits. PostgreSQL supports more, and
    /// infinity.</summary>
    private const long FirstInstant = -62_135_596_800_000_000, LastInstant = 253_402_300_799_999_999;

    private readonly NpgsqlRawCopyStream copy;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
    private int start;
    private int end;

    private EventRows(NpgsqlRawCopyStream copy) => this.copy = copy;

    public EventRow Row { get; } = new();

    /// <param name="where">A condition on the columns of <see cref="EventTables.Events"/>. Must not contain outside input.</param>
    public static async Task<EventRows> OpenAsync(NpgsqlConnection connection, string where, CancellationToken cancellation, int? limit = null)
    {
        var copy = await connection.BeginRawBinaryCopyAsync(
            $"copy (select {Columns} from {EventTables.Events} where {where} order by seq_id{(limit is null ? "" : $" limit {limit}")}) to stdout (format binary)", cancellation);
        var rows = new EventRows(copy);
        await rows.FillAsync(HeaderLength, cancellation);
        rows.start = HeaderLength;
        return rows;
    }

    /// <returns>False: there are no more rows.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var needed = TryParse();
            if (needed == 0) return true;
            if (needed < 0) return false;
            await FillAsync(needed, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await copy.DisposeAsync();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    /// <returns>0: a row was read. Negative: the end. Otherwise the number of bytes needed before trying again.</returns>
    private int TryParse()
    {
        var there = buffer.AsSpan(start, end - start);
        if (there.Length < 2) return 2;
        var count = BinaryPrimitives.ReadInt16BigEndian(there);
        if (count < 0) return -1;
        Span<(int Start, int Length)> fields = stackalloc (int, int)[count];
        var at = 2;
        for (var i = 0; i < count; i++)
        {
            if (there.Length < at + 4) return at + 4;
            var length = BinaryPrimitives.ReadInt32BigEndian(there[at..]);
            at += 4;
            if (length > 0 && there.Length < at + length) return at + length;
            fields[i] = (start + at, length);
            if (length > 0) at += length;
        }

        Row.Sequence = BinaryPrimitives.ReadInt64BigEndian(buffer.AsSpan(fields[0].Start));
        Row.Id = new Guid(buffer.AsSpan(fields[1].Start, 16), bigEndian: true);
        Row.Stream = Text(fields[2]) ?? default;
        Row.Version = BinaryPrimitives.ReadInt64BigEndian(buffer.AsSpan(fields[3].Start));
        Row.Type = Text(fields[4])!.Value;
        Row.At = Math.Clamp(BinaryPrimitives.ReadInt64BigEndian(buffer.AsSpan(fields[5].Start)), FirstInstant - UnixToPostgres,
            LastInstant - UnixToPostgres) + UnixToPostgres;
        Row.User = Text(fields[6]);
        Row.Correlation = Text(fields[7]);
        Row.Causation = Text(fields[8]);
        Row.Headers = Text(fields[9]) is { } headers ? headers[1..] : default(ReadOnlyMemory<byte>?); // jsonb: the format's version, then text
        Row.Data = Text(fields[10])!.Value[1..];
        Row.Archived = fields[11].Length == 1 && buffer[fields[11].Start] != 0;
        Row.Foreign = buffer[fields[12].Start] != 0;
        start += at;
        return 0;
    }

    // Not "null": that would be converted to an empty ReadOnlyMemory instead of null.
    private ReadOnlyMemory<byte>? Text((int Start, int Length) field) =>
        field.Length < 0 ? default(ReadOnlyMemory<byte>?) : buffer.AsMemory(field.Start, field.Length);

    private async ValueTask FillAsync(int needed, CancellationToken cancellation)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (needed > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, buffer.Length * 2));
            buffer.AsSpan(0, end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        while (end - start < needed)
        {
            var read = await copy.ReadAsync(buffer.AsMemory(end), cancellation);
            if (read == 0) throw new EndOfStreamException("PostgreSQL ended the rows in the middle of one.");
            end += read;
        }
    }
}
