using System.Collections.Concurrent;

namespace Notify.Peers.WeCom;

/// <summary>A robot in a group chat.</summary>
internal sealed class Robot(string key, string group)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> media = new();

    public string Key => key;

    public string Group => group;

    public bool Removed { get; set; }

    public RateWindow Calls { get; } = new(TimeSpan.FromMinutes(1));

    public string KeepMedia(DateTimeOffset now)
    {
        var id = string.Concat("3", Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        media[id] = now;
        return id;
    }

    /// <summary>A media id is good for three days, and only for the robot that uploaded it.</summary>
    public bool HasMedia(string id, DateTimeOffset now) => media.TryGetValue(id, out var since) && now - since < TimeSpan.FromDays(3);
}

internal sealed class Robots(WeComOptions options)
{
    private readonly ConcurrentDictionary<string, Robot> byKey = new(StringComparer.Ordinal);

    public ICollection<Robot> All => byKey.Values;

    public void Add(RobotRegistration robot) => byKey[robot.Key] = new Robot(robot.Key, robot.Group);

    /// <summary>The robot, unless the key is unknown or the robot was removed from its group.</summary>
    public Robot? Find(string key)
    {
        if (byKey.TryGetValue(key, out var robot))
            return robot.Removed ? null : robot;
        return options.AcceptAnyRobot && key.Length > 0 ? byKey.GetOrAdd(key, k => new Robot(k, $"Group {k[..Math.Min(8, k.Length)]}")) : null;
    }

    public void SetRemoved(string key, bool removed)
    {
        if (!byKey.TryGetValue(key, out var robot))
            throw new ArgumentException("No robot has this key.", nameof(key));
        robot.Removed = removed;
    }
}
