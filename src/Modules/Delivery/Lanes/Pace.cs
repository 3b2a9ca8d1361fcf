namespace Notify.Delivery.Lanes;

/// <summary>
/// Counts what was sent within a sliding minute, so that the platform never has to refuse: WeCom takes 20 messages a minute from a robot
/// (developer.work.weixin.qq.com, document 99110) and answers 45009 beyond. A quarter of the minute's messages is kept for merged ones, sent at
/// intervals, so that a storm is told continuously instead of in bursts with silence between.
/// </summary>
/// <param name="limit">Messages a minute; 0: none.</param>
public sealed class Pace(int limit)
{
    /// <summary>A second more than a minute: the platform counts when requests arrive, we when they leave.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(61);

    private readonly Queue<DateTimeOffset> sent = new();
    private readonly int reserve = limit / 4;

    public bool IsLimited => limit > 0;
    public IReadOnlyCollection<DateTimeOffset> Sent => sent;

    public void Restore(IEnumerable<DateTimeOffset> times)
    {
        sent.Clear();
        foreach (var time in times.Order()) sent.Enqueue(time);
    }

    public int Room(DateTimeOffset now)
    {
        if (!IsLimited) return int.MaxValue;
        Forget(now);
        return Math.Max(0, limit - sent.Count);
    }

    /// <summary>Room for so many messages outside the reserve; one of more parts than that may start when the whole minute before was silent.</summary>
    public bool AllowsOneByOne(int messages, DateTimeOffset now) => !IsLimited || Room(now) >= Math.Min(messages + reserve, limit);

    /// <summary>When the next merged message may leave: evenly over the minute, the slower the less room is left.</summary>
    public DateTimeOffset NextMerged(DateTimeOffset now)
    {
        var room = Room(now);
        if (room == 0) return sent.Peek() + Window;
        if (sent.Count == 0) return now;
        var interval = room > reserve ? Window / limit : Window / (reserve + 1);
        return sent.Last() + interval;
    }

    /// <summary>When so many messages have room: null for now.</summary>
    public DateTimeOffset? FreeAt(int messages, DateTimeOffset now) =>
        !IsLimited || Room(now) >= Math.Min(messages, limit) ? null : sent.TryPeek(out var oldest) ? oldest + Window : now;

    /// <returns>When each of the messages may leave.</returns>
    public IReadOnlyList<DateTimeOffset> Reserve(int messages, DateTimeOffset now)
    {
        if (!IsLimited) return [];
        var times = new List<DateTimeOffset>(messages);
        for (var i = 0; i < messages; i++)
        {
            // Also a message of more parts than there is room for keeps the limit: the rest of its parts leave later.
            var free = sent.Count < limit ? now : sent.ElementAt(sent.Count - limit) + Window;
            times.Add(free > now ? free : now);
            sent.Enqueue(times[i]);
        }

        return times;
    }

    private void Forget(DateTimeOffset now)
    {
        while (sent.TryPeek(out var oldest) && oldest + Window <= now) sent.Dequeue();
    }
}
