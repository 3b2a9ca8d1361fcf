using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Access.Approvals;

/// <summary>
/// The policy and the proposals as their events say. There is no table of them: nobody approves anything by changing a row.
/// </summary>
public sealed class ApprovalsOnRecord(EventCatalog catalog, ILogger<ApprovalsOnRecord> logger)
{
    /// <exception cref="ProblemException">409: somebody has changed the record, so that nobody knows what needs approval.</exception>
    public async Task<ApprovalPolicy> PolicyAsync(IQuerySession session, CancellationToken cancellation)
    {
        var last = (await ReadAsync(session, "stream_id = $1 order by version desc limit 1", ApprovalPolicy.Stream, cancellation)).SingleOrDefault();
        return last switch
        {
            null => ApprovalPolicy.None,
            { Data: ApprovalPolicyChanged x } => ApprovalPolicy.Of(last.Version, x),
            _ => throw ProblemException.Conflict("The approval policy on record cannot be read: somebody has changed it. Nothing is changed until it is restored."),
        };
    }

    /// <summary>Every version of the policy, newest first; without those that cannot be read.</summary>
    public async Task<List<IEvent>> PoliciesAsync(IQuerySession session, CancellationToken cancellation) =>
        [.. (await ReadAsync(session, "stream_id = $1 order by version desc", ApprovalPolicy.Stream, cancellation))
            .Where(x => x.Data is ApprovalPolicyChanged)];

    /// <summary>Null: there is none, or it cannot be read.</summary>
    public async Task<Proposal?> FindAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        (await FoldAsync(session, [id], cancellation)).SingleOrDefault();

    /// <param name="state">Null: any.</param>
    /// <param name="before">Only those that were proposed before this one; null: from the newest on.</param>
    /// <param name="limit">At most so many, newest first.</param>
    public async Task<List<Proposal>> NewestAsync(
        IQuerySession session, ProposalState? state, string? before, int limit, CancellationToken cancellation)
    {
        var (first, last) = Ids.Range(Proposal.Noun);
        await using var command = new NpgsqlCommand(
            $"""
            select p.stream_id from {EventTables.Events} p where p.stream_id >= $1 and p.stream_id < $2 and p.version = 1
              and ($3 or (select e.type from {EventTables.Events} e where e.stream_id = p.stream_id order by e.version desc limit 1) = any($4))
            order by p.stream_id desc limit $5
            """)
        {
            Parameters =
            {
                new() { Value = first }, new() { Value = before ?? last }, new() { Value = state is null },
                new() { Value = state is null ? [] : catalog.NamesOf(EndsOf(state.Value)) }, new() { Value = limit },
            },
        };
        var ids = new List<string>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellation))
            while (await reader.ReadAsync(cancellation)) ids.Add(reader.GetString(0));
        return [.. (await FoldAsync(session, [.. ids], cancellation)).OrderByDescending(x => x.Id, StringComparer.Ordinal)];
    }

    /// <summary>The last versions of streams by their events, which nobody can make less; what is not there is left out.</summary>
    public static async Task<Dictionary<string, long>> VersionsAsync(IQuerySession session, IEnumerable<string> ids, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select stream_id, max(version) from {EventTables.Events} where stream_id = any($1) group by stream_id")
        { Parameters = { new() { Value = ids.Distinct(StringComparer.Ordinal).ToArray() } } };
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

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
            var creation = (await ReadAsync(session, "stream_id = $1 and version = 1", id, cancellation)).SingleOrDefault();
            // Notify itself makes the first key, and is no person.
            if (creation?.Actor() is not { } maker || maker.Kind == Actor.SystemKind || !makers.Add(maker.Id)) break;
            id = maker.Id;
        }

        return makers;
    }

    private static bool IsKey(string id) => id.StartsWith("apikey-", StringComparison.OrdinalIgnoreCase);

    private async Task<List<Proposal>> FoldAsync(IQuerySession session, string[] ids, CancellationToken cancellation)
    {
        var events = await ReadAsync(session, "stream_id = any($1) order by stream_id, version", ids, cancellation);
        return
        [
            .. events.GroupBy(x => x.StreamKey!, StringComparer.Ordinal)
                .Where(x => x.Key.StartsWith(Proposal.Noun + "-", StringComparison.Ordinal) && x.All(e => e.Data is not UnreadableEvent))
                .Select(x => x.Aggregate((Proposal?)null, (proposal, e) => Proposal.Apply(proposal, x.Key, e))).OfType<Proposal>(),
        ];
    }

    private async Task<List<IEvent>> ReadAsync(IQuerySession session, string wanted, object value, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {EventRecord.Columns} from {EventTables.Events} where not is_archived and {wanted}")
        { Parameters = { new() { Value = value } } };
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        var events = new List<IEvent>();
        while (await reader.ReadAsync(cancellation)) events.Add(EventRecord.ReadAny(reader, catalog, logger));
        return events;
    }

    private static Type[] EndsOf(ProposalState state) => state switch
    {
        ProposalState.Approved => [typeof(ProposalApproved)],
        ProposalState.Rejected => [typeof(ProposalRejected)],
        ProposalState.Withdrawn => [typeof(ProposalWithdrawn)],
        ProposalState.Void => [typeof(ProposalVoided)],
        _ => [typeof(ChangeProposed), typeof(ProposalSigned)],
    };

    /// <summary>What is signed of a proposal, as it lies in the store.</summary>
    public static async Task<string> ContentAsync(IQuerySession session, string id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select data from {EventTables.Events} where stream_id = $1 and version = 1")
        { Parameters = { new() { Value = id } } };
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        return await reader.ReadAsync(cancellation) ? SignedContent.Of(reader.GetString(0)) : throw ProblemException.NotFound(Proposal.Noun, id);
    }
}
