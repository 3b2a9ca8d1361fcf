using Microsoft.Extensions.DependencyInjection;
using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>One host for the tests of a class, which change nothing on it or keep apart by the names of what they make.</summary>
public class SharedHost : IAsyncLifetime
{
    /// <summary>The host's.</summary>
    public MovedClock Clock { get; } = new();

    public NotifyHost Host { get; private set; } = null!;

    /// <summary>As <see cref="NotifyHost.StartAsync"/> takes them.</summary>
    protected virtual string[] Settings => [];

    protected virtual void Replace(IServiceCollection services) => UseClock(services);

    public virtual async Task InitializeAsync() => Host = await NotifyHost.StartAsync(Settings, replace: Replace);

    /// <summary>Of another node of the same.</summary>
    public void UseClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(Clock);

    public virtual async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A name that no other test uses.</summary>
    public static string NewName() => $"n{Guid.NewGuid():N}";
}
