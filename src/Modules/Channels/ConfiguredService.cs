using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;

namespace Notify.Channels;

/// <summary>A notification service, as other modules use it.</summary>
/// <param name="Routes">The receivers it can reach.</param>
public sealed record ConfiguredService(string Id, long Version, string Name, bool Enabled, string Type, IRoutes Routes)
{
    public VersionedRef Ref => new(Id, Version, Name);

    public static ConfiguredService Of(ServiceDescription x, ChannelCatalog channels) =>
        new(x.Id, x.Version, x.Name, x.Enabled, x.Type, channels.RoutesOf(x));
}
