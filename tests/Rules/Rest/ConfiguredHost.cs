using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

/// <summary>One running Notify with the example's configuration, for tests that only ask.</summary>
public sealed class ConfiguredHost : IAsyncLifetime
{
    public NotifyHost Host { get; private set; } = null!;
    public Example Example { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync();
        Example = await Example.MakeAsync(Host);
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
