using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Access.Policies;

/// <summary>The approval policy as its events say, and who counts as one person under it.</summary>
public sealed class PolicyOnRecord(EventCatalog catalog, ILogger<PolicyOnRecord> logger) : EventsOnRecord(catalog, logger)
{
    /// <exception cref="ProblemException">409: somebody has changed the record, so that nobody knows what needs approval.</exception>
    public async Task<ApprovalPolicy> ReadAsync(IQuerySession session, CancellationToken cancellation)
    {
        var last = (await ReadAsync(session, "stream_id = $1 order by version desc limit 1", cancellation, ApprovalPolicy.Stream)).SingleOrDefault();
        return last switch
        {
            null => ApprovalPolicy.None,
            { Data: ApprovalPolicyChanged x } => ApprovalPolicy.Of(last.Version, x),
            _ => throw ProblemException.Conflict("The approval policy on record cannot be read: somebody has changed it. Nothing is changed until it is restored."),
        };
    }

    /// <summary>Every version of it, newest first; without those that cannot be read.</summary>
    public async Task<List<IEvent>> AllAsync(IQuerySession session, CancellationToken cancellation) =>
        [.. (await ReadAsync(session, "stream_id = $1 order by version desc", cancellation, ApprovalPolicy.Stream))
            .Where(x => x.Data is ApprovalPolicyChanged)];

    /// <summary>
    /// Whether both are one person: they are the same, one is a key that the other has made, or keys of both were made by one person.
    /// </summary>
    public async Task<bool> AreOnePersonAsync(IQuerySession session, Actor a, Actor b, CancellationToken cancellation)
    {
        var (makersOfA, makersOfB) = (await MakersAsync(session, a, cancellation), await MakersAsync(session, b, cancellation));
        return makersOfA.Contains(b.Id) || makersOfB.Contains(a.Id) || makersOfA.Any(x => !IsKey(x) && makersOfB.Contains(x));
    }

    private async Task<HashSet<string>> MakersAsync(IQuerySession session, Actor actor, CancellationToken cancellation)
    {
        var makers = new HashSet<string>([actor.Id], StringComparer.Ordinal);
        for (var id = actor.Id; IsKey(id);)
        {
            var creation = (await ReadAsync(session, "stream_id = $1 and version = 1", cancellation, id)).SingleOrDefault();
            // Notify itself makes the first key, and is no person.
            if (creation?.Actor() is not { } maker || maker.Kind == Actor.SystemKind || !makers.Add(maker.Id)) break;
            id = maker.Id;
        }

        return makers;
    }

    private static bool IsKey(string id) => id.StartsWith("apikey-", StringComparison.OrdinalIgnoreCase);
}
