using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Notify.Peers.DingTalk;

/// <summary>A custom robot and what it asks of each message.</summary>
/// <param name="Secret">Null: signatures are not checked.</param>
/// <param name="Keyword">Null: none is needed.</param>
/// <param name="IsStopped">By the group's owner.</param>
public sealed record DingTalkRobot(string Group, string? Secret = null, string? Keyword = null, bool IsStopped = false);

/// <summary>An enterprise's app with a robot, and the members who may see it.</summary>
public sealed record DingTalkApp(string ClientId, string ClientSecret, string RobotCode, IReadOnlyList<string> Members);

/// <param name="To">A group, or a member's user id.</param>
/// <param name="Called">Those of <c>at</c> who stand in the text: others are not called.</param>
public sealed record DingTalkShown(string To, string Type, string Text, IReadOnlyList<string> Called);

/// <summary>
/// DingTalk's side of custom robots and of messages to members: tokens, signatures, keywords, 20,000 bytes, 20 messages a minute with ten minutes of
/// silence after the 21st, and its codes. Robots refuse with HTTP 200, the API with 4xx.
/// </summary>
public sealed class DingTalkStandIn : HttpStandIn
{
    private const string RobotPath = "/robot/send";
    private const int MostBytes = 20_000;
    private const int MostParameterBytes = 15_000;
    private const int MostUsers = 20;
    private static readonly TimeSpan penalty = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, DingTalkRobot> robots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RateWindow> windows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> silencedAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DingTalkApp> apps = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<DingTalkShown> shown = new();
    private int numbers;

    /// <summary>Messages a minute to one robot; 0: no limit.</summary>
    public int PerMinute { get; set; } = 20;

    /// <summary>Members to whom nothing more goes just now.</summary>
    public ConcurrentDictionary<string, bool> FlowControlled { get; } = new(StringComparer.Ordinal);

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<DingTalkShown> Shown => [.. shown];

    public int TokenCalls { get; private set; }

    public string AddRobot(string token, DingTalkRobot robot)
    {
        robots[token] = robot;
        return UrlOf(token);
    }

    public string UrlOf(string token) => $"{Origin}{RobotPath}?access_token={token}";

    public void AddApp(DingTalkApp app) => apps[app.ClientId] = app;

    /// <summary>All tokens end before their time.</summary>
    public void EndTokens() => tokens.Clear();

    public static string RobotRefusal(int code, string words) => JsonSerializer.Serialize(new { errcode = code, errmsg = words });

    public static string ApiRefusal(string code, string words) =>
        JsonSerializer.Serialize(new { code, message = words, requestid = "0A1B2C3D-0000-7000-8000-000000000001" });

    protected override StandInAnswer Answer(HttpRequest request, string body)
    {
        if (!HttpMethods.IsPost(request.Method)) return new(405, "");
        JsonElement json;
        try
        {
            json = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            return new(200, RobotRefusal(40035, "缺少参数 json"));
        }

        return (string?)request.Path switch
        {
            RobotPath => ToRobot(request, body, json),
            "/v1.0/oauth2/accessToken" => Token(json),
            "/v1.0/robot/oToMessages/batchSend" => ToMembers(request, json),
            _ => new(404, ApiRefusal("InvalidAction.NotFound", "Specified api is not found")),
        };
    }

    private StandInAnswer ToRobot(HttpRequest request, string body, JsonElement json)
    {
        var token = request.Query["access_token"].ToString();
        if (!robots.TryGetValue(token, out var robot)) return Refuse(300005, "token is not exist");
        if (robot.IsStopped) return Refuse(400102, "机器人已停用");
        if (Encoding.UTF8.GetByteCount(body) > MostBytes) return Refuse(460101, "message too long, exceed 20000 bytes");
        if (robot.Secret is { } secret && FaultOfSignature(request, secret) is { } fault) return Refuse(310000, fault);
        if (TextOf(json) is not var (type, text)) return Refuse(400105, "不支持的消息类型");
        if (robot.Keyword is { } keyword && !text.Contains(keyword, StringComparison.Ordinal)) return Refuse(
            310000, "description:机器人发送内容不含自定义关键词;solution:请在内容中包含机器人安全设置中的关键词;");
        if (silencedAt.TryGetValue(token, out var since) && TimeProvider.System.GetElapsedTime(since) < penalty)
            return Refuse(130101, "send too fast, exceed 20 times per minute");
        if (!windows.GetOrAdd(token, _ => new(TimeSpan.FromMinutes(1))).TryTake(PerMinute, TimeProvider.System))
        {
            silencedAt[token] = TimeProvider.System.GetTimestamp();
            return Refuse(130101, "send too fast, exceed 20 times per minute");
        }

        return new(200, RobotRefusal(0, "ok"), () => shown.Enqueue(new(robot.Group, type, text, type == "actionCard" ? [] : CalledIn(json, text))));
    }

    private StandInAnswer Token(JsonElement json)
    {
        TokenCalls++;
        if (!apps.TryGetValue(Text(json, "appKey") ?? "", out var app) || app.ClientSecret != Text(json, "appSecret"))
            return new(400, ApiRefusal("invalidClientIdOrSecret", "无效的clientId或者clientSecret"));
        var token = $"access-token-of-the-stand-in-{Interlocked.Increment(ref numbers):0000}";
        tokens[token] = app.ClientId;
        return new(200, JsonSerializer.Serialize(new { accessToken = token, expireIn = 7200 }));
    }

    private StandInAnswer ToMembers(HttpRequest request, JsonElement json)
    {
        if (!tokens.TryGetValue(request.Headers["x-acs-dingtalk-access-token"].ToString(), out var clientId))
            return new(401, ApiRefusal("InvalidAuthentication", "不合法的access_token"));
        var app = apps[clientId];
        if (Text(json, "robotCode") != app.RobotCode) return new(400, ApiRefusal("invalidParameter.robotCode.auth", "robotCode not match"));
        List<string> users = json.TryGetProperty("userIds", out var ids) && ids.ValueKind == JsonValueKind.Array
            ? [.. ids.EnumerateArray().Select(x => x.GetString()!)] : [];
        if (users.Count is 0 or > MostUsers) return new(400, ApiRefusal("invalidParameter.userIds.invalid", "userIds size must be 1 to 20"));
        var parameters = Text(json, "msgParam") ?? "";
        if (Encoding.UTF8.GetByteCount(parameters) > MostParameterBytes || ParametersOf(Text(json, "msgKey"), parameters) is not { } text)
            return new(400, ApiRefusal("invalidParameter.msgParam.invalid", "msgParam is invalid"));
        var known = users.Where(x => app.Members.Contains(x, StringComparer.OrdinalIgnoreCase)).ToList();
        if (known.Count == 0) return new(400, ApiRefusal("staffId.notExisted", "staffId not existed"));
        var reached = known.Where(x => !FlowControlled.ContainsKey(x)).ToList();
        var answer = JsonSerializer.Serialize(new
        {
            processQueryKey = $"query-{Interlocked.Increment(ref numbers)}",
            invalidStaffIdList = users.Except(known),
            flowControlledStaffIdList = known.Except(reached),
        });
        return new(200, answer, () =>
        {
            foreach (var user in reached) shown.Enqueue(new(user, Text(json, "msgKey")!, text, []));
        });
    }

    private static StandInAnswer Refuse(int code, string words) => new(200, RobotRefusal(code, words));

    private static string? FaultOfSignature(HttpRequest request, string secret)
    {
        var at = request.Query["timestamp"].ToString();
        if (!long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || (TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).Duration() > TimeSpan.FromHours(1))
            return "description:timestamp 无效;solution:请使用当前时间戳，与系统时间相差不能超过一小时;";
        var expected = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at}\n{secret}")));
        return request.Query["sign"] == expected ? null : "description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中;";
    }

    /// <summary>Null for what is not a message of one of the types.</summary>
    private static (string Type, string Text)? TextOf(JsonElement json)
    {
        var type = Text(json, "msgtype");
        if (type is null || !json.TryGetProperty(type, out var content)) return null;
        var text = type switch
        {
            "text" => Text(content, "content"),
            "markdown" when Text(content, "title") is { Length: > 0 } => Text(content, "text"),
            "actionCard" when Text(content, "title") is { Length: > 0 } && Text(content, "singleURL") is { } url =>
                $"{Text(content, "text")}\n[{Text(content, "singleTitle")}]({url})",
            _ => null,
        };
        return text is { Length: > 0 } ? (type, text) : null;
    }

    private static string? ParametersOf(string? key, string parameters)
    {
        try
        {
            var json = JsonDocument.Parse(parameters).RootElement;
            return key switch
            {
                "sampleText" => Text(json, "content"),
                "sampleMarkdown" when Text(json, "title") is { Length: > 0 } => Text(json, "text"),
                "sampleActionCard" when Text(json, "title") is { Length: > 0 } && Text(json, "singleURL") is { } url =>
                    $"{Text(json, "text")}\n[{Text(json, "singleTitle")}]({url})",
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<string> CalledIn(JsonElement json, string text)
    {
        if (!json.TryGetProperty("at", out var at)) return [];
        var named = ((string[])["atMobiles", "atUserIds"])
            .SelectMany(x => at.TryGetProperty(x, out var list) ? list.EnumerateArray().Select(y => y.GetString()!) : [])
            .Where(x => text.Contains($"@{x}", StringComparison.Ordinal));
        return at.TryGetProperty("isAtAll", out var all) && all.ValueKind == JsonValueKind.True ? [.. named, "all"] : [.. named];
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}
