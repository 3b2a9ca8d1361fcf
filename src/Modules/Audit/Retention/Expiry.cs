using System.Globalization;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Audit.Erasing;
using Notify.Audit.Following;
using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Audit.Retention;

/// <summary>
/// Archives streams whose retention period has ended: of each event the number, the type and the commitment of its body remain, from which its leaf
/// follows; the rest is deleted, and so are the modules' rows of the stream. A record in the history, signed like all of it, lists them. Whatever
/// prevents this (a legal hold, an active alarm) is read from the events.
/// </summary>
public sealed class Expiry(
    RetentionPolicy policy, IEnumerable<OwnedTable> tables, IEnumerable<OpenStreams> openStreams, NpgsqlDataSource database, MasterKey key,
    Marks marks, IDocumentStore store, EventReader reader,
    EventBatches batches, TimeProvider time, ILogger<Expiry> logger)
{
    /// <summary>Streams in one transaction.</summary>
    private const int Batch = 200;

    private readonly EventEncoder encoder = new();
    private readonly Dictionary<string, OpenStreams> open = openStreams.ToDictionary(x => x.Kind, StringComparer.Ordinal);

    private sealed record Due(IReadOnlyList<long> Sequences, string Last);

    /// <param name="holds">Holds read at an earlier moment, since when the history was verified; they apply unless their release is on
    /// record.</param>
    /// <returns>How many events were archived.</returns>
    public async Task<int> ExpireAsync(CancellationToken cancellation, IReadOnlyList<LegalHold>? holds = null)
    {
        var expired = 0;
        foreach (var (name, period) in policy.Periods)
        {
            var (before, after) = (time.GetUtcNow() - period, (string?)"");
            while (after is not null)
            {
                (var count, after) = await ExpireAsync(name, before, after, holds ?? [], cancellation);
                expired += count;
            }
        }

        return expired;
    }

    /// <returns>How many events were archived, and the stream after which to continue; null: there are no more.</returns>
    private async Task<(int Count, string? Last)> ExpireAsync(
        string name, DateTimeOffset before, string after, IReadOnlyList<LegalHold> holds, CancellationToken cancellation)
    {
        await using var reading = await database.OpenConnectionAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RedactedEvent.LockAsync(connection, cancellation);
        if (await DueAsync(connection, name, before, after, holds, cancellation) is not { } due) return (0, null);
        var sequences = due.Sequences;
        if (sequences.Count == 0) return (0, due.Last);
        var changes = new List<RedactedEvent>();
        var streams = new HashSet<string>(StringComparer.Ordinal);
        var redactions = await LogReader.RedactionsAsync(connection, sequences[0], sequences[^1], cancellation);
        await using (var rows = await EventRows.OpenAsync(
            reading, $"seq_id in ({string.Join(',', sequences.Select(x => x.ToString(CultureInfo.InvariantCulture)))})", cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                var row = rows.Row;
                var (leaves, place) = await LogReader.FindAsync(connection, row.Sequence, cancellation)
                    ?? throw new LogDamagedException($"The event {row.Sequence} has no leaf in the log.");
                var body = new byte[Sha256.Size];
                encoder.BodyCommitment(body, row, leaves.SeedAt(place), redactions.GetValueOrDefault(row.Sequence));
                streams.Add(System.Text.Encoding.UTF8.GetString(row.Stream.Span));
                changes.Add(new RedactedEvent(
                    row.Sequence, "{}", null, null, null, null,
                    new Redaction(new byte[EntryEncoding.SaltSize], new Dictionary<int, byte[]> { [Redaction.Body] = body }), [Redaction.Body]));
            }
        }

        var entries = await RedactedEvent.WriteAsync(connection, changes, archive: true, cancellation);
        await RemoveRowsAsync(connection, [.. streams], cancellation);
        await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
        var events = batches.New();
        var (now, id) = (time.GetUtcNow(), Ids.New("expiry", time.GetUtcNow()));
        events.Append(id, 1, new EntriesExpired(name, before, entries, ErasureSeal.Of(key, id, entries)),
            AuditContext.OfSystem(Ids.NewGuid(now).ToString("N"), reason: "retention"));
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (changes.Count, due.Last);
    }

    /// <summary>The events of streams that end before the given moment, are not open, are covered by no hold, and whose events a signed checkpoint
    /// covers: of others nobody could prove afterwards that they were as their leaves say.</summary>
    /// <returns>Null: there is no further stream.</returns>
    private async Task<Due?> DueAsync(NpgsqlConnection connection, string name, DateTimeOffset before, string after, IReadOnlyList<LegalHold> earlier,
        CancellationToken cancellation)
    {
        if (await marks.LogAsync(connection, cancellation) is not { Size: > 0 and var size }) return null;
        var signed = await LogReader.SequenceAtAsync(connection, size - 1, cancellation);
        var holds = (await HoldsOnRecord.ReadAsync(connection, key, cancellation)).With(earlier);
        if (await EndedAsync(connection, name, before, after, signed, holds, null, cancellation) is not [.., var last] candidates) return null;
        // An alarm may have come back since: its writers wait from here on, and what they have committed is seen.
        await Streams.HoldAsync(connection, [.. candidates], cancellation);
        var streams = await EndedAsync(connection, name, before, after, signed, holds, [.. candidates], cancellation);
        var sequences = await StoredEvents.NumbersAsync(connection, [.. await ClosedAsync(streams, cancellation)], cancellation);
        // Somebody may have removed the row by which a stream's writers wait.
        return new Due([.. sequences.Where(x => x <= signed)], last);
    }

    /// <param name="among">Null: all streams.</param>
    private async Task<List<string>> EndedAsync(
        NpgsqlConnection connection, string name, DateTimeOffset before, string after, long signed, IReadOnlyList<LegalHold> holds, string[]? among,
        CancellationToken cancellation)
    {
        // The tables only save reading most open streams: if they say closed, the events must confirm it.
        var rows = tables.Where(x => x is { Stream: not null, Open: not null })
            .Select(x => $"and not exists (select from {x.FullName} t where t.{x.Stream} = s.stream_id and ({x.Open}))");
        await using var command = new NpgsqlCommand(
            $"""
            with s as (
              select stream_id, min(timestamp) as first, max(timestamp) as last from {EventTables.Events}
              where not is_archived and split_part(stream_id, '-', 1) = any($1) and stream_id > $3 and ($8::text[] is null or stream_id = any($8))
              group by stream_id
              having max(timestamp) < $2 and max(seq_id) <= $7)
            select stream_id from s
            where not exists (select from unnest($4::text[], $5::timestamptz[], $6::timestamptz[]) h(resource, period_start, period_end)
                where (h.resource is null or h.resource = s.stream_id or h.resource = split_part(s.stream_id, '-', 1))
                  and (h.period_start is null or s.last >= h.period_start) and (h.period_end is null or s.first < h.period_end))
              {string.Join(' ', rows)}
            order by stream_id limit {Batch}
            """, connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(policy.Classes[name]);
        command.Parameters.AddWithValue(before);
        command.Parameters.AddWithValue(after);
        Add(NpgsqlDbType.Text, holds.Select(x => x.Resource).ToArray());
        Add(NpgsqlDbType.TimestampTz, holds.Select(x => x.From?.UtcDateTime).ToArray());
        Add(NpgsqlDbType.TimestampTz, holds.Select(x => x.To?.UtcDateTime).ToArray());
        command.Parameters.AddWithValue(signed);
        Add(NpgsqlDbType.Text, among);
        return await command.ReadTextsAsync(cancellation);

        void Add(NpgsqlDbType type, Array? values) =>
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)values ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>The streams that are closed according to their events. One that cannot be read is kept.</summary>
    private async Task<List<string>> ClosedAsync(List<string> streams, CancellationToken cancellation)
    {
        var closed = streams.Where(x => !open.ContainsKey(KindOf(x))).ToList();
        string[] others = [.. streams.Except(closed, StringComparer.Ordinal)];
        if (others.Length == 0) return closed;
        var events = await TryReadAsync(others, cancellation);
        foreach (var stream in others)
        {
            // One unreadable stream must not keep the others from expiring.
            var own = events is null ? await TryReadAsync([stream], cancellation) : [.. events.Where(x => x.StreamId == stream)];
            // The reader leaves out a stream of which it cannot read every event.
            if (own is { Count: > 0 } && !IsOpen(stream, own)) closed.Add(stream);
        }

        return closed;
    }

    private async Task<List<StoredEvent>?> TryReadAsync(string[] streams, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(streams, cancellation);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            if (streams.Length == 1) logger.LogWarning(e, "Stream {Stream} cannot be read and is kept", streams[0]);
            return null;
        }
    }

    private bool IsOpen(string stream, List<StoredEvent> events)
    {
        try
        {
            return open[KindOf(stream)].IsOpen(events);
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            logger.LogWarning(e, "Stream {Stream} is inconsistent and is kept", stream);
            return true;
        }
    }

    private static string KindOf(string stream) => stream.Split('-', 2)[0];

    private async Task RemoveRowsAsync(NpgsqlConnection connection, string[] streams, CancellationToken cancellation)
    {
        foreach (var table in tables.Where(x => x.Stream is not null))
        {
            await using var command = new NpgsqlCommand($"delete from {table.FullName} where {table.Stream} = any($1)", connection);
            command.Parameters.AddWithValue(streams);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
