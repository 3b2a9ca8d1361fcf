using System.Collections.Frozen;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Services;

namespace Notify.Channels;

/// <summary>The channels there are, in the order in which they were registered (<see cref="ChannelRegistration"/>).</summary>
public sealed class ChannelCatalog
{
    private readonly FrozenDictionary<string, IChannel> byType;

    public ChannelCatalog(IEnumerable<IChannel> channels)
    {
        All = [.. channels];
        byType = All.ToFrozenDictionary(x => x.Type, StringComparer.Ordinal);
        Kinds = [.. All.SelectMany(x => x.Receivers).DistinctBy(x => x.Kind)];
    }

    public IReadOnlyList<IChannel> All { get; }

    public IEnumerable<string> Types => All.Select(x => x.Type);

    /// <summary>That of messages and actions which name none.</summary>
    public IChannel Default => All[0];

    /// <summary>The kinds of receivers of all channels; channels that have the same kind mean the same by it.</summary>
    public IReadOnlyList<ReceiverKind> Kinds { get; }

    /// <summary>Null for a type that is not registered.</summary>
    public IChannel? Find(string? type) => type is null ? null : byType.GetValueOrDefault(type);

    /// <summary>Of a service whose channel is not registered any more, those that lead nowhere.</summary>
    public IRoutes RoutesOf(ServiceDescription service) => Find(service.Type)?.Routes(service.Settings) ?? NoRoutes.Instance;

    /// <exception cref="InvalidOperationException">It is not registered, although something stored is of this type.</exception>
    public IChannel Of(string type) =>
        Find(type) ?? throw new InvalidOperationException($"There is no channel '{type}' here; there are {string.Join(", ", Types)}.");

    /// <summary>Through which a lane goes; null when that is not registered.</summary>
    public IChannel? OfLane(string lane) => lane.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? Find(lane[..end]) : null;

    /// <summary>What the platform takes on a lane.</summary>
    /// <exception cref="InvalidOperationException">No channel has such a lane.</exception>
    public LaneLimits LimitsOf(string lane) =>
        (OfLane(lane) ?? throw new InvalidOperationException($"No channel has the lane '{lane}'.")).Delivery.LimitsOf(lane);

    /// <summary>The keys of whoever is called so, whatever the kind; or of the one whose key this is.</summary>
    public string[] KeysOf(string receiver)
    {
        foreach (var kind in Kinds)
            if (ReceiverKey.NameIn(receiver, kind) is { } name) return [.. ReceiverKey.AllOf(kind, name)];
        return [.. Kinds.SelectMany(x => ReceiverKey.AllOf(x, receiver))];
    }
}
