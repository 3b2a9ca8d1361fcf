namespace Notify.Kernel.Http;

/// <summary>
/// Whoever tries keys, or links that stand for one, is slowed down: after <see cref="MostPerMinute"/> wrong ones in a minute an address is told to
/// come back later, and its further keys cost no look at the database. A key that holds comes in all the same, also from there: behind a proxy or a
/// router many share one address.
/// </summary>
public sealed class WrongKeys(TimeProvider time)
{
    public const int MostPerMinute = 30;

    /// <summary>More addresses than that are not told apart from new ones.</summary>
    private const int MostAddresses = 10_000;

    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTimeOffset Since, int Count)> tries = new(StringComparer.Ordinal);

    /// <returns>When it may come back; null: now.</returns>
    public TimeSpan? MustWait(string? address)
    {
        lock (gate)
        {
            if (!tries.TryGetValue(address ?? "", out var found) || found.Count < MostPerMinute) return null;
            var left = found.Since + minute - time.GetUtcNow();
            return left > TimeSpan.Zero ? left : null;
        }
    }

    public void Note(string? address)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (tries.Count >= MostAddresses)
            {
                foreach (var old in tries.Where(x => now - x.Value.Since >= minute).Select(x => x.Key).ToList()) tries.Remove(old);
                if (tries.Count >= MostAddresses) tries.Clear();
            }

            var found = tries.GetValueOrDefault(address ?? "", (now, 0));
            tries[address ?? ""] = now - found.Item1 >= minute ? (now, 1) : (found.Item1, found.Item2 + 1);
        }
    }
}
