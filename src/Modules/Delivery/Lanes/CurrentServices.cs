using System.Collections.Frozen;
using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Lanes;

/// <summary>Services and people at one version of the configuration.</summary>
public sealed record Reachable(IReadOnlyCollection<ConfiguredService> Services, ConfiguredPeople People)
{
    public static readonly Reachable Nothing = new([], ConfiguredPeople.None);

    private readonly FrozenDictionary<string, ConfiguredService> byId = Services.ToFrozenDictionary(x => x.Id, StringComparer.Ordinal);

    public ConfiguredService? Find(string serviceId) => byId.GetValueOrDefault(serviceId);

    /// <summary>Those of these whom nobody is behind any more: the people were disabled or removed since it was decided to tell them.</summary>
    public List<Receiver> LeftBy(IReadOnlyList<Receiver> receivers) =>
        [.. receivers.Where(x => x.People is { Count: > 0 } behind && !behind.Any(p => People.Find(p.Id) is { Enabled: true }))];
}

/// <summary>The services and people as they are now, asked of their modules whenever the configuration's version has moved, and read by their
/// channels.</summary>
public sealed class CurrentServices(IWolverineRuntime runtime, IDocumentStore store, ChannelCatalog channels)
{
    private volatile Snapshot? current;

    private sealed record Snapshot(long Version, Reachable Reachable);

    public async Task<Reachable> GetAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await GetAsync(await ConfigurationStamp.ReadAsync(session, cancellation), cancellation);
    }

    public async Task<Reachable> GetAsync(long version, CancellationToken cancellation)
    {
        if (current is { } known && known.Version == version) return known.Reachable;
        var bus = new MessageBus(runtime);
        var described = await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(), cancellation);
        var people = await bus.InvokeAsync<PeopleDescribed>(new DescribePeople(), cancellation);
        var reachable = new Reachable([.. described.Services.Select(x => ConfiguredService.Of(x, channels))], ConfiguredPeople.Of(people));
        // What was read may be newer than the version says; then the next look reads once more.
        current = new Snapshot(version, reachable);
        return reachable;
    }

    /// <summary>The lane of notifications that cannot be sent anywhere.</summary>
    public const string Unreachable = "unreachable/";

    /// <summary>The lane of a notification: what the platform limits.</summary>
    public static string LaneOf(ConfiguredService? service, IReadOnlyList<Receiver> receivers) =>
        (receivers.Count == 0 ? null : service?.Routes.LaneOf(receivers)) ?? Unreachable + service?.Id;

    /// <summary>What people call a lane: lane → <c>service / receiver</c>, or what else the channel calls it.</summary>
    public static ILookup<string, string> LaneNames(IEnumerable<ConfiguredService> services) =>
        (from service in services from x in service.Routes.Lanes select (x.Lane, Name: $"{service.Name} / {x.Name}"))
            .ToLookup(x => x.Lane, x => x.Name, StringComparer.Ordinal);
}
