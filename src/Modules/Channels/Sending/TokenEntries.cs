using System.Collections.Concurrent;

namespace Notify.Channels.Sending;

/// <summary>What is known of one token. It is locked while it is read or changed.</summary>
internal interface ITokenEntry
{
    /// <summary>Whether nothing in it is of use any more, and nothing is under way for it.</summary>
    bool IsSpent(DateTimeOffset now);
}

/// <summary>The access tokens of a channel, by the credentials with which they are requested.</summary>
internal sealed class TokenEntries<TKey, TEntry>(TimeProvider time)
    where TKey : notnull
    where TEntry : class, ITokenEntry, new()
{
    private readonly ConcurrentDictionary<TKey, TEntry> entries = new();

    /// <returns>Null: no token was requested with these.</returns>
    public TEntry? Find(TKey credentials) => entries.GetValueOrDefault(credentials);

    public TEntry Of(TKey credentials) => Find(credentials) ?? Add(credentials);

    private TEntry Add(TKey credentials)
    {
        // When secrets change, entries with the old ones must not accumulate.
        var now = time.GetUtcNow();
        foreach (var (old, entry) in entries)
        {
            lock (entry)
            {
                if (entry.IsSpent(now)) entries.TryRemove(old, out _);
            }
        }

        return entries.GetOrAdd(credentials, _ => new());
    }
}
