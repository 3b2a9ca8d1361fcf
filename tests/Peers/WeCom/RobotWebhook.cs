using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>POST /cgi-bin/webhook/send?key= — a message to the robot's group.</summary>
internal sealed class RobotWebhook(WeComOptions options, Robots robots, Faults faults, Exchange exchange)
{
    public const string Path = "/cgi-bin/webhook/send";

    public Task SendAsync(HttpContext http)
    {
        var key = http.Request.Query["key"].ToString();
        var robot = robots.Find(key);
        var message = new Received { At = options.Clock.GetUtcNow(), Channel = WeComChannel.Robot, RobotKey = key, Group = robot?.Group };
        var posted = HttpMethods.IsPost(http.Request.Method) && !http.Request.HasFormContentType;
        return exchange.RunAsync(http, message, faults.Take(Path, key, null), (body, _, received) => Judge(robot, posted, body, received));
    }

    private Verdict Judge(Robot? robot, bool posted, JsonElement? body, Received message)
    {
        if (robot is null)
            return new(93000);
        // The platform does not say whether calls it rejects use up the rate; here all do but those it rejects for the rate.
        if (!robot.Calls.TryTake(options.RobotLimit, options.Clock))
            return new(45009);
        if (!posted)
            return new(40063);
        if (body is not { } json)
            return new(47001);
        var verdict = RobotMessages.Check(json, json.Text("msgtype"), robot, message.At);
        message.Delivered = verdict.Code == 0;
        return verdict;
    }
}
