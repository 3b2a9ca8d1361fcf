using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Claims;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary>
/// Finds the key that somebody presents. A new key counts at once; one that was revoked or replaced is refused everywhere within
/// <see cref="PeopleCache.Lifetime"/>, one that has expired at its time.
/// </summary>
public sealed class ApiKeyCache(PeopleCache people, SecretVault vault, KnownSecrets secrets, ApiKeyUses uses, TimeProvider time)
{
    /// <summary>Fingerprints of keys that came in here: what they are, texts are searched for from then on.</summary>
    private readonly ConcurrentDictionary<string, bool> met = new(StringComparer.Ordinal);

    private volatile ByFingerprint known = new(PeopleSnapshot.Empty);

    private sealed record Presentable(ApiKey Key, ClaimsPrincipal Principal);

    private sealed class ByFingerprint(PeopleSnapshot people)
    {
        private readonly FrozenDictionary<string, Presentable> keys = (
            from key in people.Keys
            let presentable = new Presentable(key, people.PrincipalOf(key))
            from secret in key.Settings.Secrets
            select (secret.Fingerprint, presentable))
            // The same key may have been given anew after it was revoked.
            .GroupBy(x => x.Fingerprint, x => x.presentable, StringComparer.Ordinal)
            .ToFrozenDictionary(x => x.Key, x => x.FirstOrDefault(y => y.Key.Enabled) ?? x.Last(), StringComparer.Ordinal);

        public PeopleSnapshot People => people;

        public Presentable? Find(string fingerprint) => keys.GetValueOrDefault(fingerprint);
    }

    /// <summary>The caller, or null and why not.</summary>
    /// <param name="Known">The key's owner, although the key is not valid.</param>
    public sealed record Found(ClaimsPrincipal? Principal, string? Fault = null, Actor? Known = null);

    /// <param name="sparing">A key that is not known already is looked for only when a look is due anyway: it comes from where many wrong ones have
    /// come from.</param>
    public async ValueTask<Found> FindAsync(string key, bool sparing, CancellationToken cancellation)
    {
        var fingerprint = vault.Fingerprint(key);
        var found = Of(await people.RecentAsync(cancellation)).Find(fingerprint);
        if (found is null && !sparing) found = Of(await people.ReadAsync(cancellation)).Find(fingerprint);
        if (found is null) return new Found(null, "This API key is unknown.");
        if (found.Key.FaultOf(fingerprint, time.GetUtcNow()) is { } fault)
            return new Found(null, fault, new Actor(found.Key.Id, found.Key.Name, "apiKey"));
        if (!met.ContainsKey(fingerprint) && met.TryAdd(fingerprint, true)) secrets.AddChosen(key);
        uses.Note(found.Key.Id);
        return new Found(found.Principal);
    }

    private ByFingerprint Of(PeopleSnapshot now) => ReferenceEquals(known.People, now) ? known : known = new ByFingerprint(now);
}
