using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>Streams of a module that can expire, in a class for which an operator may set how long they are kept. Others are kept forever.</summary>
/// <param name="Class">As it is named in the settings.</param>
/// <param name="Kinds">What the ids of the streams begin with, up to the dash.</param>
public sealed record ExpiringStreams(string Class, IReadOnlyList<string> Kinds);

public static class ExpiringStreamsRegistration
{
    public static IServiceCollection AddExpiringStreams(this IServiceCollection services, string @class, params IReadOnlyList<string> kinds) =>
        services.AddSingleton(new ExpiringStreams(@class, kinds));
}
