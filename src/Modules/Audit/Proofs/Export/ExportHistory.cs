using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.History;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Contracts.Delivery;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Audit.Proofs.Export;

/// <summary>
/// <c>GET /audit/export</c>: entries with their proofs, as NDJSON or CSV; and receipts: the same for one notification, with the alarm and the
/// decision that led to it.
/// </summary>
public sealed class ExportHistory(
    HistoryExport export, CheckpointSigner signer, NpgsqlDataSource database, IDocumentStore store, EventBatches batches, IWolverineRuntime runtime,
    PathSight sight, ReadTurns turns, TimeProvider time)
{
    /// <param name="Format"><c>ndjson</c> or <c>csv</c>.</param>
    /// <param name="To">Exclusive.</param>
    /// <param name="Resource">A stream's id, or a kind.</param>
    /// <param name="Notification">The id of the notification whose receipt is requested.</param>
    public sealed record Request(
        string Format, DateTimeOffset? From = null, DateTimeOffset? To = null, string? Resource = null, string? Notification = null);

    /// <summary>The export is recorded first, so that nothing is exported that cannot be recorded.</summary>
    /// <param name="begin">Called once, before the first byte; returns the writer to use.</param>
    /// <returns>When everything is written and the writer completed.</returns>
    /// <exception cref="ProblemException">400: the period is invalid; 404: there is no such notification; 503: too many are open already.</exception>
    public async Task WriteAsync(Request request, AuditContext audit, Func<PipeWriter> begin, CancellationToken cancellation)
    {
        if (request.From >= request.To) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        using var open = await turns.OpenAsync(cancellation);
        // Signed first: what is selected and what proves it must be of the same moment.
        var signed = await signer.LatestAsync(cancellation);
        var selection = await SelectAsync(request, await LastOfAsync(signed.Checkpoint, cancellation), cancellation);
        await using (var session = store.LightweightSession())
        {
            var events = batches.New();
            var exported = new HistoryExported(
                request.Format, request.From, request.To, request.Resource, request.Notification, signed.Checkpoint.Size,
                PathLimit.Current.IsNone ? null : PathLimit.Current.Texts);
            events.Append(Ids.New("audit-export", time.GetUtcNow()), 1, exported, audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(cancellation);
        }

        var (body, isCsv) = ((PipeWriter?)null, request.Format == "csv");
        await export.WriteAsync(selection, signed.Note, signed.Checkpoint, async page =>
        {
            if (body is null)
            {
                body = begin();
                if (isCsv) await body.WriteAsync(Encoding.UTF8.GetBytes(CsvRows.Header), cancellation);
            }

            if (!isCsv)
            {
                await body.WriteAsync(page, cancellation);
                return;
            }

            for (int length; !page.IsEmpty; page = page[length..])
            {
                length = page.Span.IndexOf((byte)'\n') + 1;
                await body.WriteAsync(Encoding.UTF8.GetBytes(CsvRows.Row(page[..(length - 1)])), cancellation);
            }
        }, cancellation);
        await body!.CompleteAsync();
    }

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/export", async (HttpContext http, ExportHistory export) =>
        {
            var query = http.Query();
            var request = new Request(
                query.OneOf("format", "ndjson", "csv") ?? "ndjson", query.Instant("from"), query.Instant("to"), query.Text("resource"),
                query.Text("notification"));
            query.ThrowIfInvalid();
            await MapAnswerAsync(http, export, "notify-audit", request);
        })
            .Query(
                QueryParameter.OneOf("format", "ndjson", "csv"), QueryParameter.Instant("from"), QueryParameter.Instant("to"), "resource",
                "notification")
            .Requires(Permission.HistoryExport).KeepsToPaths()
            .Document("exportAudit", "Export the history", "As a stream, with everything that two stand-alone verifiers need.")
            .AnswersFile("The entries.", "application/x-ndjson", "text/csv");

        audit.MapGet("/receipts/{id}", MapReceiptAsync).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("getAuditReceipt", "Receipt of a notification", "What was sent, to whom and what the platform answered, with its proof.")
            .AnswersFile("The receipt.", "application/x-ndjson");
    }

    /// <summary>Maps the receipt below the address of notifications too.</summary>
    public static void MapReceipts(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/notifications/{id}/receipt", MapReceiptAsync).WithTags("audit").Requires(Permission.HistoryRead)
        .KeepsToPaths()
        .Document("getReceipt", "Receipt of a notification", "What was sent, to whom and what the platform answered, with its proof.")
        .AnswersFile("The receipt.", "application/x-ndjson");

    private static Task MapReceiptAsync(string id, HttpContext http, ExportHistory export) =>
        MapAnswerAsync(http, export, $"receipt-{(id.All(x => char.IsAsciiLetterOrDigit(x) || x == '-') ? id : "unknown")}",
            new Request("ndjson", Notification: id));

    private static Task MapAnswerAsync(HttpContext http, ExportHistory export, string name, Request request) =>
        export.WriteAsync(request, http.Audit(), () =>
        {
            http.Response.ContentType = request.Format == "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{request.Format}\"";
            return http.Response.BodyWriter;
        }, http.RequestAborted);

    /// <summary>The number of the last event that a checkpoint covers.</summary>
    private async Task<long> LastOfAsync(Checkpoint checkpoint, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await LogReader.SequenceAtAsync(connection, checkpoint.Size - 1, cancellation);
    }

    /// <param name="last">Later events are not selected.</param>
    private async Task<ExportSelection> SelectAsync(Request what, long last, CancellationToken cancellation)
    {
        var (where, description) = (new List<string> { "true" }, new JsonObject());
        if (what.From is { } from) Add("from", Text(from), $"timestamp >= {await LiteralAsync(Text(from), cancellation)}::timestamptz");
        if (what.To is { } to) Add("to", Text(to), $"timestamp < {await LiteralAsync(Text(to), cancellation)}::timestamptz");
        if (what.Resource is { } resource)
        {
            var literal = await LiteralAsync(resource, cancellation);
            // An id, or a kind.
            Add("resource", resource, resource.Contains('-', StringComparison.Ordinal)
                ? $"stream_id = {literal}" : $"split_part(stream_id, '-', 1) = {literal}");
        }

        if (what.Notification is { } notification) Add("notification", notification, await ReceiptOfAsync(notification, cancellation));
        if (await sight.ConditionAsync(cancellation) is { } seen)
        {
            description["paths"] = new JsonArray([.. PathLimit.Current.Texts.Select(x => (JsonNode)x)]);
            where.Add(seen);
        }

        var selected = string.Join(" and ", where);
        // Approved changes are exported together with their approvals: a signature alone could be anybody's.
        var approvals = where.Count > 1
            ? await StoredEvents.WithApprovalsAsync(database, string.Create(CultureInfo.InvariantCulture, $"seq_id <= {last} and {selected}"), cancellation)
            : [];
        return new ExportSelection(
            approvals.Length == 0 ? selected : $"({selected}) or seq_id in ({Joined(approvals)})", description,
            await sight.HiddenAsync(approvals, cancellation));

        void Add(string name, string value, string condition)
        {
            description[name] = value;
            where.Add(condition);
        }
    }

    /// <summary>
    /// Selects the notification's own events, the decision for it, the change of the alarm that was decided on, and the message into which it was
    /// merged. For a notification that was sent again, also the one that it repeats, and so on back to the first, and the replay that requested it.
    /// Also the approved changes of the configuration that was used.
    /// </summary>
    private async Task<string> ReceiptOfAsync(string id, CancellationToken cancellation)
    {
        if (!id.StartsWith("notification-", StringComparison.Ordinal) || await StoredEvents.LastVersionAsync(database, id, cancellation) == 0
            || !await sight.SeesAsync($"stream_id = {await LiteralAsync(id, cancellation)} and version = 1", cancellation))
            throw ProblemException.NotFound("notification", id);
        var traced = await new MessageBus(runtime).InvokeAsync<NotificationTraced>(new TraceNotification(id), cancellation);
        var numbers = await StoredEvents.WithCausesAsync(
            database, [.. traced.Notifications], [.. traced.MergedInto], [.. traced.Replays], cancellation);
        var approved = await StoredEvents.ApprovedAsync(
            database, [.. traced.Configuration.Select(x => x.Id)], [.. traced.Configuration.Select(x => x.Version)], cancellation);
        return $"seq_id in ({Joined(numbers.Union(approved))})";
    }

    private static string Joined(IEnumerable<long> numbers) => string.Join(',', numbers);

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>COPY takes no parameters, so PostgreSQL itself quotes the text.</summary>
    private async Task<string> LiteralAsync(string text, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select quote_literal($1)");
        command.Parameters.AddWithValue(text);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
