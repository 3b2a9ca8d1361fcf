using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Something that a verification of the history found wrong, as a person can act on it.</summary>
/// <param name="Kind">One word that tells kinds of faults apart (docs/proofs.md lists them), for whoever counts or filters.</param>
/// <param name="Explanation">One sentence: what is not as it was, and where.</param>
/// <param name="Sequence">The event, where one can be named.</param>
public sealed record Finding(string Kind, string Explanation, long? Sequence = null, string? Type = null, string? StreamId = null);

/// <summary>
/// A part of each whole verification beside the leaves: what is kept, decided or permitted beside the events is what follows from them. Every check
/// is done each time, whatever the others find, and one that cannot be done is itself a finding: whoever can write a row must not be able to switch
/// it off.
/// </summary>
public interface IHistoryCheck
{
    /// <summary>What is checked, in words for an operator: <c>legal holds</c>.</summary>
    string Name { get; }

    /// <param name="snapshot">
    /// The moment of the whole verification. What is compared is read here, all of it; what lies elsewhere (a file, memory) and may be newer accuses
    /// nobody.
    /// </param>
    /// <returns>Everything that was found, not just the first; empty when all is well. A row that cannot be read is a finding too.</returns>
    Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation);
}

public static class HistoryCheckRegistration
{
    public static IServiceCollection AddHistoryCheck<T>(this IServiceCollection services)
        where T : class, IHistoryCheck =>
        services.AddSingleton<IHistoryCheck, T>();
}
