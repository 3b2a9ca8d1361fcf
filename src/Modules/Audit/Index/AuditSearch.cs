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

/// <summary>Numbers, first and last included.</summary>
internal readonly record struct Range(long Low, long High);

/// <summary>Finds the numbers of the events that a filter names, in order, from the inverted index.</summary>
internal sealed class AuditSearch(NpgsqlDataSource database)
{
    /// <summary>Blocks that are looked at together: few at first, since what is frequent is found at once.</summary>
    private const int FirstBlocks = 1;
    private const int MostBlocks = 64;

    /// <summary>A text that so many terms hold is not looked up term by term; a block's postings are read through instead.</summary>
    private const int ManyTerms = 300;

    /// <summary>One condition: any of these terms; or, when they are too many, every text that holds <paramref name="Text"/>.</summary>
    private sealed record Condition(long[] Terms, string? Text = null)
    {
        public bool IsEmpty => Terms.Length == 0 && Text is null;
    }

    /// <returns>The numbers in the asked order, lazily; null: the filter asks for nothing that the index knows.</returns>
    public async Task<IAsyncEnumerable<long>?> FindAsync(AuditFilter filter, IReadOnlyList<Range> ranges, bool descending, CancellationToken cancellation)
    {
        var conditions = new List<Condition>();
        if (filter.Type is not null || filter.Module is not null || filter.Kind is not null)
        {
            conditions.Add(new(await TermsAsync(
                TermField.Type, "($2 is null or value = $2) and ($3 is null or starts_with(value, $3 || '.')) and ($4 is null or detail = $4)", cancellation, filter.Type, filter.Module, filter.Kind)));
        }

        if (filter.Actor is not null) conditions.Add(new(await TermsAsync(TermField.Actor, "(value = $2 or detail = $2)", cancellation, filter.Actor)));
        if (filter.CorrelationId is { } correlation) conditions.Add(new([new Term(TermField.Correlation, correlation).Hash()]));
        if (filter.Text is { } text)
        {
            var folded = Term.Fold(text);
            var terms = await TermsAsync(TermField.Text, $"strpos(value, $2) > 0 limit {ManyTerms}", cancellation, folded);
            conditions.Add(terms.Length < ManyTerms ? new(terms) : new([], folded));
        }

        if (conditions.Count == 0) return null;
        if (conditions.Any(x => x.IsEmpty)) return Nothing();
        // The ones with the fewest terms first: what they leave out need not be read for the others.
        return PlacesAsync([.. conditions.OrderBy(x => x.Text is null ? x.Terms.Length : int.MaxValue)], ranges, descending, cancellation);
    }

    /// <summary>Where the events of a time lie among the numbers from <paramref name="low"/> to <paramref name="high"/>: in order, mostly one range.</summary>
    public async Task<IReadOnlyList<Range>> RangesAsync(DateTimeOffset? from, DateTimeOffset? to, long low, long high, CancellationToken cancellation)
    {
        if (low > high) return [];
        if (from is null && to is null) return [new(low, high)];
        await using var command = database.CreateCommand(
            $"""
            select min(span), max(span) from (
              select span, span - row_number() over (order by span) as island from {AuditTables.Span}
              where span between $3 and $4 and ($1 is null or max_at >= $1) and ($2 is null or min_at < $2)) x
            group by island order by 1
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = from?.ToUniversalTime(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = to?.ToUniversalTime(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.AddWithValue((int)(low >> AuditTables.SpanBits));
        command.Parameters.AddWithValue((int)(high >> AuditTables.SpanBits));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ranges = new List<Range>();
        while (await reader.ReadAsync(cancellation))
            ranges.Add(new(Math.Max(low, (long)reader.GetInt32(0) << AuditTables.SpanBits), Math.Min(high, (((long)reader.GetInt32(1) + 1) << AuditTables.SpanBits) - 1)));
        return ranges;
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

    private async IAsyncEnumerable<long> PlacesAsync(
        Condition[] conditions, IReadOnlyList<Range> ranges, bool descending, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var blocks = ranges.SelectMany(x => Enumerable.Range(AuditTables.BlockOf(x.Low), AuditTables.BlockOf(x.High) - AuditTables.BlockOf(x.Low) + 1)).Distinct().ToArray();
        if (descending) Array.Reverse(blocks);
        for (int next = 0, count = FirstBlocks; next < blocks.Length; next += count, count = Math.Min(count * 2, MostBlocks))
        {
            var some = blocks[next..Math.Min(next + count, blocks.Length)];
            Dictionary<int, BitArray>? found = null;
            foreach (var condition in conditions)
            {
                var places = await ReadAsync(condition, found is null ? some : [.. found.Keys], cancellation);
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
                    if (bits[offset] && IsIn(ranges, start + offset)) yield return start + offset;
                }
            }
        }
    }

    private static bool IsIn(IReadOnlyList<Range> ranges, long place)
    {
        foreach (var range in ranges)
            if (place >= range.Low && place <= range.High) return true;
        return false;
    }

    private async Task<Dictionary<int, BitArray>> ReadAsync(Condition condition, int[] blocks, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(condition.Text is null
            ? $"select block, offsets from {AuditTables.Posting} where block = any($1) and term = any($2)"
            : $"""
              select p.block, p.offsets from {AuditTables.Posting} p join {AuditTables.Term} t on t.term = p.term
              where p.block = any($1) and t.field = {(short)TermField.Text} and strpos(t.value, $2) > 0
              """);
        command.Parameters.AddWithValue(blocks);
        command.Parameters.AddWithValue((object?)condition.Text ?? condition.Terms);
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
