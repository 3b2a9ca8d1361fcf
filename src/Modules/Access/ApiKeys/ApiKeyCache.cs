using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Claims;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary>Finds the owner of a presented API key. A new key is accepted at once; a revoked or replaced one is refused on every node within
/// <see cref="PeopleCache.Lifetime"/>, an expired one from the instant of its expiry.</summary>
public sealed class ApiKeyCache(PeopleCache people, SecretVault vault, KnownSecrets secrets, ApiKeyUses uses, TimeProvider time)
{
    /// <summary>Fingerprints of the keys presented to this node. Texts are searched for those keys from then on, so that none is stored.</summary>
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
            // A revoked key may have been issued again with the same text.
            .GroupBy(x => x.Fingerprint, x => x.presentable, StringComparer.Ordinal)
            .ToFrozenDictionary(x => x.Key, x => x.FirstOrDefault(y => y.Key.Enabled) ?? x.Last(), StringComparer.Ordinal);

        public PeopleSnapshot People => people;

        public Presentable? Find(string fingerprint) => keys.GetValueOrDefault(fingerprint);
    }

    /// <summary>The caller, or the reason why there is none.</summary>
    /// <param name="Known">The owner of a key that is no longer valid.</param>
    public sealed record Found(ClaimsPrincipal? Principal, string? Fault = null, Actor? Known = null);

    /// <param name="sparing">Do not read the events just for this key: many wrong ones have come from the same address. An unknown key is then found
    /// only after the next regular read.</param>
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
