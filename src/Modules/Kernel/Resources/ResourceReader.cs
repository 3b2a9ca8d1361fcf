using System.Text.Json;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Notify.Kernel.Events;
using Wolverine;

namespace Notify.Kernel.Resources;

/// <summary>One change of a resource as its history shows it.</summary>
public sealed record ResourceHistoryItem(
    long Version, string Type, DateTimeOffset At, Actor Actor, string? SourceIp, string? Reason, string? CorrelationId, IReadOnlyList<FieldChange> Changes);

/// <summary>Reads of one kind of configuration resource: now, then, and every change between.</summary>
public sealed class ResourceReader<TResource, TSettings>(
    ResourceKind<TResource, TSettings> kind, ResourceProjection<TResource, TSettings> projection, IQuerySession session)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    public async Task<TResource> GetAsync(string id, long? version, DateTimeOffset? asOf, CancellationToken cancellation)
    {
        if (version is null && asOf is null)
            return await session.LoadAsync<TResource>(id, cancellation) ?? throw ProblemException.NotFound(kind.Noun, id);
        var events = await FetchAsync(id, version ?? 0, asOf, cancellation);
        if (version is not null && (events.Count == 0 || events[^1].Version < version)) throw ProblemException.NotFound($"version {version} of the {kind.Noun}", id);
        TResource? state = null;
        foreach (var e in events) state = projection.Evolve(state, id, e);
        return state ?? throw new ProblemException(404, "Not found.", $"The {kind.Noun} '{id}' did not exist then.");
    }

    public async Task<Page<JsonObject>> ListAsync(QueryReader query, CancellationToken cancellation)
    {
        var (number, size) = (query.Number("page", 1, 1, int.MaxValue / 200), query.Number("pageSize", 20, 1, 200));
        var sort = query.Text("sort") ?? "-createdAt";
        IQueryable<TResource> resources = session.Query<TResource>();
        if (query.Text("search") is { } search)
        {
            var key = ResourceName.KeyOf(search);
            resources = resources.Where(x => x.NameKey.Contains(key) || x.Description.Contains(search, StringComparison.OrdinalIgnoreCase));
        }

        switch (query.Text("status"))
        {
            case null: break;
            case "enabled": resources = resources.Where(x => x.Enabled); break;
            case "disabled": resources = resources.Where(x => !x.Enabled); break;
            default: query.Fault("status", "Give enabled or disabled."); break;
        }

        var ordered = sort switch
        {
            "name" => resources.OrderBy(x => x.NameKey),
            "-name" => resources.OrderByDescending(x => x.NameKey),
            "createdAt" => resources.OrderBy(x => x.Id),
            "-createdAt" => resources.OrderByDescending(x => x.Id), // ids sort by time of creation
            "description" => resources.OrderBy(x => x.Description),
            "-description" => resources.OrderByDescending(x => x.Description),
            "status" => resources.OrderBy(x => x.Enabled),
            "-status" => resources.OrderByDescending(x => x.Enabled),
            _ => null,
        };
        if (ordered is null) query.Fault("sort", "Give name, description, status or createdAt, with a leading minus to turn the order.");
        query.ThrowIfInvalid();

        var sorted = ordered!.ThenBy(x => x.Id);
        var items = await sorted.Stats(out var statistics).Skip((number - 1) * size).Take(size).ToListAsync(cancellation);
        // The total comes with the rows; past the last page there is none to bring it.
        if (items.Count == 0 && number > 1) await sorted.Stats(out statistics).Take(1).ToListAsync(cancellation);
        return new Page<JsonObject>([.. items.Select(x => ResourceEndpoints.Body(kind, x))], number, size, statistics.TotalResults);
    }

    /// <summary>Newest first; a deleted resource keeps its history.</summary>
    public async Task<CursorPage<ResourceHistoryItem>> HistoryAsync(string id, QueryReader query, CancellationToken cancellation)
    {
        var (before, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
        query.ThrowIfInvalid();
        var events = await FetchAsync(id, before is { } b ? b - 1 : 0, null, cancellation);
        if (events.Count == 0) throw ProblemException.NotFound(kind.Noun, id);

        var items = new List<ResourceHistoryItem>();
        TResource? state = null;
        var from = new JsonObject();
        foreach (var e in events)
        {
            state = projection.Evolve(state, id, e);
            var inside = e.Version > events[^1].Version - limit;
            if (!inside && e.Version != events[^1].Version - limit) continue;
            var to = state is null ? new JsonObject() : Shown(state);
            if (inside)
            {
                items.Add(new ResourceHistoryItem(
                    e.Version, e.EventTypeName, e.Timestamp, e.Actor(), e.Header(AuditContext.SourceIpHeader), e.Header(AuditContext.ReasonHeader), e.CorrelationId, FieldChange.Between(from, to)));
            }

            from = to;
        }

        items.Reverse();
        return new(items, items[^1].Version > 1 ? QueryReader.CursorOf(items[^1].Version) : null);
    }

    public async Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IMessageBus bus, CancellationToken cancellation)
    {
        if (await session.LoadAsync<TResource>(id, cancellation) is null) throw ProblemException.NotFound(kind.Noun, id);
        return await kind.UsersAsync(id, session, bus, cancellation);
    }

    private async Task<IReadOnlyList<IEvent>> FetchAsync(string id, long version, DateTimeOffset? asOf, CancellationToken cancellation) =>
        id.StartsWith(kind.Noun + "-", StringComparison.Ordinal)
            ? await session.Events.FetchStreamAsync(id, version, asOf?.ToUniversalTime(), token: cancellation)
            : [];

    /// <summary>What a change is a change of: name, description, status and settings, without the fields that change by themselves.</summary>
    private JsonObject Shown(TResource resource)
    {
        var shown = new JsonObject { ["name"] = resource.Name, ["description"] = resource.Description, ["status"] = resource.Status };
        foreach (var (name, value) in kind.View(resource.Settings)) shown[name] = value?.DeepClone();
        return shown;
    }
}
