using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery;

/// <summary>The access tokens of all channels, sealed in the database. A node that starts, or whose token was just refused, uses the one that another
/// node has fetched. Only one node at a time fetches a token for an app. Times are compared with the database's clock, so the nodes' clocks need not
/// agree.</summary>
public sealed class SharedTokens(NpgsqlDataSource database, MasterKey key) : ISharedTokens
{
    private const string TableName = "access_token";
    private const string Name = $"{Database.Schema}.{TableName}";

    public static readonly SealedColumn Sealed = new(TableName, "sealed", "app");

    /// <summary>Longer than a call for a token can take. If a node dies during the call, the others wait this long.</summary>
    private static readonly TimeSpan longestFetch = TimeSpan.FromSeconds(20);

    public static Table Table()
    {
        var table = Database.Table(TableName);
        table.AddColumn<string>("app").AsPrimaryKey();
        table.AddColumn("sealed", "bytea");
        table.AddColumn<string>("fingerprint");
        table.AddColumn("refresh_at", "timestamptz");
        table.AddColumn("expires_at", "timestamptz");
        table.AddColumn("fetching_until", "timestamptz");
        return table;
    }

    /// <summary>A reference that differs for each account and secret, and reveals neither.</summary>
    public string RefOf(string account, string secret) => $"token/{key.Fingerprint($"{account}\n{secret}")}";

    /// <returns>The valid token; null: there is none.</returns>
    /// <param name="refused">A token that the platform has refused; null: none.</param>
    public async Task<SharedToken?> ReadAsync(string reference, string? refused)
    {
        await using var command = database.CreateCommand(
            $"select sealed, fingerprint, refresh_at, expires_at from {Name} where app = $1 and expires_at > now()");
        command.Parameters.AddWithValue(reference);
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync() || (refused is not null && reader.GetString(1) == key.Fingerprint(refused))) return null;
        return new(key.Unseal(reference, reader.GetFieldValue<byte[]>(0)), reader.GetFieldValue<DateTimeOffset>(2),
            reader.GetFieldValue<DateTimeOffset>(3));
    }

    /// <summary>Whether this node must fetch a token now: no other node is fetching, and the stored one is missing, refused or due for
    /// renewal.</summary>
    public async Task<bool> BeginFetchAsync(string reference, string? refused)
    {
        await using var command = database.CreateCommand(
            $"""
            insert into {Name} as t (app, fetching_until) values ($1, now() + $2)
            on conflict (app) do update set fetching_until = excluded.fetching_until
            where (t.fetching_until is null or t.fetching_until < now()) and (t.refresh_at is null or t.refresh_at <= now() or t.fingerprint = $3)
            """);
        command.Parameters.AddWithValue(reference);
        command.Parameters.AddWithValue(longestFetch);
        command.Parameters.AddWithValue(refused is null ? "" : key.Fingerprint(refused));
        return await command.ExecuteNonQueryAsync() == 1;
    }

    public async Task StoreAsync(string reference, SharedToken token)
    {
        await using var command = database.CreateCommand(
            $"""
            with outdated as (delete from {Name} where app <> $1 and expires_at < now() - interval '1 day')
            update {Name} set sealed = $2, fingerprint = $3, refresh_at = $4, expires_at = $5, fetching_until = null where app = $1
            """);
        command.Parameters.AddWithValue(reference);
        command.Parameters.AddWithValue(key.Seal(reference, token.Value));
        command.Parameters.AddWithValue(key.Fingerprint(token.Value));
        command.Parameters.AddWithValue(token.RefreshAt);
        command.Parameters.AddWithValue(token.ExpiresAt);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The token could not be fetched; the next node that needs it may try.</summary>
    public async Task GiveUpAsync(string reference)
    {
        await using var command = database.CreateCommand($"update {Name} set fetching_until = null where app = $1");
        command.Parameters.AddWithValue(reference);
        await command.ExecuteNonQueryAsync();
    }
}
