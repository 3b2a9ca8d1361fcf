using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Events;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>One change of a resource as its history shows it.</summary>
public sealed record ResourceHistoryItem(
    long Version, string Type, DateTimeOffset At, Actor Actor, string? SourceIp, string? Reason, string? CorrelationId, IReadOnlyList<FieldChange> Changes);

/// <param name="Items">Who refers to the resource.</param>
/// <param name="Uses">What it refers to.</param>
public sealed record ResourceReferences(IReadOnlyList<ResourceUser> Items, IReadOnlyList<ResourceUser> Uses);

/// <summary>Reads of one kind of configuration resource: now, then, and every change between.</summary>
public sealed class ResourceReader<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, CurrentResources<TResource, TSettings> resources, ResourcePast past, IQuerySession session)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public async Task<TResource> GetAsync(string id, long? version, DateTimeOffset? asOf, CancellationToken cancellation)
    {
        if (version is null && asOf is null)
            return await resources.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(kind.Noun, id);
        var events = IsId(id) ? await past.EventsOfStateAsync<TSettings>(id, version, asOf, cancellation) : [];
        if (version is not null && (events.Count == 0 || events[^1].Version < version)) throw ProblemException.NotFound($"version {version} of the {kind.Noun}", id);
        return Fold(id, events) ?? throw new ProblemException(404, "Not found.", $"The {kind.Noun} '{id}' did not exist at that time.");
    }

    public async Task<Page<JsonObject>> ListAsync(QueryReader query, CancellationToken cancellation)
    {
        var (number, size) = (query.Number("page", 1, 1, int.MaxValue / 200), query.Number("pageSize", 20, 1, 200));
        var sort = query.Text("sort") ?? "-createdAt";
        IQueryable<TResource> resources = session.Query<TResource>();
        if (query.Text("search") is { } search)
        {
            var key = Names.KeyOf(search);
            resources = resources.Where(x => x.NameKey.Contains(key) || x.Description.Contains(search, StringComparison.OrdinalIgnoreCase));
        }

        if (query.OneOf("status", "enabled", "disabled") is { } status)
        {
            var enabled = status == "enabled";
            resources = resources.Where(x => x.Enabled == enabled);
        }

        var ordered = sort switch
        {
            "name" => resources.OrderBy(x => x.NameKey),
            "-name" => resources.OrderByDescending(x => x.NameKey),
            "createdAt" => resources.OrderBy(x => x.CreatedAt),
            "-createdAt" => resources.OrderByDescending(x => x.CreatedAt),
            "type" when kind.Type is { } type => resources.OrderBy(type),
            "-type" when kind.Type is { } type => resources.OrderByDescending(type),
            "description" => resources.OrderBy(x => x.Description),
            "-description" => resources.OrderByDescending(x => x.Description),
            "status" => resources.OrderBy(x => x.Enabled),
            "-status" => resources.OrderByDescending(x => x.Enabled),
            _ => null,
        };
        if (ordered is null) query.Fault("sort", $"Give name, {(kind.Type is null ? "" : "type, ")}description, status or createdAt, with a leading minus for descending order.");
        query.ThrowIfInvalid();

        // Counted by itself: beside the rows it would have all of them read and sorted for each page.
        var total = await resources.CountAsync(cancellation);
        var items = await ordered!.ThenBy(x => x.Id).Skip((number - 1) * size).Take(size).ToListAsync(cancellation);
        return new Page<JsonObject>([.. items.Select(x => ResourceEndpoints.Body(kind, x))], number, size, total);
    }

    /// <summary>Newest first; a deleted resource keeps its history.</summary>
    public async Task<CursorPage<ResourceHistoryItem>> HistoryAsync(string id, QueryReader query, CancellationToken cancellation)
    {
        var (before, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
        query.ThrowIfInvalid();
        var events = IsId(id) ? await past.NewestAsync(id, before, limit, cancellation) : [];
        if (events.Count == 0) throw ProblemException.NotFound(kind.Noun, id);

        var first = events[0].Version;
        var state = first == 1 ? null : Fold(id, await past.EventsOfStateAsync<TSettings>(id, first - 1, null, cancellation));
        var from = state is null ? new JsonObject() : kind.Shown(state);
        var items = new List<ResourceHistoryItem>();
        foreach (var e in events)
        {
            state = projection.Evolve(state, id, e);
            var to = state is null ? new JsonObject() : kind.Shown(state);
            items.Add(new ResourceHistoryItem(
                e.Version, e.EventTypeName, e.Timestamp, e.Actor(), e.Header(AuditContext.SourceIpHeader), e.Header(AuditContext.ReasonHeader), e.CorrelationId, FieldChange.Between(from, to)));
            from = to;
        }

        items.Reverse();
        return new(items, first > 1 ? QueryReader.CursorOf(first) : null);
    }

    public async Task<ResourceReferences> ReferencesAsync(string id, IMessageBus bus, CancellationToken cancellation)
    {
        var resource = await resources.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(kind.Noun, id);
        return new(await kind.UsersAsync(id, session, bus, cancellation), await kind.UsedAsync(resource.Settings, session, bus, cancellation));
    }

    private bool IsId(string id) => id.StartsWith(kind.Noun + "-", StringComparison.Ordinal);

    private TResource? Fold(string id, IReadOnlyList<IEvent> events) => events.Aggregate((TResource?)null, (state, e) => projection.Evolve(state, id, e));
}
