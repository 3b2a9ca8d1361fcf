using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;

namespace Notify.Testing;

/// <summary>The product's channels without a host, as far as they need none.</summary>
public static class TestChannels
{
    public static readonly ChannelCatalog All =
        new ServiceCollection().AddChannels(new ConfigurationBuilder().Build()).BuildServiceProvider().GetRequiredService<ChannelCatalog>();
}
