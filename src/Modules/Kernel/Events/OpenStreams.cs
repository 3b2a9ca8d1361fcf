using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// How retention determines whether streams of a kind are still open, so that more may happen in them. A table may say so too
/// (<see cref="OwnedTable.Open"/>), quickly; but somebody can change a row, so destroying data never depends on it.
/// </summary>
/// <param name="Kind">The prefix of the streams' ids, up to the dash.</param>
/// <param name="IsOpen">Decides by the events of one stream, in order, without archived ones.</param>
public sealed record OpenStreams(string Kind, Func<IReadOnlyList<StoredEvent>, bool> IsOpen);

public static class OpenStreamsRegistration
{
    public static IServiceCollection AddOpenStreams(this IServiceCollection services, string kind, Func<IReadOnlyList<StoredEvent>, bool> isOpen) =>
        services.AddSingleton(new OpenStreams(kind, isOpen));
}
