using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// What a module says of a kind of its streams to whoever puts old ones away: whether more will happen in one. A table may say so too
/// (<see cref="OwnedTable.Open"/>), quickly; but somebody can change a row, and what must not be destroyed is never left to that.
/// </summary>
/// <param name="Kind">What the ids of the streams begin with, up to the dash.</param>
/// <param name="IsOpen">By the events of one stream, in their order; those that were put away before are not among them.</param>
public sealed record OpenStreams(string Kind, Func<IReadOnlyList<StoredEvent>, bool> IsOpen);

public static class OpenStreamsRegistration
{
    public static IServiceCollection AddOpenStreams(this IServiceCollection services, string kind, Func<IReadOnlyList<StoredEvent>, bool> isOpen) =>
        services.AddSingleton(new OpenStreams(kind, isOpen));
}
