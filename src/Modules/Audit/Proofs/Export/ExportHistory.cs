using System.Text;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Export;

/// <summary>
/// <c>GET /audit/export</c>: entries with their proofs, as NDJSON or CSV; and receipts: the same for one notification, with the alarm and the decision
/// that led to it.
/// </summary>
public static class ExportHistory
{
    private const string Events = $"{Database.Schema}.mt_events";

    /// <summary>A repeat of a repeat of a repeat, and so on: one that goes further back was made up.</summary>
    private const int MostRepeats = 100;

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
        HistoryExport export, CheckpointSigner signer, NpgsqlDataSource database, IDocumentStore store, EventBatch events, ReadTurns turns, TimeProvider time)
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
            await using var command = database.CreateCommand(
                $"""
                with recursive chain(id, depth) as (
                    select $1::text, 0
                    union all select e.data->>'replayOf', c.depth + 1 from chain c join {Events} e on e.stream_id = c.id and e.version = 1 where e.data ? 'replayOf' and c.depth < {MostRepeats}),
                  own as (select seq_id, causation_id, data, type from {Events} where stream_id in (select id from chain)),
                  replay as (select seq_id from {Events} where version = 1 and stream_id in (select data->>'replayId' from own where data ? 'replayId')),
                  merged as (select seq_id from {Events} where stream_id in (select data->>'mergedInto' from own where data ? 'mergedInto')),
                  decision as (select seq_id, causation_id from {Events} where id in (select causation_id::uuid from own where causation_id ~ '^[0-9a-f-]{"{36}"}$')),
                  alarm as (select seq_id from {Events} where id in (select causation_id::uuid from decision where causation_id ~ '^[0-9a-f-]{"{36}"}$'))
                select array(select seq_id from own union select seq_id from merged union select seq_id from decision union select seq_id from alarm union select seq_id from replay order by 1),
                  exists(select from {Events} where stream_id = $1)
                """);
            command.Parameters.AddWithValue(id);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            if (!reader.GetBoolean(1) || !id.StartsWith("notification-", StringComparison.Ordinal)) throw ProblemException.NotFound("notification", id);
            return $"seq_id in ({string.Join(',', reader.GetFieldValue<long[]>(0))})";
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
