using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>One change of a resource as its history shows it.</summary>
/// <param name="Unreadable">True: somebody has changed the event in the database, and what it changed is not known.</param>
public sealed record ResourceHistoryItem(
    long Version, string Type, DateTimeOffset At, Actor Actor, string? SourceIp, string? Reason, string? CorrelationId,
    IReadOnlyList<FieldChange> Changes,
    bool? Unreadable = null)
{
    /// <summary>Who has approved the change, where it needed a second person; null: nobody.</summary>
    public Approver? ApprovedBy { get; init; }

    /// <summary>The emergency in which it was made without approval.</summary>
    public string? Emergency { get; init; }

    /// <param name="signatures">By proposal.</param>
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

    /// <summary>What was signed of the proposals by which these changes were approved.</summary>
    public static Task<ILookup<string, Signature>> SignaturesAsync(
        NpgsqlDataSource database, IEnumerable<IEvent> events, CancellationToken cancellation) =>
        SignaturesOnRecord.ReadAsync(database, events.Select(x => x.Header(AuditContext.ProposalHeader)).OfType<string>(), cancellation);
}

/// <param name="Id">Of the person or key.</param>
/// <param name="Proposal">The id of what was approved: <c>GET /proposals/{id}</c>.</param>
/// <param name="Signatures">What was signed; the author's first, where both have signed.</param>
public sealed record Approver(string Id, string Name, string Proposal, IReadOnlyList<Signature> Signatures);

/// <param name="Items">Who refers to the resource.</param>
/// <param name="Uses">What it refers to.</param>
public sealed record ResourceReferences(IReadOnlyList<ResourceUser> Items, IReadOnlyList<ResourceUser> Uses);

/// <summary>Which resources; what is null does not matter.</summary>
/// <param name="Search">Part of a name or a description.</param>
/// <param name="Sort">A field; with a leading minus from the last to the first.</param>
/// <param name="Page">From 1 on.</param>
/// <param name="PageSize">From 1 to 200.</param>
public sealed record ResourceQuery(string? Search = null, bool? Enabled = null, string Sort = "-createdAt", int Page = 1, int PageSize = 20);

/// <summary>Reads of one kind of configuration resource: now, then, and every change between.</summary>
public sealed class ResourceReader<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, CurrentResources<TResource, TSettings> resources,
    ResourcePast past,
    IQuerySession session, NpgsqlDataSource database, IMessageBus bus)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <summary>As it is now, at a version or at an instant; only one of the two may be given.</summary>
    /// <exception cref="ProblemException">400: both are given; 404: it does not exist, or did not then.</exception>
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

    /// <exception cref="ProblemException">400: there is no such order.</exception>
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

        // Counted by itself: beside the rows it would have all of them read and sorted for each page.
        var total = builtIn.Count + await rows.CountAsync(cancellation);
        var first = (query.Page - 1) * query.PageSize;
        var before = builtIn.Skip(first).Take(query.PageSize).Select(kind.Body).ToList();
        var ids = await ordered.ThenBy(x => x.Id).Skip(Math.Max(0, first - builtIn.Count)).Take(query.PageSize - before.Count)
            .Select(x => x.Id).ToListAsync(cancellation);
        // The table decides which rows and in which order; their content comes from the events.
        var found = await resources.FindAsync(session, [.. ids], cancellation);
        List<JsonObject> bodies = [.. before, .. ids.Select(x => found.TryGetValue(x, out var resource) ? kind.Body(resource) : Unreadable(x))];
        await kind.AddStateAsync(found, bodies, cancellation);
        return new Page<JsonObject>(bodies, query.Page, query.PageSize, total);
    }

    /// <summary>
    /// Somebody has changed its events, or put a row into the table of which no event speaks: it must not keep the others from being listed.
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
    /// <param name="before">Behind which position the page begins (<see cref="CursorPage{T}.Next"/>); null: at the newest.</param>
    /// <param name="limit">From 1 to 1,000.</param>
    /// <exception cref="ProblemException">404.</exception>
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
