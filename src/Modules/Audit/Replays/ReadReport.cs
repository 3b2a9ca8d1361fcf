using System.Globalization;
using System.Net.Mime;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Notify.Audit.Replays.Reports;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary><c>GET /replays/{id}/report?format=html|json&amp;lang=en|zh</c>: returns the same bytes each time. Like an export, reading it is recorded
/// first.</summary>
public sealed class ReadReport(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, ReadTurns turns, TimeProvider time, ILogger<ReplayReportRead> logger)
{
    /// <param name="format"><c>json</c> or <c>html</c>.</param>
    /// <param name="language">The language of the HTML page: <c>en</c> or <c>zh</c>.</param>
    /// <param name="begin">Called once, before the first byte; returns the stream to write to.</param>
    /// <returns>When the last byte is written.</returns>
    /// <exception cref="ProblemException">404: there is no such replay; 409: it has no report yet; 410: the report was erased or changed.</exception>
    public async Task WriteAsync(
        string id, string format, string language, AuditContext audit, Func<ReplayReport, Stream> begin, CancellationToken cancellation)
    {
        using var open = await turns.OpenAsync(cancellation);
        var replay = await ReplayTable.FindAsync(database, id, cancellation);
        if (replay is not { IsSeen: true }) throw ProblemException.NotFound("replay", id);
        if (replay.Status != ReplayStatus.Completed)
            throw ProblemException.Conflict($"There is no report: the replay is {replay.Status.ToString().ToLowerInvariant()}.");
        if (!await ReportStore.ExistsAsync(database, id, cancellation))
            throw new ProblemException(410, "The report is gone.", "An erasure of personal data removed all reports. Request the replay again.");
        var name = format == "html" ? ReportPart.Html(language) : ReportPart.Json;
        if (await ReportStore.OnRecordAsync(database, id, name, cancellation) is not { } report)
        {
            logger.LogCritical("Report {Name} of {Replay} does not match the recorded fingerprint: it was changed", name, id);
            throw new ProblemException(
                410, "The report was changed.",
                "The stored report does not match the fingerprint recorded when the replay completed. Request the replay again.");
        }

        await ReplayChange.RecordAsync(id, _ => new ReplayReportRead(format, report.Language), audit, database, store, batches, time, cancellation);
        var target = begin(report);
        for (var number = -1; ;)
        {
            (int? Number, byte[] Packed) part;
            // A slow reader costs the memory of one part, and no connection.
            using (await turns.NextPageAsync(cancellation))
                part = await ReportStore.PartAfterAsync(database, id, name, number, cancellation);
            if (part.Number is not { } next) break;
            number = next;
            await ReportStore.UnpackAsync(new MemoryStream(part.Packed), async chunk => await target.WriteAsync(chunk, cancellation), cancellation);
        }
    }

    public static void Map(RouteGroupBuilder replays) =>
        replays.MapGet("/{id}/report", async (string id, HttpContext http, ReadReport read) =>
        {
            var query = http.Query();
            var format = query.Text("format") ?? "json";
            var language = query.Text("lang") ?? (http.PrefersChinese() ? "zh" : "en");
            if (format is not ("json" or "html")) query.Fault("format", "Give json or html.");
            if (language is not ("en" or "zh")) query.Fault("lang", "Give en or zh.");
            query.ThrowIfInvalid();
            await read.WriteAsync(id, format, language, http.Audit(), Begin, http.RequestAborted);

            Stream Begin(ReplayReport report)
            {
                var isHtml = format == "html";
                var headers = http.Response.Headers;
                headers.ContentType = isHtml ? $"{MediaTypeNames.Text.Html}; charset=utf-8" : MediaTypeNames.Application.Json;
                headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"inline; filename=\"{id}.{format}\"");
                headers.ETag = $"\"{report.Sha256}\"";
                // The page needs its own style and nothing else: no script, no picture, no address.
                if (isHtml) headers.ContentSecurityPolicy = $"default-src 'none'; style-src '{HtmlPage.StyleHash}'; base-uri 'none'; frame-ancestors 'self'";
                headers.ContentLength = report.Bytes;
                return http.Response.Body;
            }
        }).Query(QueryParameter.OneOf("format", "json", "html"), QueryParameter.Language).Requires(Permission.HistoryRead).KeepsToPaths()
            .Document(
                "getReplayReport", "Read the report of a replay",
                "JSON, or a self-contained HTML page for printing. The same bytes each time.")
            .AnswersFile("The report.", "application/json", "text/html").ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status410Gone);
}
