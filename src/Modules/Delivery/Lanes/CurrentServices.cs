using System.Collections.Concurrent;
using Marten;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Lanes;

/// <summary>The services as they are now, asked of their module whenever the configuration's version has moved; and their credentials, opened when needed.</summary>
public sealed class CurrentServices(IWolverineRuntime runtime, SecretVault vault, IDocumentStore store)
{
    private readonly ConcurrentDictionary<SecretRef, string> opened = new();
    private volatile Snapshot? current;

    private sealed record Snapshot(long Version, Dictionary<string, ServiceDescription> Services);

    public async Task<IReadOnlyDictionary<string, ServiceDescription>> GetAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await GetAsync(await ConfigurationStamp.ReadAsync(session, cancellation), cancellation);
    }

    public async Task<IReadOnlyDictionary<string, ServiceDescription>> GetAsync(long version, CancellationToken cancellation)
    {
        if (current is { } known && known.Version == version) return known.Services;
        var described = await new MessageBus(runtime).InvokeAsync<ServicesDescribed>(new DescribeServices(), cancellation);
        var services = described.Services.ToDictionary(x => x.Id, StringComparer.Ordinal);
        // What was read may be newer than the version says; then the next look reads once more.
        current = new Snapshot(version, services);
        return services;
    }

    public async ValueTask<string> RevealAsync(string reference, string fingerprint, CancellationToken cancellation) =>
        opened.TryGetValue(new SecretRef(reference, fingerprint), out var value)
            ? value
            : opened[new SecretRef(reference, fingerprint)] = await vault.RevealAsync(new SecretRef(reference, fingerprint), cancellation);

    /// <summary>The lane of what can go nowhere.</summary>
    public const string Unreachable = "unreachable/";

    /// <summary>The lane of a notification: what the platform limits. Two services with the same robot share its lane.</summary>
    public static string LaneOf(ServiceDescription? service, IReadOnlyList<Receiver> receivers)
    {
        if (service?.WeCom is not { } weCom || receivers.Count == 0) return Unreachable + service?.Id;
        if (receivers[0].Kind == Receiver.Bot)
            return Robot(weCom, receivers[0].Alias) is { } robot ? RobotLane(robot) : Unreachable + service.Id;
        return weCom.App is { } app ? AppLane(app) : Unreachable + service.Id;
    }

    /// <summary>What people call a lane: lane → <c>service / robot</c>, or <c>service / app</c> and its number.</summary>
    public static ILookup<string, string> LaneNames(IEnumerable<ServiceDescription> services) =>
        (from service in services
         let weCom = service.WeCom
         where weCom is not null
         from name in weCom.Robots.Select(x => (Lane: RobotLane(x), Name: $"{service.Name} / {x.Alias}"))
             .Concat(weCom.App is { } app ? [(AppLane(app), $"{service.Name} / app {app.AgentId}")] : [])
         select name).ToLookup(x => x.Lane, x => x.Name, StringComparer.Ordinal);

    public static WeComRobotDescription? Robot(WeComDescription weCom, string? alias) =>
        weCom.Robots.FirstOrDefault(x => x.Alias == alias) ?? weCom.Robots.FirstOrDefault(x => Names.Same(x.Alias, alias));

    private static string RobotLane(WeComRobotDescription robot) => $"wecom/robot/{robot.KeyFingerprint}";

    private static string AppLane(WeComAppDescription app) => $"wecom/app/{app.CorpId}/{app.AgentId}";
}
