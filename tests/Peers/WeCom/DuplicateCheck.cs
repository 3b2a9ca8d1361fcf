using System.Security.Cryptography;

namespace Notify.Peers.WeCom;

/// <summary>Remembers the requests of one app that asked for the duplicate check, by their exact bytes.</summary>
internal sealed class DuplicateCheck
{
    private const int tidyAbove = 10_000;
    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTimeOffset Until, string MsgId)> seen = new(StringComparer.Ordinal);

    /// <returns>The first one's msgid when this request came before within its interval; otherwise null, and it is remembered.</returns>
    public string? SeenBefore(byte[] body, string msgId, TimeSpan interval, DateTimeOffset now)
    {
        var hash = Convert.ToHexString(SHA256.HashData(body));
        lock (gate)
        {
            if (seen.TryGetValue(hash, out var first) && first.Until > now)
                return first.MsgId;
            if (seen.Count >= tidyAbove)
                foreach (var (old, (until, _)) in seen.ToList())
                    if (until <= now)
                        seen.Remove(old);
            seen[hash] = (now + interval, msgId);
            return null;
        }
    }
}
