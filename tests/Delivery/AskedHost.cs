using Notify.Delivery.Tests.Pager;
using Notify.Testing;

namespace Notify.Delivery.Tests;

/// <summary>One running Notify for the tests of all channels that only ask whether something is taken. A host for each would cost more than all that
/// they ask.</summary>
[CollectionDefinition(nameof(AskedHost))]
public sealed class AskedHost : IAsyncLifetime, ICollectionFixture<AskedHost>
{
    public NotifyHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await NotifyHost.StartAsync(replace: x => x.AddPager(new PagerPlatform()));

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
