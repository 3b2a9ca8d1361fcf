using Notify.Channels;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;

namespace Notify.Rules.Deciding;

/// <summary>A rule, message or schedule at one version of its stream.</summary>
/// <param name="Settings">Valid.</param>
public sealed record Configured<TSettings>(string Id, long Version, string Name, bool Enabled, TSettings Settings)
{
    internal VersionedRef Ref => new(Id, Version, Name);
}

/// <summary>What a decision needs to know of a notification service.</summary>
/// <param name="Routes">Whom it reaches.</param>
public sealed record ConfiguredService(string Id, long Version, string Name, bool Enabled, string Type, IRoutes Routes)
{
    internal VersionedRef Ref => new(Id, Version, Name);

    public static ConfiguredService Of(ServiceDescription x, ChannelCatalog channels) => new(x.Id, x.Version, x.Name, x.Enabled, x.Type, channels.RoutesOf(x));
}
