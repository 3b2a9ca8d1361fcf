using System.Text;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
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
/// <c>GET /audit/export</c>: entries with their proofs, as NDJSON or CSV; and receipts: the same for one notification, with the alarm and the decision
/// that led to it.
/// </summary>
public static class ExportHistory
{
    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/export", async (HttpContext http, Exporting exporting) =>
        {
            var query = http.Query();
            var (format, from, to) = (query.OneOf("format", "ndjson", "csv") ?? "ndjson", query.Instant("from"), query.Instant("to"));
            var (resource, notification) = (query.Text("resource"), query.Text("notification"));
            if (from >= to) query.Fault("to", "The end must be after the beginning.");
            query.ThrowIfInvalid();
            await exporting.WriteAsync(http, "notify-audit", format, new HistoryExported(format, from, to, resource, notification, 0));
        })
            .Query(
                QueryParameter.OneOf("format", "ndjson", "csv"), QueryParameter.Instant("from"), QueryParameter.Instant("to"), "resource",
                "notification")
            .Requires(Permission.HistoryExport)
            .Document("exportAudit", "Export the history", "As a stream, with everything that two stand-alone verifiers need.")
            .AnswersFile("The entries.", "application/x-ndjson", "text/csv");

        audit.MapGet("/receipts/{id}", ReceiptAsync).Requires(Permission.HistoryRead)
            .Document("getAuditReceipt", "Receipt of a notification", "What was sent, to whom and what the platform answered, with its proof.")
            .AnswersFile("The receipt.", "application/x-ndjson");
    }

    /// <summary>Also at the notification's own address.</summary>
    public static void MapReceipts(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/notifications/{id}/receipt", ReceiptAsync).WithTags("audit").Requires(Permission.HistoryRead)
        .Document("getReceipt", "Receipt of a notification", "What was sent, to whom and what the platform answered, with its proof.")
        .AnswersFile("The receipt.", "application/x-ndjson");

    private static Task ReceiptAsync(string id, HttpContext http, Exporting exporting) =>
        exporting.WriteAsync(http, $"receipt-{(id.All(x => char.IsAsciiLetterOrDigit(x) || x == '-') ? id : "unknown")}", "ndjson", new HistoryExported("ndjson", null, null, null, id, 0));

    public sealed class Exporting(
        HistoryExport export, CheckpointSigner signer, NpgsqlDataSource database, IDocumentStore store, EventBatch events, IWolverineRuntime runtime, ReadTurns turns, TimeProvider time)
    {
        /// <summary>The record of the export comes first, so that what cannot be recorded is not exported either.</summary>
        public async Task WriteAsync(HttpContext http, string name, string format, HistoryExported what)
        {
            var cancellation = http.RequestAborted;
            using var open = await turns.OpenAsync(cancellation);
            var selection = await SelectAsync(what, cancellation);
            var signed = await signer.LatestAsync(cancellation);
            await using (var session = store.LightweightSession())
            {
                events.Append(Ids.New("audit-export", time.GetUtcNow()), 1, what with { Size = signed.Checkpoint.Size }, http.Audit());
                events.QueueTo(session);
                await session.SaveChangesAsync(cancellation);
            }

            var body = http.Response.BodyWriter;
            await export.WriteAsync(selection, signed.Note, signed.Checkpoint, async page =>
            {
                if (!http.Response.HasStarted)
                {
                    http.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
                    http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{format}\"";
                    if (format == "csv") await body.WriteAsync(Encoding.UTF8.GetBytes(CsvForm.Header), cancellation);
                }

                if (format == "csv")
                {
                    for (int length; !page.IsEmpty; page = page[length..])
                    {
                        length = page.Span.IndexOf((byte)'\n') + 1;
                        await body.WriteAsync(Encoding.UTF8.GetBytes(CsvForm.Row(page[..(length - 1)])), cancellation);
                    }
                }
                else
                {
                    await body.WriteAsync(page, cancellation);
                }
            }, cancellation);
            await body.CompleteAsync();
        }

        private async Task<ExportSelection> SelectAsync(HistoryExported what, CancellationToken cancellation)
        {
            var (where, description) = (new List<string> { "true" }, new JsonObject());
            if (what.From is { } from) Add("from", Text(from), $"timestamp >= {await LiteralAsync(Text(from), cancellation)}::timestamptz");
            if (what.To is { } to) Add("to", Text(to), $"timestamp < {await LiteralAsync(Text(to), cancellation)}::timestamptz");
            if (what.Resource is { } resource)
            {
                var literal = await LiteralAsync(resource, cancellation);
                // An id, or a kind.
                Add("resource", resource, resource.Contains('-', StringComparison.Ordinal) ? $"stream_id = {literal}" : $"split_part(stream_id, '-', 1) = {literal}");
            }

            if (what.Notification is { } notification) Add("notification", notification, await ReceiptOfAsync(notification, cancellation));
            return new ExportSelection(string.Join(" and ", where), description);

            void Add(string name, string value, string condition)
            {
                description[name] = value;
                where.Add(condition);
            }
        }

        /// <summary>
        /// The notification's own events, the decision for it, the change of the alarm that was decided on, and what it was sent in if it was merged. Of one that was
        /// sent again, by whomever, also the one that it repeats, and so on back to the first, which was decided; and the replay that asked for it.
        /// </summary>
        private async Task<string> ReceiptOfAsync(string id, CancellationToken cancellation)
        {
            if (!id.StartsWith("notification-", StringComparison.Ordinal) || await StoredEvents.LastVersionAsync(database, id, cancellation) == 0)
                throw ProblemException.NotFound("notification", id);
            var traced = await new MessageBus(runtime).InvokeAsync<NotificationTraced>(new TraceNotification(id), cancellation);
            var numbers = await StoredEvents.WithCausesAsync(database, [.. traced.Notifications], [.. traced.MergedInto], [.. traced.Replays], cancellation);
            return $"seq_id in ({string.Join(',', numbers)})";
        }

        private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);

        /// <summary>COPY takes no parameters, so PostgreSQL itself makes a safe literal of a text.</summary>
        private async Task<string> LiteralAsync(string text, CancellationToken cancellation)
        {
            await using var command = database.CreateCommand("select quote_literal($1)");
            command.Parameters.AddWithValue(text);
            return (string)(await command.ExecuteScalarAsync(cancellation))!;
        }
    }
}
