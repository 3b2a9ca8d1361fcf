namespace Notify.Peers;

/// <summary>
/// A sliding window. The platform documents the number only, not the window's shape; sliding is the stricter reading of both.
/// </summary>
internal sealed class RateWindow(TimeSpan length)
{
    private readonly Queue<long> taken = new();

    /// <param name="limit">0 = no limit.</param>
    /// <returns>Whether there was room; only then the use is counted.</returns>
    public bool TryTake(int limit, TimeProvider clock) => HasRoom(limit, clock) && Take(limit, clock);

    public bool HasRoom(int limit, TimeProvider clock)
    {
        if (limit == 0)
            return true;
        lock (taken)
        {
            var now = clock.GetTimestamp();
            while (taken.TryPeek(out var oldest) && clock.GetElapsedTime(oldest, now) >= length)
                taken.Dequeue();
            return taken.Count < limit;
        }
    }

    private bool Take(int limit, TimeProvider clock)
    {
        if (limit == 0)
            return true;
        lock (taken)
        {
            if (taken.Count >= limit)
                return false;
            taken.Enqueue(clock.GetTimestamp());
            return true;
        }
    }

    /// <summary>One member's two windows for one app: a message needs room in both and then uses both.</summary>
    internal sealed class Pair
    {
        private readonly RateWindow minute = new(TimeSpan.FromMinutes(1));
        private readonly RateWindow hour = new(TimeSpan.FromHours(1));

        public bool TryTake(int perMinute, int perHour, TimeProvider clock)
        {
            lock (minute)
                return hour.HasRoom(perHour, clock) && minute.TryTake(perMinute, clock) && hour.TryTake(perHour, clock);
        }
    }
}
