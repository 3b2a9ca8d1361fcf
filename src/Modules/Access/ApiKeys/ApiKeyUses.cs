using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Access.ApiKeys;

/// <summary>When each key was last used. A request only notes it in memory; once a minute what is new goes to a table, in one statement.</summary>
public sealed class ApiKeyUses(NpgsqlDataSource database, TimeProvider time, ILogger<ApiKeyUses> logger) : BackgroundService
{
    private const string TableName = "api_key_use";
    private const string Name = $"{Database.Schema}.{TableName}";

    private static readonly TimeSpan interval = TimeSpan.FromMinutes(1);

    /// <summary>Nobody needs more precision.</summary>
    private static readonly TimeSpan fineness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> noted = new(StringComparer.Ordinal);
    private DateTimeOffset written = DateTimeOffset.MinValue;

    public static Table Table()
    {
        var table = Database.Table(TableName);
        table.AddColumn<string>("key_id").AsPrimaryKey();
        table.AddColumn("used_at", "timestamptz").NotNull();
        return table;
    }

    public void Note(string keyId)
    {
        var now = time.GetUtcNow();
        if (!noted.TryGetValue(keyId, out var last) || now - last >= fineness || now < last) noted[keyId] = now;
    }

    /// <summary>Of all keys that were ever used, by id; of other nodes' requests up to a minute late.</summary>
    public async Task<Dictionary<string, DateTimeOffset>> ReadAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select key_id, used_at from {Name}");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var uses = new Dictionary<string, DateTimeOffset>(noted, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var (id, at) = (reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
            if (!uses.TryGetValue(id, out var here) || here < at) uses[id] = at;
        }

        return uses;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await WriteAsync();
        }
        catch (OperationCanceledException)
        {
            // stopping
        }
    }

    private async Task WriteAsync()
    {
        var (since, now) = (written, time.GetUtcNow());
        var news = noted.Where(x => x.Value >= since).ToArray();
        if (news.Length == 0) return;
        try
        {
            await using var command = database.CreateCommand(
                $"""
                insert into {Name} as u (key_id, used_at) select * from unnest($1, $2)
                on conflict (key_id) do update set used_at = excluded.used_at where u.used_at < excluded.used_at
                """);
            command.Parameters.AddWithValue(news.Select(x => x.Key).ToArray());
            command.Parameters.AddWithValue(news.Select(x => x.Value).ToArray());
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            written = now;
        }
        catch (Exception e)
        {
            // The next minute writes it too.
            logger.LogWarning("When {Count} API keys were last used could not be written: {Fault}", news.Length, e.Message);
        }
    }
}
