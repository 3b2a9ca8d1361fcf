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

    /// <summary>How deep the tree may be. An answer's JSON has at most 64 levels, of which each of these takes two, and an entry has its
    /// own.</summary>
    private const int Levels = 16;

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

    /// <summary>Every entry has one place in the tree, also if somebody has changed their causes: of entries that only cause each other, the first is
    /// a root; of a branch that is too deep for an answer, the rest is listed on its last level.</summary>
    private static List<CausalNode> Grow(IReadOnlyList<AuditEntry> entries, EventCatalog catalog)
    {
        var (roots, effects) = Causes(entries, catalog);
        var (tree, placed) = (new List<CausalNode>(), new HashSet<long>());
        foreach (var first in roots.Concat(entries))
        {
            var waiting = new Queue<(AuditEntry Entry, List<CausalNode> Among, int Level)>([(first, tree, 1)]);
            while (waiting.TryDequeue(out var next))
            {
                if (!placed.Add(next.Entry.Sequence)) continue;
                var own = new List<CausalNode>();
                next.Among.Add(new CausalNode(next.Entry, own));
                foreach (var effect in effects[next.Entry.Sequence])
                    waiting.Enqueue(next.Level < Levels ? (effect, own, next.Level + 1) : (effect, next.Among, next.Level));
            }
        }

        return tree;
    }

    /// <summary>The entries without a cause, and those with one by the number of their cause.</summary>
    private static (List<AuditEntry> Roots, ILookup<long, AuditEntry> Effects) Causes(IReadOnlyList<AuditEntry> entries, EventCatalog catalog)
    {
        var byId = entries.DistinctBy(x => x.EventId).ToDictionary(x => x.EventId.ToString(), StringComparer.OrdinalIgnoreCase);
        var endings = catalog.Modules.SelectMany(x => x.Types).Where(x => x.Ends is not null)
            .ToDictionary(x => x.Name, x => catalog[x.Ends!].Name, StringComparer.Ordinal);
        var begun = new Dictionary<(string Stream, string Type), AuditEntry>();
        var (roots, effects) = (new List<AuditEntry>(), new List<(long Cause, AuditEntry Effect)>());
        foreach (var entry in entries)
        {
            var cause = entry.CausationId is { } id ? byId.GetValueOrDefault(id) : null;
            // The outcome of an attempt names the same cause as the attempt, the request; to a reader, it follows from the attempt.
            if (endings.TryGetValue(entry.Type, out var beginning) && begun.TryGetValue((entry.Resource.Id, beginning), out var began)) cause = began;
            begun[(entry.Resource.Id, entry.Type)] = entry;
            if (cause is null) roots.Add(entry);
            else effects.Add((cause.Sequence, entry));
        }

        return (roots, effects.ToLookup(x => x.Cause, x => x.Effect));
    }
}
