using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Access.People;
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

    /// <summary>Whether two actors are one person: they are the same, one is a key whose secret was given to the other, or the secrets of both keys
    /// were given to one person.</summary>
    public async Task<bool> AreOnePersonAsync(IQuerySession session, Actor a, Actor b, CancellationToken cancellation)
    {
        var (holdersOfA, holdersOfB) = (await HoldersAsync(session, a, cancellation), await HoldersAsync(session, b, cancellation));
        return holdersOfA.Contains(b.Id) || holdersOfB.Contains(a.Id) || holdersOfA.Any(x => !IsKey(x) && holdersOfB.Contains(x));
    }

    /// <summary>The actor; and for a key, everybody to whom one of its secrets was given, because they created or rotated it. Those may be keys,
    /// too.</summary>
    private async Task<HashSet<string>> HoldersAsync(IQuerySession session, Actor actor, CancellationToken cancellation)
    {
        var holders = new HashSet<string>([actor.Id], StringComparer.Ordinal);
        var keys = new Queue<string>(holders.Where(IsKey));
        while (keys.TryDequeue(out var key))
        {
            foreach (var given in await ReadAsync(session, "stream_id = $1", cancellation, key))
            {
                // Notify itself creates the bootstrap key and is not a person.
                if (given.Data is ApiKeyCreated or ApiKeyIssued or ApiKeyRotated && given.Actor() is { } holder && holder.Kind != Actor.SystemKind
                    && holders.Add(holder.Id) && IsKey(holder.Id)) keys.Enqueue(holder.Id);
            }
        }

        return holders;
    }

    private static bool IsKey(string id) => id.StartsWith("apikey-", StringComparison.OrdinalIgnoreCase);
}
