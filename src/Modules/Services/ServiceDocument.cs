using Notify.Channels;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>A service as the OpenAPI document shows it: sent and read differently, since its secrets go in and never come out.</summary>
internal static class ServiceDocument
{
    public static ResourceDocument Of(ChannelCatalog channels) => new(typeof(ServiceInput), typeof(ServiceView), channels.Default.Settings.Example);

    /// <summary>The settings of each channel, under its type.</summary>
    public static AddedFields Entered(ChannelCatalog channels) => Fields(typeof(ServiceInput), channels, x => x.InputType);

    public static AddedFields Shown(ChannelCatalog channels) => Fields(typeof(ServiceView), channels, x => x.ViewType);

    private static AddedFields Fields(Type owner, ChannelCatalog channels, Func<IChannelSettings, Type> type) =>
        new(owner, channels.All.ToDictionary(x => x.Type, x => type(x.Settings), StringComparer.Ordinal));
}

internal sealed record ServiceInput(string Type);

internal sealed record ServiceView(string Type);
