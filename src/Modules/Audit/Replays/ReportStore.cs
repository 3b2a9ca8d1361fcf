using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary>The parts of reports, compressed. A report is its parts in order; a whole one is never held in memory.</summary>
public static class ReportStore
{
    public static async Task WriteAsync(NpgsqlConnection connection, string replayId, IReadOnlyList<ReportPart> parts, CancellationToken cancellation)
    {
        foreach (var part in parts)
        {
            await using var command = new NpgsqlCommand(
                $"""
                insert into {ReplayTable.Parts} (replay_id, report, number, body) values ($1, $2, $3, $4)
                on conflict (replay_id, report, number) do update set body = excluded.body
                """, connection);
            command.Parameters.AddWithValue(replayId);
            command.Parameters.AddWithValue(part.Report);
            command.Parameters.AddWithValue(part.Number);
            command.Parameters.AddWithValue(Compress(part.Content));
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    public static async Task<bool> ExistsAsync(NpgsqlDataSource database, string replayId, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select exists (select from {ReplayTable.Parts} where replay_id = $1)");
        command.Parameters.AddWithValue(replayId);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task<IReadOnlyList<ReplayReport>> FingerprintsAsync(
        NpgsqlConnection connection, string replayId, CancellationToken cancellation)
    {
        var reports = new List<ReplayReport>();
        foreach (var name in (string[])[ReportPart.Json, ReportPart.Html("en"), ReportPart.Html("zh")]) reports.Add(
            await FingerprintAsync(connection, replayId, name, cancellation));
        return reports;
    }

    public static async Task<ReplayReport> FingerprintAsync(NpgsqlConnection connection, string replayId, string name, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        await ReadAsync(connection, replayId, name, chunk =>
        {
            hash.AppendData(chunk.Span);
            bytes += chunk.Length;
            return ValueTask.CompletedTask;
        }, cancellation);
        var parts = name.Split('.');
        return new ReplayReport(parts[0], parts.ElementAtOrDefault(1), bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The stored report, if it matches the fingerprint in the event of the replay's completion; null: it does not. The replay's row is not
    /// relied on, since somebody may have changed it too.</summary>
    public static async Task<ReplayReport?> OnRecordAsync(NpgsqlDataSource database, string replayId, string name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            $"select data->>'reports' from {EventTables.Events} where stream_id = $1 and type = $2 order by version desc limit 1", connection);
        command.Parameters.AddWithValue(replayId);
        command.Parameters.AddWithValue(ReplayWiring.Completed);
        if (await command.ExecuteScalarAsync(cancellation) is not string json) return null;
        try
        {
            var recorded = JsonSerializer.Deserialize<List<ReplayReport>>(json, NotifyJson.Options)!;
            var found = await FingerprintAsync(connection, replayId, name, cancellation);
            return recorded.Contains(found) ? found : null;
        }
        catch (Exception e) when (e is InvalidDataException || EventRecord.IsUnreadable(e))
        {
            return null; // what cannot be unpacked does not match either, and nothing matches a record that cannot be read
        }
    }

    /// <summary>Passes on the report piece by piece, in order.</summary>
    public static async Task ReadAsync(
        NpgsqlConnection connection, string replayId, string report, Func<ReadOnlyMemory<byte>, ValueTask> use, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select body from {ReplayTable.Parts} where replay_id = $1 and report = $2 order by number", connection);
        command.Parameters.AddWithValue(replayId);
        command.Parameters.AddWithValue(report);
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation)) await UnpackAsync(await reader.GetStreamAsync(0, cancellation), use, cancellation);
    }

    /// <summary>The next compressed part of a report; keeps no connection.</summary>
    /// <returns>Its number; null when there is none after that one.</returns>
    public static async Task<(int? Number, byte[] Packed)> PartAfterAsync(
        NpgsqlDataSource database, string replayId, string report, int after, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select number, body from {ReplayTable.Parts} where replay_id = $1 and report = $2 and number > $3 order by number limit 1");
        command.Parameters.AddWithValue(replayId);
        command.Parameters.AddWithValue(report);
        command.Parameters.AddWithValue(after);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? (reader.GetInt32(0), reader.GetFieldValue<byte[]>(1)) : (null, []);
    }

    public static async Task UnpackAsync(Stream packed, Func<ReadOnlyMemory<byte>, ValueTask> use, CancellationToken cancellation)
    {
        await using var unpacked = new BrotliStream(packed, CompressionMode.Decompress);
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await unpacked.ReadAsync(buffer, cancellation)) > 0) await use(buffer.AsMemory(0, count));
    }

    private static byte[] Compress(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true)) brotli.Write(content);
        return packed.ToArray();
    }
}
