using Marten;
using Microsoft.Extensions.Logging;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Access.Approvals;

/// <summary>Reads proposals from their events.</summary>
public sealed class ApprovalsOnRecord(EventCatalog catalog, ILogger<ApprovalsOnRecord> logger) : EventsOnRecord(catalog, logger)
{
    /// <summary>Null: it does not exist or cannot be read.</summary>
    public async Task<Proposal?> FindAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        (await FoldAsync(session, [id], cancellation)).SingleOrDefault();

    /// <exception cref="ProblemException">404: it does not exist, cannot be read, or the caller may not know of it.</exception>
    public async Task<Proposal> GetSeenAsync(IQuerySession session, string id, CancellationToken cancellation) =>
        await FindAsync(session, id, cancellation) is { IsSeen: true } found ? found : throw ProblemException.NotFound(Proposal.Noun, id);

    /// <param name="state">Null: any.</param>
    /// <param name="before">Only proposals older than this one; null: from the newest on.</param>
    /// <param name="limit">The greatest number to return.</param>
    /// <returns>Those that can be read, and the proposal before which the next page begins; null on the last page.</returns>
    public async Task<(List<Proposal> Found, string? Next)> NewestAsync(
        IQuerySession session, ProposalState? state, string? before, int limit, CancellationToken cancellation)
    {
        var (ids, next) = await NewestAsync(
            session, Proposal.Noun, before, limit, cancellation,
            $"$4 or (select l.type from {EventTables.Events} l where l.stream_id = e.stream_id order by l.version desc limit 1) = any($5)",
            state is null, state is null ? [] : Catalog.NamesOf(EndsOf(state.Value)));
        return (await FoldAsync(session, ids, cancellation), next);
    }

    /// <summary>The last version of each stream, from its events, since the number in the table of streams could be lowered. Streams without events
    /// are left out.</summary>
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

    /// <summary>The signed content of a proposal, as stored.</summary>
    public static async Task<string> ContentAsync(IQuerySession session, string id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select data from {EventTables.Events} where stream_id = $1 and version = 1")
        { Parameters = { new() { Value = id } } };
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        return await reader.ReadAsync(cancellation) ? SignedContent.Of(reader.GetString(0)) : throw ProblemException.NotFound(Proposal.Noun, id);
    }

    private async Task<List<Proposal>> FoldAsync(IQuerySession session, string[] ids, CancellationToken cancellation) =>
        Fold<Proposal>(await ReadAsync(session, "stream_id = any($1) order by stream_id, version", cancellation, (object)ids), Proposal.Noun, Proposal.Apply);

    private static Type[] EndsOf(ProposalState state) => state switch
    {
        ProposalState.Approved => [typeof(ProposalApproved)],
        ProposalState.Rejected => [typeof(ProposalRejected)],
        ProposalState.Withdrawn => [typeof(ProposalWithdrawn)],
        ProposalState.Void => [typeof(ProposalVoided)],
        _ => [typeof(ChangeProposed), typeof(ProposalSigned)],
    };
}
