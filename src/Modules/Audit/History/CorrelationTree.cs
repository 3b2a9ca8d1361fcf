using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Audit.History;

/// <param name="Effects">What it caused, in order.</param>
public sealed record CausalNode(AuditEntry Entry, IReadOnlyList<CausalNode> Effects);

/// <param name="Complete">False if there are more entries than one answer can contain; <c>GET /audit?correlationId=</c> returns all of them, page by
/// page.</param>
public sealed record CausalTree(string CorrelationId, int Entries, bool Complete, IReadOnlyList<CausalNode> Roots);

/// <summary><c>GET /audit/correlations/{id}</c>: everything that one request led to, as a causal tree: alarm, decision, notification, attempts,
/// outcomes.</summary>
internal sealed class CorrelationTree(AuditLog log, AuditEntryWriter writer, EventCatalog catalog)
{
    private const int Limit = 5000;

    /// <summary>The first 5,000 entries of a correlation.</summary>
    /// <exception cref="ProblemException">404: no entry has this correlation id.</exception>
    public async Task<CausalTree> RunAsync(string correlationId, bool chinese, CancellationToken cancellation)
    {
        var rows = await log.OfCorrelationAsync(correlationId, Limit + 1, cancellation);
        if (rows.Count == 0) throw ProblemException.NotFound("correlation", correlationId);
        var entries = rows.Take(Limit).Select(x => writer.Write(x, chinese)).ToList();
        return new CausalTree(correlationId, entries.Count, rows.Count <= Limit, Grow(entries, catalog));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/audit/correlations/{id}", async (string id, HttpContext http, CorrelationTree tree) =>
        {
            var query = http.Query();
            var chinese = query.Chinese(http.PrefersChinese());
            query.ThrowIfInvalid();
            return await tree.RunAsync(id, chinese, http.RequestAborted);
        }).Query(QueryParameter.Language).WithTags("audit").Requires(Permission.HistoryRead).KeepsToPaths()
            .Document(
                "getCorrelation", "Everything one request led to",
                "As a tree of cause and effect: alarm, decision, notification, attempts, outcomes.");

    public static IReadOnlyList<CausalNode> Grow(IReadOnlyList<AuditEntry> entries, EventCatalog catalog)
    {
        var byId = entries.ToDictionary(x => x.EventId.ToString(), StringComparer.OrdinalIgnoreCase);
        var endings = catalog.Modules.SelectMany(x => x.Types).Where(x => x.Ends is not null)
            .ToDictionary(x => x.Name, x => catalog[x.Ends!].Name, StringComparer.Ordinal);
        var begun = new Dictionary<(string Stream, string Type), AuditEntry>();
        var effects = entries.ToDictionary(x => x.EventId, _ => new List<AuditEntry>());
        var roots = new List<AuditEntry>();
        foreach (var entry in entries)
        {
            var cause = entry.CausationId is { } id ? byId.GetValueOrDefault(id) : null;
            // The outcome of an attempt names the same cause as the attempt, the request; to a reader, it follows from the attempt.
            if (endings.TryGetValue(entry.Type, out var beginning) && begun.TryGetValue((entry.Resource.Id, beginning), out var began)) cause = began;
            begun[(entry.Resource.Id, entry.Type)] = entry;
            (cause is null || cause == entry ? roots : effects[cause.EventId]).Add(entry);
        }

        return [.. roots.Select(Node)];

        CausalNode Node(AuditEntry entry) => new(entry, [.. effects[entry.EventId].Select(Node)]);
    }
}
