using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notify.Peers.WeCom;

/// <summary>/_control: what the methods of <see cref="WeComStandIn"/> do, over HTTP, for the demo and for tests in other processes.</summary>
internal sealed class Control(WeComStandIn standIn)
{
    public const string Prefix = "/_control/";
    private const string knownPaths = "GET received, counters, chat; POST faults, robots, apps; DELETE faults, received.";

    private static readonly JsonSerializerOptions webJson = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Guid started = Guid.NewGuid();

    public async Task HandleAsync(HttpContext http)
    {
        // What comes in by mail tells nobody.
        standIn.Options.Others?.Collect();
        try
        {
            await ((http.Request.Method, http.Request.Path.Value![Prefix.Length..]) switch
            {
                ("GET", "received") => ReceivedAsync(http),
                ("DELETE", "received") => Done(http, standIn.Log.Clear),
                ("GET", "counters") => http.Response.WriteAsJsonAsync(standIn.Counters, webJson),
                ("GET", "chat") => ChatAsync(http),
                ("GET", "rooms") => http.Response.WriteAsJsonAsync(Rooms(), webJson),
                ("POST", "faults") => FaultAsync(http),
                ("DELETE", "faults") => Done(http, standIn.ClearFaults),
                ("POST", "robots") => ReadAsync<RobotRegistration>(http, robot => standIn.AddRobot(robot.Key, robot.Group)),
                ("POST", "apps") => ReadAsync<AppRegistration>(http, standIn.AddApp),
                _ => Refuse(http, StatusCodes.Status404NotFound, knownPaths),
            });
        }
        catch (Exception bad) when (bad is JsonException or ArgumentException)
        {
            await Refuse(http, StatusCodes.Status400BadRequest, bad.Message);
        }
    }

    private Task ReceivedAsync(HttpContext http)
    {
        _ = long.TryParse(http.Request.Query["since"], out var since);
        return http.Response.WriteAsJsonAsync(standIn.Log.Since(since, LimitOf(http)), webJson);
    }

    private Task ChatAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(ChatText.Of(standIn.Log.Since(0, LimitOf(http))), Encoding.UTF8);
    }

    /// <summary>Of many messages the newest 1000, unless ?limit= says otherwise.</summary>
    private static int LimitOf(HttpContext http) => int.TryParse(http.Request.Query["limit"], out var asked) && asked > 0 ? asked : 1000;

    /// <summary>Groups and people that exist before anybody wrote to them. Keys stay out of the page.</summary>
    private object Rooms() => new
    {
        // Changes when the numbers start again or the messages are gone: the page then begins anew.
        epoch = $"{started:N}-{standIn.Log.Clearings}",
        groups = standIn.RobotList.Select(robot => robot.Group).Distinct(),
        people = standIn.AppList.SelectMany(app => app.Everybody).Distinct(StringComparer.OrdinalIgnoreCase),
    };

    private async Task FaultAsync(HttpContext http)
    {
        var asked = await http.Request.ReadFromJsonAsync<JsonElement>(webJson);
        var target = asked.Text("corpId") is { Length: > 0 } corp ? corp : null;
        var agent = asked.Integer("agentId");
        switch (asked.Text("kind"))
        {
            case "tokenExpired":
                standIn.ExpireTokens(target, agent);
                break;
            case "tokenInvalid":
                standIn.InvalidateTokens(target, agent);
                break;
            case "trustedIpOff":
                standIn.SetTrustedIp(false, target, agent);
                break;
            case "trustedIpOn":
                standIn.SetTrustedIp(true, target, agent);
                break;
            case "robotRemoved":
                standIn.RemoveRobot(asked.Text("robot"));
                break;
            default:
                standIn.AddFault(asked.Deserialize<Fault>(webJson)!);
                break;
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task ReadAsync<T>(HttpContext http, Action<T> use)
    {
        use((await http.Request.ReadFromJsonAsync<T>(webJson))!);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task Done(HttpContext http, Action action)
    {
        action();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task Refuse(HttpContext http, int status, string why)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new { error = why }, webJson);
    }
}
