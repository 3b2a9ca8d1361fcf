namespace Notify.Delivery.Lanes;

/// <summary>
/// Counts what was sent within a sliding minute, so that the platform never has to refuse: WeCom takes 20 messages a minute from a robot
/// (developer.work.weixin.qq.com, document 99110) and answers 45009 beyond.
/// </summary>
/// <param name="limit">Messages a minute; 0: none.</param>
/// <remarks>May be asked from several threads: tests go past the lane.</remarks>
public sealed class Pace(int limit)
{
    /// <summary>A second more than a minute: the platform counts when requests arrive, we when they leave.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(61);

    private readonly Queue<DateTimeOffset> sent = new();
    private readonly Lock gate = new();

    public bool IsLimited => limit > 0;

    public IReadOnlyCollection<DateTimeOffset> Sent
    {
        get
        {
            lock (gate) return [.. sent];
        }
    }

    public void Restore(IEnumerable<DateTimeOffset> times)
    {
        lock (gate)
        {
            sent.Clear();
            foreach (var time in times.Order()) sent.Enqueue(time);
        }
    }

    public int Room(DateTimeOffset now)
    {
        if (!IsLimited) return int.MaxValue;
        lock (gate)
        {
            while (sent.TryPeek(out var oldest) && oldest + Window <= now) sent.Dequeue();
            return Math.Max(0, limit - sent.Count);
        }
    }

    /// <summary>Room for so many messages; a message of more parts than the limit may start with a whole minute before it.</summary>
    public bool Allows(int messages, DateTimeOffset now) => Room(now) >= Math.Min(messages, limit) || !IsLimited;

    /// <summary>When so many messages have room: null for now.</summary>
    public DateTimeOffset? FreeAt(int messages, DateTimeOffset now) => Allows(messages, now) ? null : NextRoom(now) ?? now + Window;

    /// <returns>When each of the messages may leave.</returns>
    public IReadOnlyList<DateTimeOffset> Reserve(int messages, DateTimeOffset now)
    {
        if (!IsLimited) return [];
        var times = Enumerable.Range(0, messages).Select(i => now + (Window * (i / limit))).ToList();
        lock (gate)
        {
            foreach (var time in times) sent.Enqueue(time);
        }

        return times;
    }

    /// <summary>When there is room again.</summary>
    public DateTimeOffset? NextRoom(DateTimeOffset now)
    {
        if (Room(now) > 0) return null;
        lock (gate) return sent.TryPeek(out var oldest) ? oldest + Window : null;
    }
}
