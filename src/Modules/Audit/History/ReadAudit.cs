using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Index;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Audit.History;

/// <summary><c>GET /audit</c>: what happened, in event order; <c>order=desc</c> for the newest first.</summary>
internal sealed class ReadAudit(AuditLog log, IndexRebuild rebuild, AuditEntryWriter writer)
{
    /// <param name="Filter">Which entries.</param>
    /// <param name="NewestFirst">Newest first; otherwise in event order.</param>
    /// <param name="Position">The page begins after this position; null: at the beginning.</param>
    /// <param name="Limit">From 1 to 1,000.</param>
    /// <param name="Chinese">The language of <c>summary</c>; <c>summaries</c> contains both.</param>
    public sealed record Query(AuditFilter Filter, bool NewestFirst = false, long? Position = null, int Limit = 100, bool Chinese = false);

    /// <param name="Next">The position after which the next page begins; null on the last page.</param>
    /// <param name="Incomplete">True: the index is being rebuilt after an upgrade, so a search for a text may miss older entries.</param>
    public sealed record Answer(IReadOnlyList<AuditEntry> Items, [property: JsonIgnore] long? Next, bool? Incomplete)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public string? NextCursor => Next is { } position ? QueryReader.CursorOf(position) : null;
    }

    /// <exception cref="ProblemException">400: the period is invalid.</exception>
    public async Task<Answer> RunAsync(Query query, CancellationToken cancellation)
    {
        var (filter, limit) = (query.Filter, query.Limit);
        if (filter.From >= filter.To) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        // Checked before the search: an index that is complete afterwards may have been incomplete during it.
        var complete = filter.Text is null || await rebuild.HasFormAsync(cancellation);
        var page = await log.ReadAsync(filter, query.Position, query.NewestFirst, limit + 1, cancellation);
        var entries = page.Rows.Take(limit).Select(x => writer.Write(x, query.Chinese)).ToList();
        return new(entries, page.Rows.Count > limit ? entries[^1].Sequence : page.Searched, complete ? null : true);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/audit", async (HttpContext http, ReadAudit read) =>
        {
            var query = http.Query();
            var filter = new AuditFilter(
                query.Instant("from"), query.Instant("to"), query.Text("actor"), query.Text("module"), query.Text("resource"), query.Text("type"),
                query.Text("correlationId"), query.Text("text"));
            var wanted = new Query(
                filter, query.OneOf("order", "asc", "desc") == "desc", query.Cursor(), query.Number("limit", 100, 1, 1000),
                query.Chinese(http.PrefersChinese()));
            query.ThrowIfInvalid();
            return await read.RunAsync(wanted, http.RequestAborted);
        })
            .Query(
                QueryParameter.Instant("from"), QueryParameter.Instant("to"), "actor", "module", "resource", "type", "correlationId", "text",
                QueryParameter.OneOf("order", "asc", "desc"), QueryParameter.Language, QueryParameter.Cursor, QueryParameter.Limit)
            .WithTags("audit").Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("listAuditEntries", "Read the history", "In event order, paged.");
}

internal static class SummaryLanguage
{
    /// <summary>The language of <c>summary</c>: <c>lang=zh|en</c>, or else what the caller prefers; both are in <c>summaries</c>.</summary>
    public static bool Chinese(this QueryReader query, bool preferred)
    {
        switch (query.Text("lang"))
        {
            case "zh": return true;
            case "en": return false;
            case null: break;
            default: query.Fault("lang", "Give zh or en."); break;
        }

        return preferred;
    }
}
