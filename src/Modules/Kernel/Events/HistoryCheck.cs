using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>A fault found by a verification of the history, for a person to act on.</summary>
/// <param name="Kind">One word for the kind of fault (docs/proofs.md lists them), for counting and filtering.</param>
/// <param name="Explanation">One sentence: what has changed, and where.</param>
/// <param name="Sequence">The sequence number of the event; null if none can be named.</param>
public sealed record Finding(string Kind, string Explanation, long? Sequence = null, string? Type = null, string? StreamId = null);

/// <summary>
/// A part of each full verification besides the log's leaves: checks that data kept beside the events, and decisions and permissions in it, follow
/// from the events. Every check always runs, whatever the others find, and one that cannot run is itself a finding: whoever can write a row must not
/// be able to disable it.
/// </summary>
public interface IHistoryCheck
{
    /// <summary>What is checked, for an operator: <c>legal holds</c>.</summary>
    string Name { get; }

    /// <param name="snapshot">
    /// The snapshot of the whole verification. Everything that is compared is read from it; data from elsewhere (a file, memory) may be newer and
    /// must not lead to findings.
    /// </param>
    /// <returns>All findings, not just the first; empty if there are none. A row that cannot be read is a finding too.</returns>
    Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation);
}

public static class HistoryCheckRegistration
{
    public static IServiceCollection AddHistoryCheck<T>(this IServiceCollection services)
        where T : class, IHistoryCheck =>
        services.AddSingleton<IHistoryCheck, T>();
}
