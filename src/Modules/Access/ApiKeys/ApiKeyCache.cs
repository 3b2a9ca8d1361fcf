using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Claims;
using Notify.Access.People;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary>Finds the key that somebody presents. A new key counts at once, a revoked one is refused everywhere within
/// <see cref="PeopleCache.Lifetime"/>.</summary>
public sealed class ApiKeyCache(PeopleCache people, SecretVault vault, KnownSecrets secrets)
{
    /// <summary>Fingerprints of keys that came in here: what they are, texts are searched for from then on.</summary>
    private readonly ConcurrentDictionary<string, bool> met = new(StringComparer.Ordinal);

    private volatile Valid valid = new(PeopleSnapshot.Empty);

    /// <summary>The keys that open, by fingerprint.</summary>
    private sealed class Valid(PeopleSnapshot people)
    {
        private readonly FrozenDictionary<string, ClaimsPrincipal> principals =
            // The same key may have been given anew after it was revoked.
            people.Keys.Where(x => !x.Revoked).DistinctBy(x => x.Fingerprint, StringComparer.Ordinal)
                .ToFrozenDictionary(x => x.Fingerprint, people.PrincipalOf, StringComparer.Ordinal);

        public PeopleSnapshot People => people;

        public ClaimsPrincipal? Find(string fingerprint) => principals.GetValueOrDefault(fingerprint);
    }

    /// <param name="sparing">A key that is not known already is looked for only when a look is due anyway: it comes from where many wrong ones have
    /// come from.</param>
    public async Task<ClaimsPrincipal?> FindAsync(string key, bool sparing, CancellationToken cancellation)
    {
        if (!IsWellFormed(key)) return null;
        var fingerprint = vault.Fingerprint(key);
        var principal = Of(await people.RecentAsync(cancellation)).Find(fingerprint);
        if (principal is null && !sparing) principal = Of(await people.ReadAsync(cancellation)).Find(fingerprint);
        if (principal is not null && !met.ContainsKey(fingerprint) && met.TryAdd(fingerprint, true)) secrets.AddChosen(key);
        return principal;
    }

    /// <summary>Whether it could be a key at all.</summary>
    public static bool IsWellFormed(string key) => key.Length is >= 12 and <= 200 && key.All(x => x is > ' ' and <= '~');

    /// <summary>Of a key that was just looked for.</summary>
    public bool IsRevoked(string key)
    {
        var fingerprint = vault.Fingerprint(key);
        return valid.People.Keys.Any(x => x.Revoked && x.Fingerprint == fingerprint);
    }

    private Valid Of(PeopleSnapshot now) => ReferenceEquals(valid.People, now) ? valid : valid = new Valid(now);
}
