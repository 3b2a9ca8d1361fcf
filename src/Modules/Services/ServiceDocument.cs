using Notify.Channels;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>A service as the OpenAPI document shows it: sent and read differently, since its secrets go in and never come out.</summary>
internal static class ServiceDocument
{
    public static ResourceDocument Of(ChannelCatalog channels) => new(typeof(ServiceInput), typeof(ServiceView), channels.Default.Settings.Example);
}

internal sealed record ServiceInput(string Type);

internal sealed record ServiceView(string Type);
