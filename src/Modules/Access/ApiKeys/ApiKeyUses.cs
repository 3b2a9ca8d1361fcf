using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Access.ApiKeys;

/// <param name="At">The last request with the key.</param>
/// <param name="ReportedAt">The last report of alarms with the key; null: none since Notify began to record reports.</param>
public readonly record struct ApiKeyUse(DateTimeOffset At, DateTimeOffset? ReportedAt);

/// <summary>When each API key was last used. A request only updates memory; once a minute, and every few seconds while a key is expected to report
/// (<see cref="SenderSilenceWatch"/>), one statement writes what is new to a table.</summary>
public sealed class ApiKeyUses(NpgsqlDataSource database, TimeProvider time, ILogger<ApiKeyUses> logger)
    : Worker("Uses of API keys", logger, startsAfter: interval)
{
    private const string TableName = "api_key_use";
    private const string Name = $"{Database.Schema}.{TableName}";

    private static readonly TimeSpan interval = TimeSpan.FromMinutes(1);

    /// <summary>The precision that is kept.</summary>
    private static readonly TimeSpan fineness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> noted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> reports = new(StringComparer.Ordinal);
    private DateTimeOffset written = DateTimeOffset.MinValue;

    public static Table Table()
    {
        var table = Database.Table(TableName);
        table.AddColumn<string>("key_id").AsPrimaryKey();
        table.AddColumn("used_at", "timestamptz").NotNull();
        table.AddColumn("reported_at", "timestamptz");
        return table;
    }

    public void Note(string keyId) => Note(noted, keyId);

    /// <summary>Middleware, after authorization: records which key reports alarms. A report that is refused because of the sender does not count; one
    /// that fails because of Notify does.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiredPermission>()?.Permission != Permission.AlarmsReport
            || http.Audit().Actor is not { Kind: "apiKey" } key)
        {
            await next(http);
            return;
        }

        var isRefused = false;
        try
        {
            await next(http);
            isRefused = http.Response.StatusCode is >= 400 and < 500;
        }
        catch (ProblemException e) when (e.Status is >= 400 and < 500)
        {
            isRefused = true;
            throw;
        }
        finally
        {
            if (!isRefused) Note(reports, key.Id);
        }
    }

    /// <summary>All keys that were ever used, by id. Requests to other nodes appear up to a minute late.</summary>
    public async Task<Dictionary<string, ApiKeyUse>> ReadAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select key_id, used_at, reported_at from {Name}");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var uses = noted.Keys.ToDictionary(x => x, Here, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var (id, at) = (reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
            var reportedAt = reader.IsDBNull(2) ? (DateTimeOffset?)null : reader.GetFieldValue<DateTimeOffset>(2);
            uses[id] = uses.TryGetValue(id, out var here) ? new(Later(at, here.At)!.Value, Later(reportedAt, here.ReportedAt)) : new(at, reportedAt);
        }

        return uses;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync();
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await TryWriteAsync();
        return interval;
    }

    /// <summary>Writes what is new to the table, for the other nodes and for the next start.</summary>
    internal async Task WriteAsync()
    {
        var (since, now) = (written, time.GetUtcNow());
        var news = noted.Keys.Select(x => (Id: x, Use: Here(x))).Where(x => x.Use.At >= since || x.Use.ReportedAt >= since).ToArray();
        if (news.Length == 0) return;
        await using var command = database.CreateCommand(
            $"""
            insert into {Name} as u (key_id, used_at, reported_at) select * from unnest($1, $2, $3)
            on conflict (key_id) do update
              set used_at = greatest(u.used_at, excluded.used_at), reported_at = greatest(u.reported_at, excluded.reported_at)
            """);
        command.Parameters.AddWithValue(news.Select(x => x.Id).ToArray());
        command.Parameters.AddWithValue(news.Select(x => x.Use.At).ToArray());
        command.Parameters.AddWithValue(news.Select(x => x.Use.ReportedAt).ToArray());
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        written = now;
    }

    private async Task TryWriteAsync()
    {
        try
        {
            await WriteAsync();
        }
        catch (Exception e)
        {
            // The next write includes it.
            Logger.LogWarning("When API keys were last used could not be written: {Fault}", e.Message);
        }
    }

    private void Note(ConcurrentDictionary<string, DateTimeOffset> uses, string keyId)
    {
        var now = time.GetUtcNow();
        if (!uses.TryGetValue(keyId, out var last) || now - last >= fineness || now < last) uses[keyId] = now;
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;

    /// <summary>The uses on this node of a key that has been used here.</summary>
    private ApiKeyUse Here(string keyId) => new(noted[keyId], reports.TryGetValue(keyId, out var at) ? at : null);
}
