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

/// <summary>A range of sequence numbers, both ends inclusive.</summary>
internal readonly record struct Range(long Low, long High);

/// <param name="IsSure">False: only the body of the event can tell whether it has the text.</param>
internal readonly record struct Place(long Number, bool IsSure);

/// <summary>Finds the numbers of the events that match a filter, in order, from the inverted index.</summary>
internal sealed class AuditSearch(NpgsqlDataSource database)
{
    /// <summary>How many blocks are read at once: few at first, since frequent terms are found there already.</summary>
    private const int FirstBlocks = 1;
    private const int MostBlocks = 64;

    /// <summary>A text contained in this many terms is not looked up term by term; a block's postings are scanned instead.</summary>
    private const int ManyTerms = 300;

    /// <summary>How many bits are tested to narrow down bodies; more would add little.</summary>
    private const int MostBits = 16;

    /// <summary>A condition: any of these terms, or, if they are too many, any text that contains <paramref name="Text"/>.</summary>
    /// <param name="Text">Folded; bodies are searched for it too.</param>
    private sealed record Condition(long[] Terms, string? Text = null, bool IsRare = false)
    {
        /// <summary>The shelves on which the terms may be stored together with others.</summary>
        public IEnumerable<long> Shelves =>
            IsRare ? Terms.Select(x => AuditTables.ShelfOf(Text is null ? TermField.Correlation : TermField.Text, x)).Distinct() : [];

        public bool IsMany => Text is not null && Terms.Length >= ManyTerms;
    }

    /// <summary>Places in one block.</summary>
    /// <param name="Sure">Those that certainly match; null: all of them.</param>
    private sealed record Places(BitArray Possible, BitArray? Sure);

    /// <returns>The places in the requested order, read lazily; null: the filter has no condition that the index can answer.</returns>
    public async Task<IAsyncEnumerable<Place>?> FindAsync(
        AuditFilter filter, IReadOnlyList<Range> ranges, bool descending, CancellationToken cancellation)
    {
        var conditions = new List<Condition>();
        if (filter.Type is not null || filter.Module is not null || filter.Kind is not null)
        {
            conditions.Add(new(await TermsAsync(
                TermField.Type, "($2 is null or value = $2) and ($3 is null or starts_with(value, $3 || '.')) and ($4 is null or detail = $4)",
                cancellation, filter.Type, filter.Module, filter.Kind)));
        }

        if (filter.Actor is not null) conditions.Add(
            new(await TermsAsync(TermField.Actor, "(value = $2 or detail = $2)", cancellation, filter.Actor)));
        if (filter.CorrelationId is { } correlation) conditions.Add(new([new Term(TermField.Correlation, correlation).Hash()], IsRare: true));
        if (filter.Text is { } text)
        {
            var folded = Term.Fold(text);
            var terms = await TermsAsync(TermField.Text, $"strpos(value, $2) > 0 limit {ManyTerms}", cancellation, folded);
            conditions.Add(new(terms, folded, IsRare: true));
        }

        if (conditions.Count == 0) return null;
        if (conditions.Any(x => x.Terms.Length == 0 && x.Text is null)) return Nothing();
        // Conditions with the fewest terms first: blocks that they exclude need not be read for the others.
        return PlacesAsync([.. conditions.OrderBy(x => x.IsMany ? int.MaxValue : x.Terms.Length)], ranges, descending, cancellation);
    }

    /// <summary>Where the events of a period lie among the numbers from <paramref name="low"/> to <paramref name="high"/>: ranges in ascending order,
    /// usually one.</summary>
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
        command.Parameters.Add(
            new NpgsqlParameter<DateTimeOffset?> { TypedValue = from?.ToUniversalTime(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.Add(
            new NpgsqlParameter<DateTimeOffset?> { TypedValue = to?.ToUniversalTime(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.AddWithValue((int)(low >> AuditTables.SpanBits));
        command.Parameters.AddWithValue((int)(high >> AuditTables.SpanBits));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ranges = new List<Range>();
        while (await reader.ReadAsync(cancellation))
            ranges.Add(new(Math.Max(low, (long)reader.GetInt32(0) << AuditTables.SpanBits),
                Math.Min(high, (((long)reader.GetInt32(1) + 1) << AuditTables.SpanBits) - 1)));
        return ranges;
    }

    private static async IAsyncEnumerable<Place> Nothing()
    {
        await Task.CompletedTask;
        yield break;
    }

    private async Task<long[]> TermsAsync(TermField field, string condition, CancellationToken cancellation, params string?[] values)
    {
        await using var command = database.CreateCommand($"select term from {AuditTables.Term} where field = $1 and {condition}");
        command.Parameters.AddWithValue((short)field);
        foreach (var value in values) command.Parameters.Add(
            new NpgsqlParameter<string?> { TypedValue = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var terms = new List<long>();
        while (await reader.ReadAsync(cancellation)) terms.Add(reader.GetInt64(0));
        return [.. terms];
    }

    private async IAsyncEnumerable<Place> PlacesAsync(
        Condition[] conditions, IReadOnlyList<Range> ranges, bool descending,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var blocks = ranges.SelectMany(
            x => Enumerable.Range(AuditTables.BlockOf(x.Low), AuditTables.BlockOf(x.High) - AuditTables.BlockOf(x.Low) + 1)).Distinct().ToArray();
        if (descending) Array.Reverse(blocks);
        for (int next = 0, count = FirstBlocks; next < blocks.Length; next += count, count = Math.Min(count * 2, MostBlocks))
        {
            var some = blocks[next..Math.Min(next + count, blocks.Length)];
            Dictionary<int, Places>? found = null;
            foreach (var condition in conditions)
            {
                var places = await ReadAsync(condition, found is null ? some : [.. found.Keys], cancellation);
                found = found is null
                    ? places : places.ToDictionary(
                    x => x.Key, x => new Places(x.Value.Possible.And(found[x.Key].Possible), x.Value.Sure ?? found[x.Key].Sure));
                if (found.Count == 0) break;
            }

            foreach (var block in some)
            {
                if (!found!.TryGetValue(block, out var places)) continue;
                var start = (long)block << AuditTables.BlockBits;
                for (var i = 0; i < AuditTables.BlockSize; i++)
                {
                    var offset = descending ? AuditTables.BlockSize - 1 - i : i;
                    if (places.Possible[offset] && IsIn(ranges, start + offset)) yield return new(start + offset, places.Sure?[offset] ?? true);
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

    private async Task<Dictionary<int, Places>> ReadAsync(Condition condition, int[] blocks, CancellationToken cancellation)
    {
        var found = new Dictionary<int, BitArray>();
        var rare = new List<(int Block, byte[] Places)>();
        await using (var command = database.CreateCommand(condition.IsMany
            ? $"""
              select p.block, p.term, p.offsets from {AuditTables.Posting} p left join {AuditTables.Term} t on t.term = p.term and t.field = {(short)TermField.Text} and strpos(t.value, $2) > 0
              where p.block = any($1) and (t.term is not null or p.term between 1 and {AuditTables.Shelves})
              """
            : $"select block, term, offsets from {AuditTables.Posting} where block = any($1) and term = any($2)"))
        {
            command.Parameters.AddWithValue(blocks);
            command.Parameters.AddWithValue(condition.IsMany ? condition.Text! : condition.Terms.Concat(condition.Shelves).ToArray());
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var places = reader.GetFieldValue<byte[]>(2);
                if (AuditTables.IsShelf(reader.GetInt64(1))) rare.Add((reader.GetInt32(0), places));
                else Set(found, reader.GetInt32(0), places);
            }
        }

        if (rare.Count > 0)
        {
            var terms = condition.IsMany ? await TermsAmongAsync(rare, condition.Text!, cancellation) : condition.Terms.ToHashSet();
            foreach (var (block, shelf) in rare) SetRare(found, block, shelf, terms);
        }

        if (condition.Text is not { } text) return found.ToDictionary(x => x.Key, x => new Places(x.Value, null));
        var possible = found.ToDictionary(x => x.Key, x => new BitArray(x.Value));
        await AddBodiesAsync(possible, text, blocks, cancellation);
        return possible.ToDictionary(x => x.Key, x => new Places(x.Value, found.GetValueOrDefault(x.Key) ?? new BitArray(AuditTables.BlockSize)));
    }

    /// <summary>The terms on these shelves whose value contains a text.</summary>
    private async Task<HashSet<long>> TermsAmongAsync(List<(int Block, byte[] Places)> rare, string text, CancellationToken cancellation)
    {
        var hashes = new HashSet<long>();
        foreach (var (_, shelf) in rare)
            for (var i = 0; i < shelf.Length; i += AuditTables.RareSize) hashes.Add(BinaryPrimitives.ReadInt64LittleEndian(shelf.AsSpan(i)));
        await using var command = database.CreateCommand($"select term from {AuditTables.Term} where term = any($1) and strpos(value, $2) > 0");
        command.Parameters.AddWithValue(hashes.ToArray());
        command.Parameters.AddWithValue(text);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var terms = new HashSet<long>();
        while (await reader.ReadAsync(cancellation)) terms.Add(reader.GetInt64(0));
        return terms;
    }

    private async Task AddBodiesAsync(Dictionary<int, BitArray> possible, string text, int[] blocks, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select first, places from {AuditTables.Body} where first >= $1 and first < $2 and {BodyGrams.MayHave(text, MostBits)}");
        command.Parameters.AddWithValue((long)blocks.Min() << AuditTables.BlockBits);
        command.Parameters.AddWithValue((blocks.Max() + 1L) << AuditTables.BlockBits);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var asked = blocks.ToHashSet();
        while (await reader.ReadAsync(cancellation))
        {
            if (AuditTables.BlockOf(reader.GetInt64(0)) is var block && asked.Contains(block)) Set(possible, block, reader.GetFieldValue<byte[]>(1));
        }
    }

    private static void SetRare(Dictionary<int, BitArray> found, int block, byte[] shelf, HashSet<long> terms)
    {
        for (var i = 0; i < shelf.Length; i += AuditTables.RareSize)
        {
            if (terms.Contains(BinaryPrimitives.ReadInt64LittleEndian(shelf.AsSpan(i)))) Set(
                found, block, shelf[(i + 8)..(i + AuditTables.RareSize)]);
        }
    }

    private static void Set(Dictionary<int, BitArray> found, int block, byte[] places)
    {
        if (!found.TryGetValue(block, out var bits)) found[block] = bits = new BitArray(AuditTables.BlockSize);
        for (var i = 0; i < places.Length; i += 2) bits[BinaryPrimitives.ReadUInt16LittleEndian(places.AsSpan(i))] = true;
    }
}
