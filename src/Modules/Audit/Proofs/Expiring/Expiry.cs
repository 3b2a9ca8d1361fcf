using System.Globalization;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Proofs.Erasing;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Proofs.Expiring;

/// <summary>
/// Puts streams away whose time is up: of each event the place, the type and the commitment of its body stay, which is what its leaf follows from; the rest is
/// gone, and the rows that modules keep of the stream too. A record in the history, signed like all of it, says which.
/// </summary>
public sealed class Expiry(
    RetentionPolicy policy, IEnumerable<OwnedTable> tables, NpgsqlDataSource database, IDocumentStore store, IServiceProvider services, TimeProvider time)
{
    private const string Events = $"{Database.Schema}.mt_events";

    /// <summary>Streams in one transaction.</summary>
    private const int Batch = 200;

    private readonly EventForm form = new();

    /// <returns>How many events were put away.</returns>
    public async Task<int> ExpireAsync(CancellationToken cancellation)
    {
        var expired = 0;
        foreach (var (name, period) in policy.Periods)
        {
            var before = time.GetUtcNow() - period;
            while (await ExpireAsync(name, before, cancellation) is > 0 and var count) expired += count;
        }

        return expired;
    }

    private async Task<int> ExpireAsync(string name, DateTimeOffset before, CancellationToken cancellation)
    {
        await using var reading = await database.OpenConnectionAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RedactedEvent.LockAsync(connection, cancellation);
        var sequences = await DueAsync(connection, name, before, cancellation);
        if (sequences.Count == 0) return 0;
        var changes = new List<RedactedEvent>();
        var streams = new HashSet<string>(StringComparer.Ordinal);
        var redactions = await LogReader.RedactionsAsync(connection, sequences[0], sequences[^1], cancellation);
        await using (var rows = await EventRows.OpenAsync(reading, $"seq_id in ({string.Join(',', sequences.Select(x => x.ToString(CultureInfo.InvariantCulture)))})", cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                var row = rows.Row;
                var (leaves, place) = await LogReader.FindAsync(connection, row.Sequence, cancellation) ?? throw new LogDamagedException($"The event {row.Sequence} has no leaf in the log.");
                var body = new byte[Sha256.Size];
                form.BodyCommitment(body, row, leaves.SeedAt(place), redactions.GetValueOrDefault(row.Sequence));
                streams.Add(System.Text.Encoding.UTF8.GetString(row.Stream.Span));
                changes.Add(new RedactedEvent(
                    row.Sequence, "{}", null, null, null, null,
                    new Redaction(new byte[EntryForm.SaltSize], new Dictionary<int, byte[]> { [Redaction.Body] = body }), [Redaction.Body]));
            }
        }

        var entries = await RedactedEvent.WriteAsync(connection, changes, archive: true, cancellation);
        await RemoveRowsAsync(connection, [.. streams], cancellation);
        await using var session = store.LightweightSession(Marten.Services.SessionOptions.ForTransaction(transaction));
        var events = services.GetRequiredService<EventBatch>();
        var now = time.GetUtcNow();
        events.Append(Ids.New("expiry", now), 1, new EntriesExpired(name, before, entries), AuditContext.OfSystem(Guid.CreateVersion7(now).ToString("N"), reason: "retention"));
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return changes.Count;
    }

    /// <summary>The events of streams that end before the moment, are not open, are covered by no hold, and whose leaves are all signed.</summary>
    private async Task<List<long>> DueAsync(NpgsqlConnection connection, string name, DateTimeOffset before, CancellationToken cancellation)
    {
        var open = tables.Where(x => x is { Stream: not null, Open: not null })
            .Select(x => $"and not exists (select from {x.FullName} t where t.{x.Stream} = s.stream_id and ({x.Open}))");
        await using var command = new NpgsqlCommand(
            $"""
            with s as (
              select stream_id, min(timestamp) as first, max(timestamp) as last from {Events}
              where not is_archived and split_part(stream_id, '-', 1) = any($1) group by stream_id
              having max(timestamp) < $2 and max(seq_id) <= (select last_sequence from {LogTables.Leaves} order by first desc limit 1)),
            due as (
              select stream_id from s
              where not exists (select from {LogTables.Hold} h
                  where (h.resource is null or h.resource = s.stream_id or h.resource = split_part(s.stream_id, '-', 1))
                    and (h.period_start is null or s.last >= h.period_start) and (h.period_end is null or s.first < h.period_end))
                {string.Join(' ', open)}
              order by stream_id limit {Batch})
            select e.seq_id from {Events} e join due using (stream_id) where not e.is_archived order by 1
            """, connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(RetentionPolicy.Classes[name]);
        command.Parameters.AddWithValue(before);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var sequences = new List<long>();
        while (await reader.ReadAsync(cancellation)) sequences.Add(reader.GetInt64(0));
        return sequences;
    }

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
