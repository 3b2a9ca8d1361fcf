using System.Collections.Frozen;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Access.ApiKeys;

/// <summary>
/// The keys as their events say: whatever the table of keys holds, nobody comes in, is kept out or bears a name by it. A new key counts at once, a
/// revoked one is refused everywhere within <see cref="Lifetime"/>.
/// </summary>
public sealed class ApiKeyCache(
    NpgsqlDataSource database, EventCatalog catalog, ApiKeyProjection projection, SecretVault vault, KnownSecrets secrets, TimeProvider time,
    ILogger<ApiKeyCache> logger) : IDisposable
{
    private const string Noun = "apikey";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile Known known = new([], FrozenDictionary<string, ClaimsPrincipal>.Empty, -1, DateTimeOffset.MinValue);

    /// <param name="Events">How many there were; one more for every change.</param>
    private sealed record Known(IReadOnlyList<ApiKey> All, FrozenDictionary<string, ClaimsPrincipal> Valid, long Events, DateTimeOffset At);

    /// <param name="sparing">A key that is not known already is looked for only when a look is due anyway: it comes from where many wrong ones have
    /// come from.</param>
    public async Task<ClaimsPrincipal?> FindAsync(string key, bool sparing, CancellationToken cancellation)
    {
        if (!IsWellFormed(key)) return null;
        var fingerprint = vault.Fingerprint(key);
        var now = time.GetUtcNow();
        if (known is { } recent && now >= recent.At && now - recent.At < Lifetime
            && recent.Valid.TryGetValue(fingerprint, out var principal)) return principal;
        principal = (await ReadAsync(sparing ? now - Lifetime : now, cancellation)).Valid.GetValueOrDefault(fingerprint);
        if (principal is not null) secrets.AddChosen(key);
        return principal;
    }

    /// <summary>Whether it could be a key at all.</summary>
    public static bool IsWellFormed(string key) => key.Length is >= 12 and <= 200 && key.All(x => x is > ' ' and <= '~');

    /// <summary>Of a key that was just looked for.</summary>
    public bool IsRevoked(string key)
    {
        var fingerprint = vault.Fingerprint(key);
        return known.All.Any(x => x.Revoked && x.Fingerprint == fingerprint);
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
            var now = time.GetUtcNow();
            // A clock that was set back makes what is known no younger.
            if (known.At >= notBefore && known.At <= now) return known;
            var count = await StoredEvents.CountOfKindAsync(database, Noun, cancellation);
            return known = count == known.Events ? known with { At = now } : await LoadAsync(count, now, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Known> LoadAsync(long count, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var keys = await FoldAsync(connection, cancellation);
        // The same key may have been given anew after it was revoked.
        var valid = keys.Where(x => !x.Revoked).DistinctBy(x => x.Fingerprint, StringComparer.Ordinal)
            .ToFrozenDictionary(x => x.Fingerprint, PrincipalOf, StringComparer.Ordinal);
        return new Known(keys, valid, count, now);
    }

    /// <summary>All keys as their events say, as this connection sees them.</summary>
    internal async Task<List<ApiKey>> FoldAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var keys = new Dictionary<string, ApiKey?>(StringComparer.Ordinal);
        // With a key's event that cannot be read nobody comes in.
        foreach (var (id, e) in await EventRecord.OfKindAsync(connection, Noun, catalog, logger, cancellation))
            keys[id] = e is not null && (e.Version == 1 || keys.GetValueOrDefault(id) is not null)
                ? projection.Evolve(keys.GetValueOrDefault(id), id, e) : null;
        return [.. keys.Values.OfType<ApiKey>()];
    }

    private static ClaimsPrincipal PrincipalOf(ApiKey key) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, key.Id),
            new Claim(ClaimTypes.Name, key.Name),
            new Claim(ClaimTypes.Role, key.Role),
            new Claim(RequestAudit.ActorKindClaim, "apiKey"),
            .. Roles.PermissionsOf(key.Role).Select(x => new Claim(EndpointPermissions.ClaimType, x.Name)),
        ],
        ApiKeyAuthentication.SchemeName));
}
