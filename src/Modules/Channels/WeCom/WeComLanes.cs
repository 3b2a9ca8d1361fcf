using Microsoft.Extensions.Configuration;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;

namespace Notify.Channels.WeCom;

/// <summary>
/// Each robot and each app is a lane. WeCom refuses a robot's 21st message in a minute (document 99110), and silently drops more than 30 messages a
/// minute or 1000 an hour from one app to one member (document 90236). An app's daily limit, for days in China's time zone, depends on the company's
/// size and is off unless set.
/// </summary>
internal sealed class WeComLanes
{
    private const string RobotPrefix = $"{WeComChannel.TypeName}/robot/";
    private const string AppPrefix = $"{WeComChannel.TypeName}/app/";

    private readonly LaneLimits robot;
    private readonly LaneLimits app;

    public WeComLanes(IConfiguration settings, ReceiverKind account)
    {
        var probe = settings.GetValue("Notify:WeCom:ProbeInterval", TimeSpan.FromSeconds(30));
        var perMinute = settings.GetValue("Notify:WeCom:BotLimitPerMinute", 20);
        robot = new(perMinute, 0, 0) { InOrder = perMinute > 0, ProbeInterval = probe };
        app = new(settings.GetValue("Notify:WeCom:MemberLimitPerMinute", 30), settings.GetValue("Notify:WeCom:MemberLimitPerHour", 1000),
            settings.GetValue("Notify:WeCom:AppLimitPerDay", 0))
        {
            Members = account,
            DayOffset = TimeSpan.FromHours(8),
            WaitGrows = true,
            RepeatIsSafe = true,
            ProbeInterval = probe,
        };
    }

    public static string Of(WeComBot robot) => RobotPrefix + robot.Key.Fingerprint;

    public static string Of(WeComApp app) => $"{AppPrefix}{app.CorpId}/{app.AgentId}";

    /// <summary>The AgentId of the app that the lane belongs to; null for a robot's lane.</summary>
    public static string? AppIn(string lane) => lane.StartsWith(AppPrefix, StringComparison.Ordinal) ? lane[(lane.LastIndexOf('/') + 1)..] : null;

    public LaneLimits LimitsOf(string lane) =>
        lane.StartsWith(RobotPrefix, StringComparison.Ordinal) ? robot
        : lane.StartsWith(AppPrefix, StringComparison.Ordinal) ? app
        : throw new InvalidOperationException($"WeCom has no lane '{lane}'.");
}
