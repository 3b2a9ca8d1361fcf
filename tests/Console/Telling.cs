using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>What most tests of the console begin with.</summary>
internal static class Telling
{
    /// <summary>A service with one robot, a message, and a rule by which the robot is told of new alarms, all of one name.</summary>
    /// <param name="paths">Patterns of the alarms.</param>
    /// <returns>The rule.</returns>
    public static async Task<JsonObject> TellAsync(this HttpClient client, string name, string robotUrl, string paths, string content = "{level} {name}")
    {
        var service = await client.PostToAsync(
            "services", new { type = "wecom", name, wecom = new { bots = new[] { new { alias = name, webhookUrl = robotUrl } } } });
        var message = await client.PostToAsync("messages", new { type = "wecom", name, format = "text", content });
        var schedule = (await client.GetFromAsync("schedules?search=Default"))["items"]![0]!;
        return await client.PostToAsync("rules", new
        {
            name,
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { paths } },
            actions = new[]
            {
                new
                {
                    type = "wecom",
                    serviceId = (string)service["id"]!,
                    messageId = (string)message["id"]!,
                    scheduleId = (string)schedule["id"]!,
                    receivers = new[] { new { kind = "bot", alias = name } },
                },
            },
        });
    }
}
