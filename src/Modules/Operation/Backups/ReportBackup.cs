using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Operation.Backups;

/// <summary>Somebody reported that a backup was made; Notify makes none itself. Stream <c>backup-…</c>.</summary>
/// <param name="TakenAt">Later events are not in the backup.</param>
/// <param name="Note">How it was made and where it is stored.</param>
public sealed record BackupReported(DateTimeOffset TakenAt, string? Note);

/// <summary><c>POST /operation/backup</c>, called at the end of a backup script; <c>GET</c>: the last reported backup.</summary>
public sealed class ReportBackup(
    IDocumentStore store, NpgsqlDataSource database, EventBatches batches, EventCatalog catalog, TimeProvider time, ILogger<ReportBackup> logger)
{
    private const string Kind = "backup";
    private const int MostNote = 500;

    /// <summary>How much clocks may differ.</summary>
    private static readonly TimeSpan ahead = TimeSpan.FromMinutes(5);

    /// <param name="TakenAt">By default now.</param>
    /// <param name="Note">At most 500 characters.</param>
    public sealed record Request(DateTimeOffset? TakenAt = null, string? Note = null);

    public sealed record Backup(DateTimeOffset TakenAt, string? Note, DateTimeOffset ReportedAt, Actor ReportedBy);

    /// <param name="Last">The last reported backup; null: there is none.</param>
    public sealed record Answer(Backup? Last);

    /// <param name="first">Identifies a request that the caller may repeat: a repeat returns what the first one reported.</param>
    /// <exception cref="ProblemException">400: the request is invalid.</exception>
    public async Task<Answer> RunAsync(Request request, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var made = first is null ? null : Ids.Of(Kind, first.Id);
        if (made is not null && await FindAsync("stream_id = $1", [made], cancellation) is { } already) return new(already);
        var now = Instants.Cut(time.GetUtcNow());
        var (errors, note) = (new Errors(), request.Note?.Trim() is { Length: > 0 } given ? given : null);
        if (request.TakenAt > now + ahead) errors.Add("takenAt", "The instant lies in the future.");
        if (note?.Length > MostNote) errors.Add("note", "Give at most 500 characters.");
        errors.ThrowIfAny();
        await using var session = store.LightweightSession();
        var events = batches.New();
        var taken = new BackupReported(request.TakenAt?.ToUniversalTime() is { } at && at < now ? at : now, note);
        events.Append(made ?? Ids.New(Kind, now), 1, taken, audit);
        events.QueueTo(session, now);
        await session.SaveChangesAsync(cancellation);
        return new(new(taken.TakenAt, taken.Note, now, audit.Actor));
    }

    public async Task<Answer> LastAsync(CancellationToken cancellation)
    {
        var (first, last) = Ids.Range(Kind);
        return new(await FindAsync("stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1)", [first, last], cancellation));
    }

    private async Task<Backup?> FindAsync(string streams, string[] values, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select {EventRecord.Columns} from {EventTables.Events} where {streams} order by seq_id desc limit 1");
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) && EventRecord.TryRead(reader, catalog, logger) is { Data: BackupReported backup } e
            ? new(backup.TakenAt, backup.Note, e.Timestamp, e.Actor()) : null;
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/operation/backup").WithTags("operation");
        group.MapPost("", async (HttpContext http, ReportBackup report) =>
            await report.RunAsync(await http.Request.ReadOptionalAsync<Request>() ?? new(), http.Audit(), http.FirstRequest(), http.RequestAborted))
            .Idempotent().Requires(Permission.OperationManage)
            .Document(
                "reportBackup", "Report that a backup was made",
                "Call it at the end of a backup script. Notify makes no backups itself, and shows how old the last one is.")
            .MayTake<Request>("""{ "takenAt": "2026-01-31T01:00:00Z", "note": "pg_dump to the vault" }""");
        group.MapGet("", (HttpContext http, ReportBackup report) => report.LastAsync(http.RequestAborted)).Requires(Permission.OperationRead)
            .Document("getBackup", "The last backup that was reported", "When it was taken, and who reported it.");
    }
}
