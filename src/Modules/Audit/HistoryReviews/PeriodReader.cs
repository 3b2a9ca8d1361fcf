using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Signing;
using Npgsql;

namespace Notify.Audit.HistoryReviews;

/// <summary>
/// Hashes a period: the leaves of its entries, as the log and every export contain them. Reads page by page, each in a turn of its own, so that it
/// does not hold up other readers.
/// </summary>
public sealed class PeriodReader(NpgsqlDataSource database, EventFollower follower, EventCatalog catalog, ReadTurns turns)
{
    private const int PageEntries = 20_000;

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    /// <summary>Types of events that change nothing, and so do not count as actions of the reviewer.</summary>
    private readonly string[] looks = [.. catalog.Modules.SelectMany(x => x.Types).Where(x => x.ChangesNothing).Select(x => x.Name)];

    /// <param name="reader">The person whose own actions are looked for.</param>
    /// <exception cref="ProblemException">409: an entry has no leaf; 503: not everything is in the log yet, or there are too many
    /// readers.</exception>
    public async Task<PeriodDigest> ReadAsync(
        DateTimeOffset from, DateTimeOffset to, ReviewedEntries? filter, ActingPerson reader, CancellationToken cancellation)
    {
        using var open = await turns.OpenAsync(cancellation);
        if (!await follower.CatchUpAsync(patience, cancellation)) throw ProblemException.Unavailable(
            "The history is not up to date yet. Try again shortly.", retryAfterSeconds: 10);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var period = await EventPeriod.FindAsync(database, from, to, cancellation);
        var (after, entries, first, own) = (period.After, 0L, (long?)null, (long?)null);
        for (var isFirst = true; ; isFirst = false)
        {
            using var turn = isFirst ? await turns.FirstPageAsync(cancellation) : await turns.NextPageAsync(cancellation);
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var page = await NextAsync(connection, period with { After = after }, from, to, filter, reader, cancellation);
            if (page.Count == 0) break;
            await HashAsync(connection, page, digest, cancellation);
            first ??= page[0].Sequence;
            if (own is null && page.FindIndex(x => x.IsOwn) is >= 0 and var at) own = page[at].Sequence;
            (entries, after) = (entries + page.Count, page[^1].Sequence);
            if (page.Count < PageEntries) break;
        }

        return new PeriodDigest(entries, first, entries == 0 ? null : after, Convert.ToHexStringLower(digest.GetHashAndReset()), own);
    }

    private async Task<List<(long Sequence, bool IsOwn)>> NextAsync(
        NpgsqlConnection connection, EventPeriod period, DateTimeOffset from, DateTimeOffset to, ReviewedEntries? filter, ActingPerson reader,
        CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("", connection);
        period.AddTo(command, from, to);
        command.Parameters.AddWithValue(reader.Ids.ToArray());
        command.Parameters.AddWithValue(reader.OwnStreams.ToArray());
        command.Parameters.AddWithValue(looks);
        var where = new StringBuilder();
        Add("(e.user_name = {0} or e.headers->>'actor-name' = {0})", filter?.Actor);
        Add("split_part(e.type, '.', 1) = {0}", filter?.Module);
        Add(filter?.Resource?.Contains('-', StringComparison.Ordinal) == true ? "e.stream_id = {0}" : "split_part(e.stream_id, '-', 1) = {0}",
            filter?.Resource);
        Add("e.type = {0}", filter?.Type);
        command.CommandText =
            $"""
            select e.seq_id, coalesce(
              e.user_name = any($5) and not e.stream_id = any($6) and not e.type = any($7)
              and not (e.type = '{ReplayWiring.Requested}' and e.data->>'mode' is distinct from 'redeliver'), false)
            from {EventTables.Events} e where {EventPeriod.Holds} and e.type <> '{EventTables.Tombstone}'{where} order by e.seq_id limit {PageEntries}
            """;
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var page = new List<(long, bool)>();
        while (await rows.ReadAsync(cancellation)) page.Add((rows.GetInt64(0), rows.GetBoolean(1)));
        return page;

        void Add(string condition, string? value)
        {
            if (value is null) return;
            command.Parameters.AddWithValue(value);
            where.Append(" and ").AppendFormat(CultureInfo.InvariantCulture, condition, $"${command.Parameters.Count}");
        }
    }

    private static async Task HashAsync(
        NpgsqlConnection connection, List<(long Sequence, bool IsOwn)> page, IncrementalHash digest, CancellationToken cancellation)
    {
        var start = (await LogReader.FindAsync(connection, page[0].Sequence, cancellation))?.Row.First ?? throw Missing(page[0].Sequence);
        await using var command = new NpgsqlCommand(
            $"select {LeafBatch.Columns} from {LogTables.Leaves} where first >= $1 order by first", connection);
        command.Parameters.AddWithValue(start);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        LeafBatch? row = null;
        foreach (var (sequence, _) in page)
        {
            while (row is null || row.LastSequence < sequence)
                row = await reader.ReadAsync(cancellation) && LeafBatch.Read(reader) is { IsWhole: true } next ? next : throw Missing(sequence);
            digest.AppendData(row.Find(sequence) is >= 0 and var place ? row.HashAt(place) : throw Missing(sequence));
        }
    }

    private static ProblemException Missing(long sequence) => ProblemException.Conflict(
        $"The entry {sequence} has no leaf in the log, so nobody can sign that it was read. POST /api/v1/audit/verify says what is wrong.");
}
