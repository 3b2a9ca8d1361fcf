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

    /// <summary>The receivers behind whom nobody is left: all their people were disabled or removed since the decision.</summary>
    public List<Receiver> LeftBy(IReadOnlyList<Receiver> receivers) =>
        [.. receivers.Where(x => x.People is { Count: > 0 } behind && !behind.Any(p => People.Find(p.Id) is { Enabled: true }))];
}

/// <summary>The current services and people, read from their modules whenever the configuration's version has changed, and interpreted by their
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
        // The data may be newer than this version; then it is read once more at the next use.
        current = new Snapshot(version, reachable);
        return reachable;
    }

    /// <summary>The prefix of lanes for notifications that cannot be sent anywhere.</summary>
    public const string Unreachable = "unreachable/";

    /// <summary>The lane of a notification: the unit to which the platform applies its limits.</summary>
    public static string LaneOf(ConfiguredService? service, IReadOnlyList<Receiver> receivers) =>
        (receivers.Count == 0 ? null : service?.Routes.LaneOf(receivers)) ?? Unreachable + service?.Id;

    /// <summary>The names of lanes for people: <c>service / receiver</c>, or the channel's own word in place of the receiver.</summary>
    public static ILookup<string, string> LaneNames(IEnumerable<ConfiguredService> services) =>
        (from service in services from x in service.Routes.Lanes select (x.Lane, Name: $"{service.Name} / {x.Name}"))
            .ToLookup(x => x.Lane, x => x.Name, StringComparer.Ordinal);
}
