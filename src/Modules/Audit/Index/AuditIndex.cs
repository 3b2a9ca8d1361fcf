using System.Buffers.Binary;
using System.Text.Json;
using Notify.Audit.Following;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary>Writes the inverted index of the history, batch by batch.</summary>
internal sealed class AuditIndex : IEventStep
{
    public const string StepName = "audit-index";

    private const int MaxKnown = 200_000;

    /// <summary>Terms that are surely in the table, at this generation. A term of the last batch counts only when that batch has been committed.</summary>
    private readonly HashSet<long> known = [];
    private readonly HashSet<long> fresh = [];
    private int knownGeneration;
    private long freshUpTo;

    public string Name => StepName;

    public async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<FollowedEvent> events, CancellationToken cancellation)
    {
        var generation = await GenerationAsync(connection, cancellation);
        if (known.Count > MaxKnown || generation != knownGeneration)
        {
            known.Clear();
            fresh.Clear();
            knownGeneration = generation;
        }

        // The steps' position has passed the last batch: it is on disk.
        if (events[0].Sequence > freshUpTo) known.UnionWith(fresh);
        fresh.Clear();

        var batch = await BatchOfAsync(connection, events, cancellation);
        await WriteAsync(connection, batch, generation, known, cancellation);
        fresh.UnionWith(batch.Terms.Keys);
        freshUpTo = events[^1].Sequence;
    }

    /// <summary>Writes one block anew, from the events.</summary>
    public static async Task RewriteAsync(NpgsqlConnection connection, int block, IReadOnlyList<FollowedEvent> events, int generation, CancellationToken cancellation)
    {
        await using var delete = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"delete from {AuditTables.Posting} where block = $1") { Parameters = { new() { Value = block } } },
                new($"delete from {AuditTables.Span} where span >> $2 = $1") { Parameters = { new() { Value = block }, new() { Value = AuditTables.BlockBits - AuditTables.SpanBits } } },
            },
        };
        await delete.ExecuteNonQueryAsync(cancellation);
        if (events.Count > 0) await WriteAsync(connection, await BatchOfAsync(connection, events, cancellation), generation, [], cancellation);
    }

    /// <summary>Grows with each rebuild; a term of an earlier one occurs nowhere any more.</summary>
    public static async Task<int> GenerationAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select generation from {AuditTables.Term} where term = 0", connection);
        return await command.ExecuteScalarAsync(cancellation) as int? ?? 0;
    }

    private static async Task<IndexBatch> BatchOfAsync(NpgsqlConnection connection, IReadOnlyList<FollowedEvent> events, CancellationToken cancellation)
    {
        var batch = new IndexBatch();
        var subjects = new Dictionary<string, string>(StringComparer.Ordinal);
        var nameless = new List<FollowedEvent>();
        foreach (var e in events) batch.Add(e, subjects, nameless);
        if (nameless.Count == 0) return batch;

        // What has no name of its own goes by the name of its stream, which an earlier event gave.
        await using var command = new NpgsqlCommand(
            $"""
            select s.id, coalesce(n.data->>'name', n.data->>'alarmName'), coalesce(n.data->>'path', n.data->>'alarmPath')
            from unnest($1) s(id) cross join lateral (
              select data from {FollowedEvent.Table} e where e.stream_id = s.id and e.seq_id < $2 and (e.data ? 'name' or e.data ? 'alarmName')
              order by e.version desc limit 1) n
            """, connection);
        command.Parameters.AddWithValue(nameless.Select(x => x.StreamId).Distinct(StringComparer.Ordinal).ToArray());
        command.Parameters.AddWithValue(events[0].Sequence);
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                if (reader.IsDBNull(1)) continue;
                subjects[reader.GetString(0)] = reader.IsDBNull(2) ? reader.GetString(1) : $"{reader.GetString(1)}\n{reader.GetString(2)}";
            }
        }

        foreach (var e in nameless)
            if (subjects.TryGetValue(e.StreamId, out var subject)) batch.AddText(e.Sequence, subject);
        return batch;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, IndexBatch batch, int generation, HashSet<long> known, CancellationToken cancellation)
    {
        await using var write = new NpgsqlBatch(connection);
        var unknown = batch.Terms.Where(x => x.Value.Field != TermField.Correlation && !known.Contains(x.Key)).OrderBy(x => x.Key).ToList();
        if (unknown.Count > 0)
        {
            write.BatchCommands.Add(new NpgsqlBatchCommand(
                $"""
                insert into {AuditTables.Term} as t (term, field, generation, value, detail) select x.term, x.field, $1, x.value, x.detail from unnest($2, $3, $4, $5) x(term, field, value, detail)
                on conflict (term) do update set generation = excluded.generation where t.generation < excluded.generation
                """)
            {
                Parameters =
                {
                    new() { Value = generation },
                    new() { Value = unknown.Select(x => x.Key).ToArray() },
                    new() { Value = unknown.Select(x => (short)x.Value.Field).ToArray() },
                    new() { Value = unknown.Select(x => x.Value.Value).ToArray() },
                    new() { Value = unknown.Select(x => x.Value.Detail).ToArray() },
                },
            });
        }

        write.BatchCommands.Add(new NpgsqlBatchCommand($"insert into {AuditTables.Posting} (block, term, offsets) select * from unnest($1, $2, $3)")
        {
            Parameters =
            {
                new() { Value = batch.Postings.Keys.Select(x => x.Block).ToArray() },
                new() { Value = batch.Postings.Keys.Select(x => x.Term).ToArray() },
                new() { Value = batch.Postings.Values.Select(Offsets).ToArray() },
            },
        });
        write.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            insert into {AuditTables.Span} as s (span, min_at, max_at) select * from unnest($1, $2, $3)
            on conflict (span) do update set min_at = least(s.min_at, excluded.min_at), max_at = greatest(s.max_at, excluded.max_at)
            """)
        {
            Parameters =
            {
                new() { Value = batch.Spans.Keys.ToArray() },
                new() { Value = batch.Spans.Values.Select(x => x.Min).ToArray() },
                new() { Value = batch.Spans.Values.Select(x => x.Max).ToArray() },
            },
        });
        await write.ExecuteNonQueryAsync(cancellation);
    }

    private static byte[] Offsets(List<ushort> places)
    {
        var bytes = new byte[2 * places.Count];
        for (var i = 0; i < places.Count; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), places[i]);
        return bytes;
    }
}
