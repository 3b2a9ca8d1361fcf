namespace Notify.Kernel.Http;

/// <summary>
/// Slows down guessing of keys, and of links equivalent to a key: after <see cref="MostPerMinute"/> wrong ones in a minute an address must wait, and
/// its further keys are not looked up in the database. A valid key is still accepted, even from there: behind a proxy or a router many share one
/// address.
/// </summary>
public sealed class WrongKeys(TimeProvider time)
{
    public const int MostPerMinute = 30;

    /// <summary>With more addresses, all counts start anew.</summary>
    private const int MostAddresses = 10_000;

    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTimeOffset Since, int Count)> tries = new(StringComparer.Ordinal);

    /// <returns>How long the address must wait; null: not at all.</returns>
    public TimeSpan? MustWait(string? address)
    {
        lock (gate)
        {
            if (!tries.TryGetValue(address ?? "", out var found) || found.Count < MostPerMinute) return null;
            var now = time.GetUtcNow();
            return Instants.HasPassed(minute, found.Since, now) ? null : found.Since + minute - now;
        }
    }

    public void Note(string? address)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (tries.Count >= MostAddresses)
            {
                foreach (var old in tries.Where(x => Instants.HasPassed(minute, x.Value.Since, now)).Select(x => x.Key).ToList()) tries.Remove(old);
                if (tries.Count >= MostAddresses) tries.Clear();
            }

            var found = tries.GetValueOrDefault(address ?? "", (now, 0));
            tries[address ?? ""] = Instants.HasPassed(minute, found.Item1, now) ? (now, 1) : (found.Item1, found.Item2 + 1);
        }
    }
}
