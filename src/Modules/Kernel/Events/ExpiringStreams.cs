using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>Streams of a module that can expire, in a class for which an operator may set a retention period. Others are kept forever.</summary>
/// <param name="Class">The name of the class in the settings.</param>
/// <param name="Kinds">The prefixes of the streams' ids, up to the dash.</param>
public sealed record ExpiringStreams(string Class, IReadOnlyList<string> Kinds);

public static class ExpiringStreamsRegistration
{
    public static IServiceCollection AddExpiringStreams(this IServiceCollection services, string @class, params IReadOnlyList<string> kinds) =>
        services.AddSingleton(new ExpiringStreams(@class, kinds));
}
