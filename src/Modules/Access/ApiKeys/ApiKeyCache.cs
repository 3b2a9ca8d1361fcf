using System.Collections.Frozen;
using System.Security.Claims;
using JasperFx.Events;
using Marten;
using Marten.Linq.MatchesSql;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Access.ApiKeys;

/// <summary>
/// The keys as their events say: whatever the table of keys holds, nobody comes in, is kept out or bears a name by it. A new key counts at once, a revoked one
/// is refused everywhere within <see cref="Lifetime"/>.
/// </summary>
public sealed class ApiKeyCache(IDocumentStore store, NpgsqlDataSource database, ApiKeyProjection projection, SecretVault vault, KnownSecrets secrets, TimeProvider time) : IDisposable
{
    private const string Noun = "apikey";
    private const string OfKeys = "stream_id >= ? and stream_id <= ? and starts_with(stream_id, ?)";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile Known known = new([], FrozenDictionary<string, ClaimsPrincipal>.Empty, -1, DateTimeOffset.MinValue);

    /// <param name="Events">How many there were; one more for every change.</param>
    private sealed record Known(IReadOnlyList<ApiKey> All, FrozenDictionary<string, ClaimsPrincipal> Valid, long Events, DateTimeOffset At);

    public async Task<ClaimsPrincipal?> FindAsync(string key, CancellationToken cancellation)
    {
        if (key.Length is < 12 or > 200) return null;
        var fingerprint = vault.Fingerprint(key);
        var now = time.GetUtcNow();
        if (known is { } recent && now - recent.At < Lifetime && recent.Valid.TryGetValue(fingerprint, out var principal)) return principal;
        principal = (await ReadAsync(now, cancellation)).Valid.GetValueOrDefault(fingerprint);
        if (principal is not null) secrets.AddChosen(key);
        return principal;
    }

    /// <summary>The revoked ones too, in the order in which they were made.</summary>
    public async Task<IReadOnlyList<ApiKey>> AllAsync(CancellationToken cancellation) => (await ReadAsync(time.GetUtcNow(), cancellation)).All;

    public void Dispose() => turn.Dispose();

    /// <summary>As of this instant or later: who waits while another looks shares the next look.</summary>
    private async Task<Known> ReadAsync(DateTimeOffset notBefore, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (known.At >= notBefore) return known;
            var now = time.GetUtcNow();
            var count = await CountAsync(cancellation);
            return known = count == known.Events ? known with { At = now } : await LoadAsync(count, now, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select count(*) from {Database.Schema}.mt_events where stream_id >= $1 and stream_id <= $2 and starts_with(stream_id, $1)");
        var (first, last) = Ids.Range(Noun);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(last);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<Known> LoadAsync(long count, DateTimeOffset now, CancellationToken cancellation)
    {
        var (first, last) = Ids.Range(Noun);
        await using var session = store.QuerySession();
        var events = await session.Events.QueryAllRawEvents().Where(x => x.MatchesSql(OfKeys, first, last, first)).OrderBy(x => x.Sequence).ToListAsync(cancellation);
        var keys = events.GroupBy(x => x.StreamKey!, StringComparer.Ordinal)
            .Select(stream => stream.Aggregate((ApiKey?)null, (key, e) => projection.Evolve(key, stream.Key, e))).OfType<ApiKey>().ToList();
        // The same key may have been given anew after it was revoked.
        var valid = keys.Where(x => !x.Revoked).DistinctBy(x => x.Fingerprint, StringComparer.Ordinal).ToFrozenDictionary(x => x.Fingerprint, PrincipalOf, StringComparer.Ordinal);
        return new Known(keys, valid, count, now);
    }

    private static ClaimsPrincipal PrincipalOf(ApiKey key) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, key.Id),
            new Claim(ClaimTypes.Name, key.Name),
            new Claim(ClaimTypes.Role, key.Role),
            new Claim(RequestAudit.ActorKindClaim, "apiKey"),
        ],
        ApiKeyAuthentication.SchemeName));
}
