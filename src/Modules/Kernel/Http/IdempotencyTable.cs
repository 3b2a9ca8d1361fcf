using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel.Http;

/// <summary>One use of an <c>Idempotency-Key</c>.</summary>
public sealed record IdempotencySlot(string Actor, string Path, string Key)
{
    /// <summary>The associated data of the sealed answer.</summary>
    public string Reference => $"idempotency {Actor} {Path} {Key}";
}

/// <summary>How to proceed with a request that has a key.</summary>
public abstract record IdempotencyClaim
{
    /// <summary>Do the work, as the first or in place of one whose lease has expired.</summary>
    public sealed record Ours(Guid Owner, FirstRequest First) : IdempotencyClaim;

    /// <summary>Return this answer.</summary>
    public sealed record Answered(byte[] Answer) : IdempotencyClaim;

    /// <param name="Seconds">Seconds until another may take over the work.</param>
    public sealed record Busy(int Seconds) : IdempotencyClaim;

    /// <summary>The key was used for a different request.</summary>
    public sealed record OtherRequest : IdempotencyClaim;
}

public sealed class IdempotencyTable(NpgsqlDataSource database)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan sweepEvery = TimeSpan.FromHours(1);

    public const string TableName = "idempotency";
    private const string Name = $"{Database.Schema}.{TableName}";
    private const string Mine = "actor = $1 and path = $2 and key = $3 and owner = $4";
    private long lastSweep;

    public static Table Table()
    {
        var table = Database.Table(TableName);
        table.AddColumn<string>("actor").AsPrimaryKey();
        table.AddColumn<string>("path").AsPrimaryKey();
        table.AddColumn<string>("key").AsPrimaryKey();
        table.AddColumn("request", "bytea").NotNull();
        table.AddColumn("first_id", "uuid").NotNull();
        table.AddColumn("first_at", "timestamptz").NotNull();
        table.AddColumn("owner", "uuid").NotNull();
        table.AddColumn("leased_until", "timestamptz").NotNull();
        table.AddColumn("answer", "bytea");
        table.Indexes.Add(new IndexDefinition("idempotency_first_at") { Columns = ["first_at"] });
        return table;
    }

    /// <param name="request">A digest of the request.</param>
    public async Task<IdempotencyClaim> ClaimAsync(
        IdempotencySlot slot, byte[] request, DateTimeOffset now, TimeSpan lease, CancellationToken cancellation)
    {
        await SweepAsync(now, cancellation);
        var owner = Guid.NewGuid();
        while (true)
        {
            if (await TryTakeAsync(slot, request, owner, now, lease, cancellation) is { } first) return new IdempotencyClaim.Ours(owner, first);
            await using var command = database.CreateCommand(
                $"select request, leased_until, answer from {Name} where actor = $1 and path = $2 and key = $3");
            Add(command, slot.Actor, slot.Path, slot.Key);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            if (!await reader.ReadAsync(cancellation)) continue; // its owner released it between the two statements
            if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(request)) return new IdempotencyClaim.OtherRequest();
            if (!reader.IsDBNull(2)) return new IdempotencyClaim.Answered(reader.GetFieldValue<byte[]>(2));
            var left = reader.GetFieldValue<DateTimeOffset>(1) - now;
            return new IdempotencyClaim.Busy(Math.Max(1, (int)Math.Ceiling(left.TotalSeconds)));
        }
    }

    /// <summary>Stores the answer, unless another has taken over the work.</summary>
    public Task AnswerAsync(IdempotencySlot slot, Guid owner, byte[] answer) =>
        ExecuteAsync($"update {Name} set answer = $5 where {Mine}", slot, owner, answer);

    /// <summary>Frees the key, since nothing was created.</summary>
    public Task ForgetAsync(IdempotencySlot slot, Guid owner) => ExecuteAsync($"delete from {Name} where {Mine}", slot, owner);

    /// <summary>Something may have been created: the next request may take over at once, under the same id.</summary>
    public Task ReleaseAsync(IdempotencySlot slot, Guid owner) =>
        ExecuteAsync($"update {Name} set leased_until = first_at where {Mine}", slot, owner);

    /// <summary>Removes an answer that is of no use; a repeat does the work again under the first id, and finds what was created.</summary>
    public async Task DropAsync(IdempotencySlot slot, byte[] answer, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"update {Name} set answer = null, leased_until = first_at where actor = $1 and path = $2 and key = $3 and answer = $4");
        Add(command, slot.Actor, slot.Path, slot.Key, answer);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Removes answers; a repeat does the work again under the first id, and finds what was created.</summary>
    public static async Task<long> EraseAnswersAsync(
        NpgsqlConnection connection, Func<IdempotencySlot, byte[], bool> which, CancellationToken cancellation)
    {
        var found = new List<IdempotencySlot>();
        await using (var command = new NpgsqlCommand($"select actor, path, key, answer from {Name} where answer is not null", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                var slot = new IdempotencySlot(reader.GetString(0), reader.GetString(1), reader.GetString(2));
                if (which(slot, reader.GetFieldValue<byte[]>(3))) found.Add(slot);
            }
        }

        await using var update = new NpgsqlCommand(
            $"update {Name} i set answer = null, leased_until = first_at from unnest($1, $2, $3) as x(actor, path, key) where (i.actor, i.path, i.key) = (x.actor, x.path, x.key)", connection);
        update.Parameters.AddWithValue(found.Select(x => x.Actor).ToArray());
        update.Parameters.AddWithValue(found.Select(x => x.Path).ToArray());
        update.Parameters.AddWithValue(found.Select(x => x.Key).ToArray());
        return await update.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>Null if another request holds the key.</returns>
    private async Task<FirstRequest?> TryTakeAsync(
        IdempotencySlot slot, byte[] request, Guid owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            insert into {Name} as k (actor, path, key, request, first_id, first_at, owner, leased_until)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (actor, path, key) do update set
              request = excluded.request, owner = excluded.owner, leased_until = excluded.leased_until, answer = null,
              first_id = case when k.first_at <= $9 then excluded.first_id else k.first_id end,
              first_at = case when k.first_at <= $9 then excluded.first_at else k.first_at end
            where k.first_at <= $9 or (k.answer is null and k.leased_until <= $6 and k.request = excluded.request)
            returning first_id, first_at
            """);
        Add(command, slot.Actor, slot.Path, slot.Key, request, Ids.NewGuid(now), now, owner, now + lease, now - Lifetime);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new FirstRequest(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)) : null;
    }

    /// <summary>Deletes expired keys, which are already ignored. Done on requests, so that no timer is needed.</summary>
    private async Task SweepAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var last = Interlocked.Read(ref lastSweep);
        if (now.UtcTicks - last < sweepEvery.Ticks || Interlocked.CompareExchange(ref lastSweep, now.UtcTicks, last) != last) return;
        await using var command = database.CreateCommand($"delete from {Name} where first_at <= $1");
        Add(command, now - Lifetime);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task ExecuteAsync(string sql, IdempotencySlot slot, Guid owner, params object[] more)
    {
        // Not cancelled when the caller disconnects: the next request depends on it.
        await using var command = database.CreateCommand(sql);
        Add(command, [slot.Actor, slot.Path, slot.Key, owner, .. more]);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values) command.Parameters.AddWithValue(value);
    }
}
