namespace Notify.Delivery.Lanes;

/// <summary>Counts sends within a sliding window, so that the platform never has to refuse or drop a message. A quarter of the window is reserved for
/// merged messages, sent at intervals, so that a flood of alarms is reported continuously instead of in bursts with silence in between.</summary>
/// <param name="limit">Messages in a window; 0: unlimited.</param>
/// <param name="window">Null: <see cref="Minute"/>.</param>
public sealed class Pace(int limit, TimeSpan? window = null)
{
    /// <summary>One second more than a minute, since the platform counts when requests arrive, and Notify when they are sent.</summary>
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

    /// <summary>Whether there is room for that many messages outside the reserve. A message with more parts than that may start only after a whole
    /// window without sends.</summary>
    public bool AllowsOneByOne(int messages, DateTimeOffset now) => !IsLimited || Room(now) >= Math.Min(messages + reserve, limit);

    /// <summary>When the next merged message may be sent: the remaining room is spread evenly until there is more.</summary>
    public DateTimeOffset NextMerged(DateTimeOffset now)
    {
        var room = Room(now);
        if (!IsLimited || sent.Count == 0) return now;
        var spread = (sent.Peek() + window - last) / (room + 1);
        return last + (spread > window / limit ? spread : window / limit);
    }

    /// <summary>When there is room for that many messages; null: now.</summary>
    public DateTimeOffset? FreeAt(int messages, DateTimeOffset now) =>
        !IsLimited || Room(now) >= Math.Min(messages, limit) ? null : sent.TryPeek(out var oldest) ? oldest + window : now;

    /// <summary>When the next message may be sent, after all earlier ones. If a message has more parts than there is room for, the remaining parts
    /// are sent later, so the limit holds.</summary>
    public DateTimeOffset NextFree(DateTimeOffset now)
    {
        if (!IsLimited) return now;
        var free = sent.Count < limit ? now : sent.ElementAt(sent.Count - limit) + window;
        return new[] { now, free, last }.Max();
    }

    /// <summary>A message is sent at this time.</summary>
    public void Count(DateTimeOffset time)
    {
        if (!IsLimited) return;
        if (time > last) last = time;
        sent.Enqueue(last);
    }

    /// <returns>When each of the messages may be sent.</returns>
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

    /// <summary>The clock was set back by this much: past sends are moved too, so that they stay as old as they are.</summary>
    public void SetBack(TimeSpan by) => Restore([.. sent.Select(x => x - by)]);

    private void Forget(DateTimeOffset now)
    {
        while (sent.TryPeek(out var oldest) && oldest + window <= now) sent.Dequeue();
    }
}
