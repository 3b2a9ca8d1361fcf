using Notify.Channels;
using Notify.Kernel.Resources;

namespace Notify.Services;

/// <summary>A service in the OpenAPI document. Its input and output differ, since secrets can be written but not read.</summary>
internal static class ServiceDocument
{
    public static ResourceDocument Of(ChannelCatalog channels) => new(typeof(ServiceInput), typeof(ServiceView), channels.Default.Settings.Example);
}

internal sealed record ServiceInput(string Type);

internal sealed record ServiceView(string Type);
