using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Access.Policies;

/// <summary>Reads the approval policy from its events, and tells which actors are one person.</summary>
public sealed class PolicyOnRecord(EventCatalog catalog, ILogger<PolicyOnRecord> logger) : EventsOnRecord(catalog, logger)
{
    /// <exception cref="ProblemException">409: an event was changed in the database, so that it is unknown what needs approval.</exception>
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

    /// <summary>Every readable version, newest first.</summary>
    public async Task<List<IEvent>> AllAsync(IQuerySession session, CancellationToken cancellation) =>
        [.. (await ReadAsync(session, "stream_id = $1 order by version desc", cancellation, ApprovalPolicy.Stream))
            .Where(x => x.Data is ApprovalPolicyChanged)];

    /// <summary>Whether two actors are one person: they are the same, one is a key that the other created, or one person created both keys.</summary>
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
            // Notify itself creates the bootstrap key and is not a person.
            if (creation?.Actor() is not { } maker || maker.Kind == Actor.SystemKind || !makers.Add(maker.Id)) break;
            id = maker.Id;
        }

        return makers;
    }

    private static bool IsKey(string id) => id.StartsWith("apikey-", StringComparison.OrdinalIgnoreCase);
}
