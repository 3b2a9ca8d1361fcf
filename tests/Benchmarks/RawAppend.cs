using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Benchmarks;

/// <summary>
/// What this PostgreSQL can append when nothing else is asked of it: for each alarm the five events and two streams that Notify writes, with the same
/// columns and indexes, in binary COPYs of 500 alarms, each committed.
/// </summary>
internal static class RawAppend
{
    private const int Alarms = 40_000;
    private const int Batch = 500;

    public static async Task<double> MeasureAsync(Bench bench)
    {
        await using var database = NpgsqlDataSource.Create(bench.ConnectionString);
        await ExecuteAsync(database, """
            create schema raw;
            create table raw.streams (like notify.mt_streams including all);
            create table raw.events (like notify.mt_events including all);
            """);
        await AppendAsync(database, 0, 4_000);
        Console.Write($"raw append: {Alarms:N0} alarms' rows … ");
        var clock = Stopwatch.StartNew();
        await AppendAsync(database, 1_000_000, Alarms);
        var rate = Alarms / clock.Elapsed.TotalSeconds;
        Console.WriteLine($"{rate:N0}/s");
        await ExecuteAsync(database, "drop schema raw cascade");
        return rate;
    }

    private static async Task AppendAsync(NpgsqlDataSource database, int first, int count)
    {
        await using var connection = await database.OpenConnectionAsync();
        for (var start = first; start < first + count; start += Batch)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var copy = await connection.BeginBinaryImportAsync(
                "copy raw.streams (id, version, timestamp, created) from stdin (format binary)"))
            {
                for (var i = start; i < start + Batch; i++)
                {
                    await WriteStreamAsync(copy, $"alarm-{i:d26}", 1);
                    await WriteStreamAsync(copy, $"notification-{i:d26}", 3);
                }

                await copy.CompleteAsync();
            }

            await using (var copy = await connection.BeginBinaryImportAsync(
                "copy raw.events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name) from stdin (format binary)"))
            {
                for (var i = start; i < start + Batch; i++)
                {
                    await WriteEventAsync(copy, (i * 5L) + 1, $"alarm-{i:d26}", 1, 430);
                    await WriteEventAsync(copy, (i * 5L) + 2, $"alarm-{i:d26}", 2, 330);
                    await WriteEventAsync(copy, (i * 5L) + 3, $"notification-{i:d26}", 1, 900);
                    await WriteEventAsync(copy, (i * 5L) + 4, $"notification-{i:d26}", 2, 300);
                    await WriteEventAsync(copy, (i * 5L) + 5, $"notification-{i:d26}", 3, 100);
                }

                await copy.CompleteAsync();
            }

            await transaction.CommitAsync();
        }
    }

    private static async Task WriteStreamAsync(NpgsqlBinaryImporter copy, string id, long version)
    {
        await copy.StartRowAsync();
        await copy.WriteAsync(id);
        await copy.WriteAsync(version);
        await copy.WriteAsync(TimeProvider.System.GetUtcNow());
        await copy.WriteAsync(TimeProvider.System.GetUtcNow());
    }

    private static async Task WriteEventAsync(NpgsqlBinaryImporter copy, long sequence, string stream, long version, int bytes)
    {
        await copy.StartRowAsync();
        await copy.WriteAsync(sequence);
        await copy.WriteAsync(Guid.CreateVersion7());
        await copy.WriteAsync(stream);
        await copy.WriteAsync(version);
        await copy.WriteAsync($"{{\"alarmId\":\"{stream}\",\"text\":\"{new string('x', bytes)}\"}}", NpgsqlDbType.Jsonb);
        await copy.WriteAsync("delivery.notification_requested.v1");
        await copy.WriteAsync(TimeProvider.System.GetUtcNow());
        await copy.WriteAsync("Notify.Delivery.Notifications.NotificationRequested, Notify.Delivery");
        await copy.WriteAsync("0192f0c1a2b37c4d8e9f001122334455");
        await copy.WriteAsync("0192f0c1-a2b3-7c4d-8e9f-001122334455");
        await copy.WriteAsync("{\"actor-name\":\"Notify\",\"actor-kind\":\"system\"}", NpgsqlDbType.Jsonb);
        await copy.WriteAsync("system");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
