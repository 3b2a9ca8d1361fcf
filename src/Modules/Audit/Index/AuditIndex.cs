using System.Text.Json;
using Notify.Audit.Following;
using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Log;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary>Writes the inverted index of the history, batch by batch.</summary>
internal sealed class AuditIndex(EventCatalog catalog) : IEventStep
{
    public const string StepName = "audit-index";

    /// <summary>
    /// The version of what is indexed, and for which events. Change it when an index of an earlier version would lack something: such an index is
    /// rebuilt automatically (<see cref="IndexRebuild"/>).
    /// </summary>
    public const string Format = "form 1";

    private static readonly byte[] erasedName = System.Text.Encoding.UTF8.GetBytes(ProofEvents.ErasedName);
    private static readonly byte[] expiredName = System.Text.Encoding.UTF8.GetBytes(ProofEvents.ExpiredName);

    private readonly IndexBatch batch = new(catalog);
    private int generation;
    private long last;

    public string Name => StepName;

    public async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<EventRow> events, CancellationToken cancellation)
    {
        var current = await GenerationAsync(connection, cancellation);
        // If these events follow the last batch, that batch was committed. Otherwise it may have been rolled back, or another node has continued.
        batch.Begin(goesOn: events[0].Sequence == last + 1 && current == generation);
        var erased = events.Any(x => x.Type.Span.SequenceEqual(erasedName));
        if (current != generation || erased) batch.Forget();
        generation = current;
        await FillAsync(connection, batch, events, cancellation);
        await WriteAsync(connection, batch, generation, events[0].Sequence, cancellation);
        last = events[^1].Sequence;
        foreach (var term in batch.Terms) term.StoredWith = last;
        // Other nodes may also remember terms that are no longer in the table.
        if (erased) await BeginGenerationAsync(connection, cancellation);
        if (EmptiedBlocks(events) is { Count: > 0 } emptied) await IndexTidying.QueueAsync(connection, emptied, cancellation);
    }

    /// <summary>The blocks with events from which something was erased or removed, according to the records of it among these events.</summary>
    private static HashSet<int> EmptiedBlocks(IReadOnlyList<EventRow> events)
    {
        var blocks = new HashSet<int>();
        foreach (var e in events.Where(x => x.Type.Span.SequenceEqual(erasedName) || x.Type.Span.SequenceEqual(expiredName)))
        {
            try
            {
                using var record = JsonDocument.Parse(e.Data, new JsonDocumentOptions { MaxDepth = 128 });
                foreach (var sequence in EntriesOf(record.RootElement))
                    if (sequence > 0 && sequence <= e.Sequence) blocks.Add(AuditTables.BlockOf(sequence));
            }
            catch (JsonException)
            {
                // Not written by Notify, which a verification finds. The history goes on behind it.
            }
        }

        return blocks;
    }

    private static IEnumerable<long> EntriesOf(JsonElement record) =>
        record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("entries", out var entries) || entries.ValueKind != JsonValueKind.Array ? []
        : from entry in entries.EnumerateArray()
          where entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("sequence", out var number) && number.ValueKind == JsonValueKind.Number
          let sequence = entry.GetProperty("sequence").TryGetInt64(out var value) ? value : 0
          select sequence;

    /// <summary>Rewrites one block from the events.</summary>
    public static async Task RewriteAsync(
        NpgsqlConnection connection, int block, IReadOnlyList<EventRow> events, int generation, EventCatalog catalog, CancellationToken cancellation)
    {
        await using var delete = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"delete from {AuditTables.Posting} where block = $1") { Parameters = { new() { Value = block } } },
                new($"delete from {AuditTables.Body} where first >> $2 = $1") { Parameters = { new() { Value = (long)block },
                new() { Value = AuditTables.BlockBits } } },
                new($"delete from {AuditTables.Span} where span >> $2 = $1") { Parameters = { new() { Value = block },
                new() { Value = AuditTables.BlockBits - AuditTables.SpanBits } } },
            },
        };
        await delete.ExecuteNonQueryAsync(cancellation);
        if (events.Count == 0) return;
        var batch = new IndexBatch(catalog);
        await FillAsync(connection, batch, events, cancellation);
        await WriteAsync(connection, batch, generation, 0, cancellation);
    }

    /// <summary>The current generation, which increases with each rebuild and each erasure. An empty index is marked with this version's
    /// format.</summary>
    private static async Task<int> GenerationAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select generation from {AuditTables.Term} where term = 0", connection);
        if (await command.ExecuteScalarAsync(cancellation) is int generation) return generation;
        command.CommandText =
            $"insert into {AuditTables.Term} (term, field, generation, value) select 0, 0, 0, $1 where not exists (select from {AuditTables.Posting})";
        command.Parameters.AddWithValue(Format);
        await command.ExecuteNonQueryAsync(cancellation);
        return 0;
    }

    /// <summary>The current generation of an index that exists.</summary>
    public static async Task<int> CurrentGenerationAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select generation from {AuditTables.Term} where term = 0", connection);
        return await command.ExecuteScalarAsync(cancellation) as int? ?? 0;
    }

    /// <summary>The recorded format; null: none is recorded, because an earlier version wrote the index or it is empty.</summary>
    public static async Task<string?> FormatAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select value from {AuditTables.Term} where term = 0", connection);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    /// <summary>Makes every node forget which terms it has stored.</summary>
    public static async Task<int> BeginGenerationAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            insert into {AuditTables.Term} as t (term, field, generation, value) values (0, 0, 1, 'generation')
            on conflict (term) do update set generation = t.generation + 1 returning generation
            """, connection);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task FillAsync(NpgsqlConnection connection, IndexBatch batch, IReadOnlyList<EventRow> events, CancellationToken cancellation)
    {
        foreach (var e in events) batch.Add(e);
        if (batch.Nameless.Count > 0) await NameAsync(connection, batch, events[0].Sequence, cancellation);
        batch.Complete();
    }

    /// <summary>Looks up the names of streams, so that an event without a name is found by the name that an earlier event gave.</summary>
    private static async Task NameAsync(NpgsqlConnection connection, IndexBatch batch, long before, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select s.id, coalesce(n.data->>'name', n.data->>'displayName', n.data->>'alarmName'), coalesce(n.data->>'path', n.data->>'alarmPath')
            from unnest($1) s(id) cross join lateral (
              select data from {EventTables.Events} e where e.stream_id = s.id and e.seq_id < $2 and e.data ?| array['name', 'displayName', 'alarmName']
              order by e.version desc limit 1) n
            """, connection);
        command.Parameters.AddWithValue(batch.Nameless.Select(x => x.Stream).Distinct(StringComparer.Ordinal).ToArray());
        command.Parameters.AddWithValue(before);
        var subjects = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                if (reader.IsDBNull(1)) continue;
                var path = reader.IsDBNull(2) ? "" : reader.GetString(2);
                subjects[reader.GetString(0)] = path.Length == 0 ? reader.GetString(1) : $"{reader.GetString(1)}\n{path}";
            }
        }

        foreach (var (sequence, stream) in batch.Nameless)
            if (subjects.TryGetValue(stream, out var subject)) batch.AddSubject(sequence, stream, subject);
    }

    /// <param name="first">Terms stored with a batch before this number are in the table already.</param>
    private static async Task WriteAsync(NpgsqlConnection connection, IndexBatch batch, int generation, long first, CancellationToken cancellation)
    {
        await using var write = new NpgsqlBatch(connection);
        var unknown = batch.Terms.Where(x => x.Term.Field != TermField.Correlation && x.StoredWith >= first).OrderBy(x => x.Hash).ToList();
        if (unknown.Count > 0)
        {
            write.BatchCommands.Add(new NpgsqlBatchCommand(
                $"""
                insert into {AuditTables.Term} as t (term, field, generation, value, detail) select x.term, x.field, $1, x.value, x.detail from unnest($2, $3, $4, $5) x(term, field, value, detail)
                on conflict (term) do update set generation = excluded.generation, field = excluded.field, value = excluded.value, detail = excluded.detail
                where t.generation < excluded.generation
                """)
            {
                Parameters =
                {
                    new() { Value = generation },
                    new() { Value = unknown.Select(x => x.Hash).ToArray() },
                    new() { Value = unknown.Select(x => (short)x.Term.Field).ToArray() },
                    new() { Value = unknown.Select(x => x.Term.Value).ToArray() },
                    new() { Value = unknown.Select(x => x.Term.Detail).ToArray() },
                },
            });
        }

        write.BatchCommands.Add(new NpgsqlBatchCommand($"insert into {AuditTables.Posting} (block, term, offsets) select * from unnest($1, $2, $3)")
        {
            Parameters =
            {
                new() { Value = batch.Postings.Select(x => x.Block).ToArray() },
                new() { Value = batch.Postings.Select(x => x.Term).ToArray() },
                new() { Value = batch.Postings.Select(x => x.Places).ToArray() },
            },
        });
        if (batch.Bodies.Count > 0)
        {
            write.BatchCommands.Add(new NpgsqlBatchCommand(
                $"""
                insert into {AuditTables.Body} (first, places, grams) select * from unnest($1, $2, $3)
                on conflict (first) do update set places = excluded.places, grams = excluded.grams
                """)
            {
                Parameters =
                {
                    new() { Value = batch.Bodies.Select(x => x.First).ToArray() },
                    new() { Value = batch.Bodies.Select(x => x.Places).ToArray() },
                    new() { Value = batch.Bodies.Select(x => x.Grams).ToArray() },
                },
            });
        }

        write.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            insert into {AuditTables.Span} as s (span, min_at, max_at) select * from unnest($1, $2, $3)
            on conflict (span) do update set min_at = least(s.min_at, excluded.min_at), max_at = greatest(s.max_at, excluded.max_at)
            """)
        {
            Parameters =
            {
                new() { Value = batch.Spans.Keys.ToArray() },
                new() { Value = batch.Spans.Values.Select(x => At(x.Min)).ToArray() },
                new() { Value = batch.Spans.Values.Select(x => At(x.Max)).ToArray() },
            },
        });
        await write.ExecuteNonQueryAsync(cancellation);
    }

    private static DateTimeOffset At(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
