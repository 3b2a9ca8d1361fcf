namespace Notify.Delivery.Lanes;

/// <summary>
/// Counts what was sent within a sliding window, so that the platform never has to refuse or drop. A quarter of the window's messages is kept for
/// merged ones, sent at intervals, so that a storm is told continuously instead of in bursts with silence between.
/// </summary>
/// <param name="limit">Messages in a window; 0: none.</param>
/// <param name="window">Null: <see cref="Minute"/>.</param>
public sealed class Pace(int limit, TimeSpan? window = null)
{
    /// <summary>A second more than a minute: the platform counts when requests arrive, we when they leave.</summary>
    public static readonly TimeSpan Minute = TimeSpan.FromSeconds(61);
    public static readonly TimeSpan Hour = TimeSpan.FromSeconds(3601);

    private readonly TimeSpan window = window ?? Minute;
    private readonly Queue<DateTimeOffset> sent = new();
    private readonly int reserve = limit / 4;
    private DateTimeOffset last;

    public bool IsLimited => limit > 0;
    public IReadOnlyCollection<DateTimeOffset> Sent => sent;

    public void Restore(IEnumerable<DateTimeOffset> times)
    {
        sent.Clear();
        last = default;
        foreach (var time in times.Order()) Count(time);
    }

    public int Room(DateTimeOffset now)
    {
        if (!IsLimited) return int.MaxValue;
        Forget(now);
        return Math.Max(0, limit - sent.Count);
    }

    /// <summary>Room for so many messages outside the reserve; one of more parts than that may start when the whole minute before was
    /// silent.</summary>
    public bool AllowsOneByOne(int messages, DateTimeOffset now) => !IsLimited || Room(now) >= Math.Min(messages + reserve, limit);

    /// <summary>When the next merged message may leave: what room there is, spread evenly until there is more.</summary>
    public DateTimeOffset NextMerged(DateTimeOffset now)
    {
        var room = Room(now);
        if (!IsLimited || sent.Count == 0) return now;
        var spread = (sent.Peek() + window - last) / (room + 1);
        return last + (spread > window / limit ? spread : window / limit);
    }

    /// <summary>When so many messages have room: null for now.</summary>
    public DateTimeOffset? FreeAt(int messages, DateTimeOffset now) =>
        !IsLimited || Room(now) >= Math.Min(messages, limit) ? null : sent.TryPeek(out var oldest) ? oldest + window : now;

    /// <summary>When the next message may leave, after all before it; also one of more parts than there is room for keeps the limit: the rest of its
    /// parts leave later.</summary>
    public DateTimeOffset NextFree(DateTimeOffset now)
    {
        if (!IsLimited) return now;
        var free = sent.Count < limit ? now : sent.ElementAt(sent.Count - limit) + window;
        return new[] { now, free, last }.Max();
    }

    /// <summary>A message leaves then.</summary>
    public void Count(DateTimeOffset time)
    {
        if (!IsLimited) return;
        if (time > last) last = time;
        sent.Enqueue(last);
    }

    /// <returns>When each of the messages may leave.</returns>
    public IReadOnlyList<DateTimeOffset> Reserve(int messages, DateTimeOffset now)
    {
        if (!IsLimited) return [];
        var times = new List<DateTimeOffset>(messages);
        for (var i = 0; i < messages; i++)
        {
            times.Add(NextFree(now));
            Count(times[i]);
        }

        return times;
    }

    /// <summary>The clock was set back by so much: what was sent is as long ago as it was.</summary>
    public void SetBack(TimeSpan by) => Restore([.. sent.Select(x => x - by)]);

    private void Forget(DateTimeOffset now)
    {
        while (sent.TryPeek(out var oldest) && oldest + window <= now) sent.Dequeue();
    }
}
