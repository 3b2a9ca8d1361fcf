using System.Collections.Frozen;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Services;

namespace Notify.Channels;

/// <summary>All channels, in the order in which they were registered (<see cref="ChannelRegistration"/>).</summary>
public sealed class ChannelCatalog
{
    private readonly FrozenDictionary<string, IChannel> byType;
    private readonly string ofNone;

    /// <param name="ofNone">The type of the channel of messages and actions that name none.</param>
    public ChannelCatalog(IEnumerable<IChannel> channels, string ofNone = "")
    {
        All = [.. channels];
        this.ofNone = ofNone;
        byType = All.ToFrozenDictionary(x => x.Type, StringComparer.Ordinal);
        Kinds = [.. All.SelectMany(x => x.Receivers).DistinctBy(x => x.Kind)];
    }

    public IReadOnlyList<IChannel> All { get; }

    public IEnumerable<string> Types => All.Select(x => x.Type);

    /// <summary>The channel of messages and actions that name none.</summary>
    public IChannel Default => Of(ofNone);

    /// <summary>The kinds of receivers of all channels; a kind that several channels have means the same in each.</summary>
    public IReadOnlyList<ReceiverKind> Kinds { get; }

    /// <summary>Null for a type that is not registered.</summary>
    public IChannel? Find(string? type) => type is null ? null : byType.GetValueOrDefault(type);

    /// <summary>For a service whose channel is no longer registered, empty routes.</summary>
    public IRoutes RoutesOf(ServiceDescription service) => Find(service.Type)?.Routes(service.Settings) ?? NoRoutes.Instance;

    /// <exception cref="InvalidOperationException">The channel is not registered, although stored data is of this type.</exception>
    public IChannel Of(string type) =>
        Find(type) ?? throw new InvalidOperationException($"There is no channel '{type}' here; there are {string.Join(", ", Types)}.");

    /// <summary>The channel of a lane; null if it is not registered.</summary>
    public IChannel? OfLane(string lane) => lane.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? Find(lane[..end]) : null;

    /// <summary>The limits of a lane.</summary>
    /// <exception cref="InvalidOperationException">No channel has such a lane.</exception>
    public LaneLimits LimitsOf(string lane) =>
        (OfLane(lane) ?? throw new InvalidOperationException($"No channel has the lane '{lane}'.")).Delivery.LimitsOf(lane);

    /// <summary>The keys of all receivers with this name, of any kind; or, if it is itself a key, of that receiver.</summary>
    public string[] KeysOf(string receiver)
    {
        foreach (var kind in Kinds)
            if (ReceiverKey.NameIn(receiver, kind) is { } name) return [.. ReceiverKey.AllOf(kind, name)];
        return [.. Kinds.SelectMany(x => ReceiverKey.AllOf(x, receiver))];
    }
}
