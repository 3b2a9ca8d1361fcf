using Marten;
using Notify.Channels;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Kernel.Resources;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Lanes;

/// <summary>The services as they are now, asked of their module whenever the configuration's version has moved, and read by their channels.</summary>
public sealed class CurrentServices(IWolverineRuntime runtime, IDocumentStore store, ChannelCatalog channels)
{
    private volatile Snapshot? current;

    private sealed record Snapshot(long Version, Dictionary<string, ConfiguredService> Services);

    public async Task<IReadOnlyDictionary<string, ConfiguredService>> GetAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await GetAsync(await ConfigurationStamp.ReadAsync(session, cancellation), cancellation);
    }

    public async Task<IReadOnlyDictionary<string, ConfiguredService>> GetAsync(long version, CancellationToken cancellation)
    {
        if (current is { } known && known.Version == version) return known.Services;
        var described = await new MessageBus(runtime).InvokeAsync<ServicesDescribed>(new DescribeServices(), cancellation);
        var services = described.Services.ToDictionary(x => x.Id, x => ConfiguredService.Of(x, channels), StringComparer.Ordinal);
        // What was read may be newer than the version says; then the next look reads once more.
        current = new Snapshot(version, services);
        return services;
    }

    /// <summary>The lane of what can go nowhere.</summary>
    public const string Unreachable = "unreachable/";

    /// <summary>The lane of a notification: what the platform limits.</summary>
    public static string LaneOf(ConfiguredService? service, IReadOnlyList<Receiver> receivers) =>
        (receivers.Count == 0 ? null : service?.Routes.LaneOf(receivers)) ?? Unreachable + service?.Id;

    /// <summary>What people call a lane: lane → <c>service / receiver</c>, or what else the channel calls it.</summary>
    public static ILookup<string, string> LaneNames(IEnumerable<ConfiguredService> services) =>
        (from service in services from x in service.Routes.Lanes select (x.Lane, Name: $"{service.Name} / {x.Name}"))
            .ToLookup(x => x.Lane, x => x.Name, StringComparer.Ordinal);
}
