using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Index;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Audit.History;

/// <summary><c>GET /audit</c>: what happened, in event order; <c>order=desc</c> for the newest first.</summary>
internal static class ReadAudit
{
    /// <param name="Incomplete">True: the index is being rebuilt after an upgrade, and texts of what was recorded before may not be found yet.</param>
    private sealed record Answer(IReadOnlyList<AuditEntry> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor, bool? Incomplete);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/audit", async (HttpContext http, AuditLog log, IndexRebuild rebuild, AuditEntryWriter writer) =>
        {
            var query = http.Query();
            var filter = new AuditFilter(
                query.Instant("from"), query.Instant("to"), query.Text("actor"), query.Text("module"), query.Text("resource"), query.Text("type"),
                query.Text("correlationId"), query.Text("text"));
            var (cursor, limit, order, chinese) = (query.Cursor(), query.Number("limit", 100, 1, 1000), query.OneOf("order", "asc", "desc") ?? "asc", IsChinese(http, query));
            if (filter.From >= filter.To) query.Fault("to", "The end must be after the beginning.");
            query.ThrowIfInvalid();
            // Asked before the search: what is complete afterwards may not have been while it was searched.
            var complete = filter.Text is null || await rebuild.HasFormAsync(http.RequestAborted);
            var page = await log.ReadAsync(filter, cursor, order == "desc", limit + 1, http.RequestAborted);
            var entries = page.Rows.Take(limit).Select(x => writer.Write(x, chinese)).ToList();
            var next = page.Rows.Count > limit ? QueryReader.CursorOf(entries[^1].Sequence) : page.Searched is { } searched ? QueryReader.CursorOf(searched) : null;
            return new Answer(entries, next, complete ? null : true);
        })
            .Query(
                QueryParameter.Instant("from"), QueryParameter.Instant("to"), "actor", "module", "resource", "type", "correlationId", "text",
                QueryParameter.OneOf("order", "asc", "desc"), QueryParameter.Language, QueryParameter.Cursor, QueryParameter.Limit)
            .WithTags("audit").Requires(Permission.HistoryRead)
            .Document("listAuditEntries", "Read the history", "In event order, paged.");

    /// <summary>The language of <c>summary</c>: <c>lang=zh|en</c>, or else what the caller prefers; both are in <c>summaries</c>.</summary>
    public static bool IsChinese(HttpContext http, QueryReader query)
    {
        switch (query.Text("lang"))
        {
            case "zh": return true;
            case "en": return false;
            case null: break;
            default: query.Fault("lang", "Give zh or en."); break;
        }

        return http.PrefersChinese();
    }
}
