using System.Buffers.Binary;
using System.Collections;
using Notify.Audit.Following;
using Npgsql;

namespace Notify.Audit.Index;

/// <param name="Resource">An id, or a kind.</param>
public sealed record AuditFilter(
    DateTimeOffset? From, DateTimeOffset? To, string? Actor, string? Module, string? Resource, string? Type, string? CorrelationId, string? Text)
{
    /// <summary>Ids have a hyphen and kinds have none.</summary>
    public string? Stream => Resource is { } x && x.Contains('-', StringComparison.Ordinal) ? x : null;

    public string? Kind => Stream is null ? Resource : null;
}

/// <summary>Finds the numbers of the events that a filter names, in order, from the inverted index.</summary>
internal sealed class AuditSearch(NpgsqlDataSource database)
{
    /// <summary>Blocks that are looked at together: few at first, since what is frequent is found at once.</summary>
    private const int FirstBlocks = 2;
    private const int MostBlocks = 64;

    /// <summary>From so many terms on, a block's postings are read through instead of looked up one by one.</summary>
    private const int ManyTerms = 500;

    /// <returns>The numbers in the asked order, lazily; without a filter that the index knows, null.</returns>
    public async Task<IAsyncEnumerable<long>?> FindAsync(AuditFilter filter, long low, long high, bool descending, CancellationToken cancellation)
    {
        var groups = new List<long[]>();
        if (filter.Type is not null || filter.Module is not null || filter.Kind is not null)
            groups.Add(await TermsAsync(TermField.Type, "($2 is null or value = $2) and ($3 is null or starts_with(value, $3 || '.')) and ($4 is null or detail = $4)", cancellation, filter.Type, filter.Module, filter.Kind));
        if (filter.Actor is not null) groups.Add(await TermsAsync(TermField.Actor, "(value = $2 or detail = $2)", cancellation, filter.Actor));
        if (filter.CorrelationId is { } correlation) groups.Add([new Term(TermField.Correlation, correlation).Hash()]);
        if (filter.Text is { } text) groups.Add(await TermsAsync(TermField.Text, "strpos(value, $2) > 0", cancellation, Term.Fold(text)));
        if (groups.Count == 0) return null;
        if (groups.Any(x => x.Length == 0)) return Nothing();
        var stream = filter.Stream is null ? null : await OfStreamAsync(filter.Stream, low, high, cancellation);
        var blocks = stream?.Keys ?? Enumerable.Range(AuditTables.BlockOf(low), AuditTables.BlockOf(high) - AuditTables.BlockOf(low) + 1);
        return PlacesAsync([.. descending ? blocks.OrderDescending() : blocks.Order()], stream, groups, low, high, descending, cancellation);
    }

    /// <summary>The numbers between which every event of the time lies.</summary>
    public async Task<(long Low, long High)> BoundsAsync(DateTimeOffset? from, DateTimeOffset? to, long low, long high, CancellationToken cancellation)
    {
        if (from is null && to is null) return (low, high);
        await using var command = database.CreateCommand(
            $"select min(span) filter (where $1 is null or max_at >= $1), max(span) filter (where $2 is null or min_at < $2) from {AuditTables.Span}");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = from, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = to, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.IsDBNull(0) || reader.IsDBNull(1)) return (1, 0);
        return (Math.Max(low, (long)reader.GetInt32(0) << AuditTables.SpanBits), Math.Min(high, (((long)reader.GetInt32(1) + 1) << AuditTables.SpanBits) - 1));
    }

    private static async IAsyncEnumerable<long> Nothing()
    {
        await Task.CompletedTask;
        yield break;
    }

    private async Task<long[]> TermsAsync(TermField field, string condition, CancellationToken cancellation, params string?[] values)
    {
        await using var command = database.CreateCommand($"select term from {AuditTables.Term} where field = $1 and {condition}");
        command.Parameters.AddWithValue((short)field);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var terms = new List<long>();
        while (await reader.ReadAsync(cancellation)) terms.Add(reader.GetInt64(0));
        return [.. terms];
    }

    /// <param name="within">Where one resource's events are; null: anywhere.</param>
    private async IAsyncEnumerable<long> PlacesAsync(
        int[] blocks, Dictionary<int, BitArray>? within, List<long[]> groups, long low, long high, bool descending,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (int next = 0, count = FirstBlocks; next < blocks.Length; next += count, count = Math.Min(count * 2, MostBlocks))
        {
            var some = blocks[next..Math.Min(next + count, blocks.Length)];
            var found = within;
            // The ones with the fewest terms first: what they leave out need not be read for the others.
            foreach (var terms in groups.OrderBy(x => x.Length))
            {
                var places = await ReadAsync(terms, found is null || found == within ? some : [.. found.Keys], cancellation);
                if (found is not null)
                    foreach (var (block, bits) in places) bits.And(found[block]);
                found = places;
                if (found.Count == 0) break;
            }

            foreach (var block in some)
            {
                if (!found!.TryGetValue(block, out var bits)) continue;
                var start = (long)block << AuditTables.BlockBits;
                for (var i = 0; i < AuditTables.BlockSize; i++)
                {
                    var offset = descending ? AuditTables.BlockSize - 1 - i : i;
                    if (bits[offset] && start + offset >= low && start + offset <= high) yield return start + offset;
                }
            }
        }
    }

    private async Task<Dictionary<int, BitArray>> OfStreamAsync(string stream, long low, long high, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select seq_id from {FollowedEvent.Table} where stream_id = $1 and seq_id between $2 and $3");
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(low);
        command.Parameters.AddWithValue(high);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new Dictionary<int, BitArray>();
        while (await reader.ReadAsync(cancellation))
        {
            var sequence = reader.GetInt64(0);
            if (!found.TryGetValue(AuditTables.BlockOf(sequence), out var bits)) found[AuditTables.BlockOf(sequence)] = bits = new BitArray(AuditTables.BlockSize);
            bits[(int)(sequence & (AuditTables.BlockSize - 1))] = true;
        }

        return found;
    }

    private async Task<Dictionary<int, BitArray>> ReadAsync(long[] terms, int[] blocks, CancellationToken cancellation)
    {
        // Adding nothing to the column keeps its index out of it: the terms are then a hash table, asked for each posting of a block.
        await using var command = database.CreateCommand(
            $"select block, offsets from {AuditTables.Posting} where block = any($1) and {(terms.Length < ManyTerms ? "term" : "term + 0")} = any($2)");
        command.Parameters.AddWithValue(blocks);
        command.Parameters.AddWithValue(terms);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new Dictionary<int, BitArray>();
        while (await reader.ReadAsync(cancellation))
        {
            var block = reader.GetInt32(0);
            if (!found.TryGetValue(block, out var bits)) found[block] = bits = new BitArray(AuditTables.BlockSize);
            var offsets = reader.GetFieldValue<byte[]>(1);
            for (var i = 0; i < offsets.Length; i += 2) bits[BinaryPrimitives.ReadUInt16LittleEndian(offsets.AsSpan(i))] = true;
        }

        return found;
    }
}
