using Microsoft.Extensions.Configuration;

namespace Notify.Delivery.Lanes;

/// <summary>What the platform takes on one lane, for each of its members: a robot counts as one. 0: no limit.</summary>
/// <param name="PerDay">For all members together, one for each that a message goes to.</param>
public sealed record LaneLimits(int PerMinute, int PerHour, int PerDay)
{
    /// <summary>A day, whenever it began.</summary>
    public static readonly TimeSpan LongestMemory = TimeSpan.FromHours(25);

    /// <summary>How far back what was sent counts.</summary>
    public TimeSpan Memory => PerDay > 0 ? LongestMemory : PerHour > 0 ? Pace.Hour : Pace.Minute;

    public bool Any => PerMinute > 0 || PerHour > 0 || PerDay > 0;

    /// <summary>
    /// By kind of lane. WeCom refuses a robot's 21st message of a minute (document 99110), and drops without a word what is more than 30 a minute or
    /// 1000 an hour from one app to one member (document 90236); an app's day depends on the company's size and is off unless set.
    /// </summary>
    public static Func<string, LaneLimits> Read(IConfiguration settings)
    {
        var robot = new LaneLimits(settings.GetValue("Notify:WeCom:BotLimitPerMinute", 20), 0, 0);
        var app = new LaneLimits(
            settings.GetValue("Notify:WeCom:MemberLimitPerMinute", 30), settings.GetValue("Notify:WeCom:MemberLimitPerHour", 1000), settings.GetValue("Notify:WeCom:AppLimitPerDay", 0));
        var none = new LaneLimits(0, 0, 0);
        return lane => lane.StartsWith("wecom/robot/", StringComparison.Ordinal) ? robot : lane.StartsWith("wecom/app/", StringComparison.Ordinal) ? app : none;
    }
}
