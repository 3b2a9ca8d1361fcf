using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>A change of a resource in its history.</summary>
/// <param name="Unreadable">True: somebody has changed the event in the database, and the actual change is unknown.</param>
public sealed record ResourceHistoryItem(
    long Version, string Type, DateTimeOffset At, Actor Actor, string? SourceIp, string? Reason, string? CorrelationId,
    IReadOnlyList<FieldChange> Changes,
    bool? Unreadable = null)
{
    /// <summary>Who approved the change, if it needed approval; null: nobody.</summary>
    public Approver? ApprovedBy { get; init; }

    /// <summary>The emergency in which it was made without approval.</summary>
    public string? Emergency { get; init; }

    /// <param name="signatures">The signatures by proposal.</param>
    public static ResourceHistoryItem Of(
        IEvent e, IReadOnlyList<FieldChange> changes, ILookup<string, Signature> signatures, bool unreadable = false) => new(
        e.Version, e.EventTypeName, e.Timestamp, e.Actor(), e.Header(AuditContext.SourceIpHeader), e.Header(AuditContext.ReasonHeader),
        e.CorrelationId, changes, unreadable ? true : null)
        {
            ApprovedBy = e.Header(AuditContext.ProposalHeader) is { } proposal
            ? new(
            e.Header(AuditContext.ApprovedByHeader) ?? "", e.Header(AuditContext.ApprovedByNameHeader) ?? "", proposal, [.. signatures[proposal]])
            : null,
            Emergency = e.Header(AuditContext.EmergencyHeader),
        };

    /// <summary>The signatures on the proposals that approved these changes.</summary>
    public static Task<ILookup<string, Signature>> SignaturesAsync(
        NpgsqlDataSource database, IEnumerable<IEvent> events, CancellationToken cancellation) =>
        SignaturesOnRecord.ReadAsync(database, events.Select(x => x.Header(AuditContext.ProposalHeader)).OfType<string>(), cancellation);
}

/// <param name="Id">The id of the person or key.</param>
/// <param name="Proposal">The id of the approved proposal: <c>GET /proposals/{id}</c>.</param>
/// <param name="Signatures">The signatures; the author's first, if both have signed.</param>
public sealed record Approver(string Id, string Name, string Proposal, IReadOnlyList<Signature> Signatures);

/// <param name="Items">The resources that refer to the resource.</param>
/// <param name="Uses">What it refers to.</param>
public sealed record ResourceReferences(IReadOnlyList<ResourceUser> Items, IReadOnlyList<ResourceUser> Uses);

/// <summary>A query for resources; null values do not restrict.</summary>
/// <param name="Search">A part of a name or a description.</param>
/// <param name="Sort">A field; with a leading minus in descending order.</param>
/// <param name="Page">At least 1.</param>
/// <param name="PageSize">1 to 200.</param>
public sealed record ResourceQuery(string? Search = null, bool? Enabled = null, string Sort = "-createdAt", int Page = 1, int PageSize = 20);

/// <summary>Reads one kind of configuration resource: the current state, past states, and the history.</summary>
public sealed class ResourceReader<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, CurrentResources<TResource, TSettings> resources,
    ResourcePast past,
    IQuerySession session, NpgsqlDataSource database, IMessageBus bus)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary>The current state, or the state at a version or a time; only one of the two may be given.</summary>
    /// <exception cref="ProblemException">400: both are given; 404: it does not exist, or did not exist then.</exception>
    public async Task<TResource> GetAsync(string id, long? version, DateTimeOffset? asOf, CancellationToken cancellation)
    {
        if (version is not null && asOf is not null) throw ProblemException.Invalid("asOf", "Give either a version or an instant.");
        await kind.LookUpAsync(session, cancellation);
        if (kind.BuiltIn.FirstOrDefault(x => x.Id == id) is { } builtIn) return builtIn;
        if (version is null && asOf is null)
            return await resources.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(kind.Title, id);
        var events = IsId(id) ? await past.EventsOfStateAsync<TSettings>(id, version, asOf, cancellation) : [];
        if (version is not null && (events.Count == 0 || events[^1].Version < version)) throw ProblemException.NotFound(
            $"version {version} of the {kind.Title}", id);
        return Fold(id, events) ?? throw new ProblemException(404, "Not found.", $"The {kind.Title} '{id}' did not exist at that time.");
    }

    /// <exception cref="ProblemException">400: the sort order is unknown.</exception>
    public async Task<Page<JsonObject>> ListAsync(ResourceQuery query, CancellationToken cancellation)
    {
        await kind.LookUpAsync(session, cancellation);
        IQueryable<TResource> rows = session.Query<TResource>();
        var builtIn = kind.BuiltIn;
        if (query.Search is { } search)
        {
            var key = Names.KeyOf(search);
            rows = rows.Where(x => x.NameKey.Contains(key) || x.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
                || x.Description.Contains(search, StringComparison.OrdinalIgnoreCase));
            builtIn = [.. builtIn.Where(x => x.NameKey.Contains(key, StringComparison.Ordinal)
                || x.Description.Contains(search, StringComparison.OrdinalIgnoreCase))];
        }

        if (query.Enabled is { } enabled)
        {
            rows = rows.Where(x => x.Enabled == enabled);
            builtIn = [.. builtIn.Where(x => x.Enabled == enabled)];
        }

        var ordered = query.Sort switch
        {
            "name" => rows.OrderBy(x => x.NameKey),
            "-name" => rows.OrderByDescending(x => x.NameKey),
            "createdAt" => rows.OrderBy(x => x.CreatedAt),
            "-createdAt" => rows.OrderByDescending(x => x.CreatedAt),
            "type" when kind.Type is { } type => rows.OrderBy(type),
            "-type" when kind.Type is { } type => rows.OrderByDescending(type),
            "description" => rows.OrderBy(x => x.Description),
            "-description" => rows.OrderByDescending(x => x.Description),
            "status" => rows.OrderBy(x => x.Enabled),
            "-status" => rows.OrderByDescending(x => x.Enabled),
            _ => throw ProblemException.Invalid(
                "sort", $"Give name, {(kind.Type is null ? "" : "type, ")}description, status or createdAt, with a leading minus for descending order."),
        };

        // Counted separately: a count together with the rows would read and sort all of them for each page.
        var total = builtIn.Count + await rows.CountAsync(cancellation);
        var first = (query.Page - 1) * query.PageSize;
        var before = builtIn.Skip(first).Take(query.PageSize).Select(kind.Body).ToList();
        var ids = await ordered.ThenBy(x => x.Id).Skip(Math.Max(0, first - builtIn.Count)).Take(query.PageSize - before.Count)
            .Select(x => x.Id).ToListAsync(cancellation);
        // The table determines the rows and their order; their content is derived from the events.
        var found = await resources.FindAsync(session, [.. ids], cancellation);
        List<JsonObject> bodies = [.. before, .. ids.Select(x => found.TryGetValue(x, out var resource) ? kind.Body(resource) : Unreadable(x))];
        await kind.AddStateAsync(found, bodies, cancellation);
        return new Page<JsonObject>(bodies, query.Page, query.PageSize, total);
    }

    /// <summary>
    /// Represents a row whose events somebody has changed, or that has no events, so that it does not prevent the others from being listed.
    /// </summary>
    private static JsonObject Unreadable(string id) => new()
    {
        ["id"] = id,
        ["name"] = "",
        ["description"] = "",
        ["status"] = "disabled",
        ["version"] = 0,
        ["unreadable"] = true,
    };

    /// <summary>Newest first; a deleted resource keeps its history.</summary>
    /// <param name="before">The position before which the page begins (<see cref="CursorPage{T}.Next"/>); null: the newest.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <exception cref="ProblemException">404: there is no such resource.</exception>
    public async Task<CursorPage<ResourceHistoryItem>> HistoryAsync(string id, long? before, int limit, CancellationToken cancellation)
    {
        await kind.LookUpAsync(session, cancellation);
        var events = IsId(id) ? await past.NewestAsync(id, before, limit, cancellation) : [];
        if (events.Count == 0 && kind.BuiltIn.Any(x => x.Id == id)) return new([], null);
        if (events.Count == 0) throw ProblemException.NotFound(kind.Title, id);

        var first = events[0].Version;
        var state = first == 1 ? null : Fold(id, await past.EventsOfStateAsync<TSettings>(id, first - 1, null, cancellation));
        var from = state is null ? new JsonObject() : kind.Shown(state);
        var items = new List<ResourceHistoryItem>();
        var signatures = await ResourceHistoryItem.SignaturesAsync(database, events, cancellation);
        foreach (var e in events)
        {
            var unreadable = e.Data is UnreadableEvent;
            if (!unreadable) state = projection.Evolve(state, id, e);
            var to = state is null ? new JsonObject() : kind.Shown(state);
            items.Add(ResourceHistoryItem.Of(e, FieldChange.Between(from, to), signatures, unreadable));
            from = to;
        }

        items.Reverse();
        return new(items, first > 1 ? first : null);
    }

    public async Task<ResourceReferences> ReferencesAsync(string id, CancellationToken cancellation)
    {
        var resource = await GetAsync(id, null, null, cancellation);
        return new(await kind.UsersAsync(id, session, bus, cancellation), await kind.UsedAsync(resource.Settings, session, bus, cancellation));
    }

    private bool IsId(string id) => id.StartsWith(kind.Noun + "-", StringComparison.Ordinal);

    private TResource? Fold(string id, IReadOnlyList<IEvent> events) =>
        events.Aggregate((TResource?)null, (state, e) => projection.Evolve(state, id, e));
}
