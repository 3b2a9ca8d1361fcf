using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Notify.Peers.Feishu;

/// <summary>A custom robot and what it asks of each message.</summary>
/// <param name="Secret">Null: signatures are not checked.</param>
/// <param name="Keyword">Null: none is needed.</param>
public sealed record FeishuRobot(string Group, string? Secret = null, string? Keyword = null);

/// <param name="Text">As its readers see it: a title, lines, a button in brackets.</param>
public sealed record FeishuShown(string Group, string Type, string Text);

/// <summary>
/// Feishu's side of custom robots: tokens, signatures, keywords, 20 KB, 100 messages a minute and 5 a second, and its codes, all with HTTP 200 but
/// the one for a request that cannot be read.
/// </summary>
public sealed class FeishuStandIn : HttpStandIn
{
    private const string HookPath = "/open-apis/bot/v2/hook/";
    private const int MostBytes = 20 * 1024;
    private readonly ConcurrentDictionary<string, FeishuRobot> robots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (RateWindow Minute, RateWindow Second)> windows = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<FeishuShown> shown = new();

    /// <summary>0: no limit.</summary>
    public int PerMinute { get; set; } = 100;

    /// <summary>0: no limit.</summary>
    public int PerSecond { get; set; } = 5;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<FeishuShown> Shown => [.. shown];

    public string AddRobot(string token, FeishuRobot robot)
    {
        robots[token] = robot;
        return UrlOf(token);
    }

    public string UrlOf(string token) => $"{Origin}{HookPath}{token}";

    public static string Refusal(int code, string words) => JsonSerializer.Serialize(new { code, data = new { }, msg = words });

    protected override StandInAnswer Answer(HttpRequest request, string body)
    {
        var path = request.Path.Value ?? "";
        if (!HttpMethods.IsPost(request.Method) || !path.StartsWith(HookPath, StringComparison.Ordinal)) return new(404, "404 page not found");
        var token = path[HookPath.Length..];
        if (!robots.TryGetValue(token, out var robot)) return Refuse(19001, "param invalid: incoming webhook access token invalid");
        if (Encoding.UTF8.GetByteCount(body) > MostBytes) return Refuse(19036, "the request body size cannot exceed 20K");
        JsonElement json;
        try
        {
            json = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            return new(400, Refusal(9499, "Bad Request"));
        }

        if (robot.Secret is { } secret && !IsSigned(json, secret))
            return Refuse(19021, "sign match fail or timestamp is not within one hour from current time");
        if (TextOf(json) is not var (type, text)) return Refuse(19002, "params error, msg_type need");
        if (robot.Keyword is { } keyword && !text.Contains(keyword, StringComparison.Ordinal)) return Refuse(19024, "Key Words Not Found");
        var (minute, second) = windows.GetOrAdd(token, _ => (new(TimeSpan.FromMinutes(1)), new(TimeSpan.FromSeconds(1))));
        if (!second.TryTake(PerSecond, TimeProvider.System) || !minute.TryTake(PerMinute, TimeProvider.System))
            return Refuse(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]");
        return new(
            200, """{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}""",
            () => shown.Enqueue(new(robot.Group, type, text)));
    }

    private static StandInAnswer Refuse(int code, string words) => new(200, Refusal(code, words));

    private static bool IsSigned(JsonElement json, string secret)
    {
        if (Member(json, "timestamp") is not { ValueKind: JsonValueKind.String } at
            || !long.TryParse(at.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || (TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > TimeSpan.FromHours(1)) return false;
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{at.GetString()}\n{secret}"), ReadOnlySpan<byte>.Empty);
        return Member(json, "sign") is { ValueKind: JsonValueKind.String } sign && sign.GetString() == Convert.ToBase64String(expected);
    }

    /// <summary>Null for what is not a message of one of the types.</summary>
    private static (string Type, string Text)? TextOf(JsonElement json)
    {
        try
        {
            var type = json.GetProperty("msg_type").GetString();
            return type switch
            {
                "text" => (type, json.GetProperty("content").GetProperty("text").GetString()!),
                "post" => (type, PostOf(json.GetProperty("content").GetProperty("post").GetProperty("zh_cn"))),
                "interactive" => (type, CardOf(json.GetProperty("card"))),
                _ => null,
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string PostOf(JsonElement post) => string.Join('\n', post.GetProperty("content").EnumerateArray()
        .Select(line => string.Concat(line.EnumerateArray().Select(x => x.GetProperty("tag").GetString() switch
        {
            "text" => x.GetProperty("text").GetString(),
            "a" => $"[{x.GetProperty("text").GetString()}]({x.GetProperty("href").GetString()})",
            "at" => $"@{x.GetProperty("user_id").GetString()}",
            _ => throw new InvalidOperationException("unknown tag"),
        }))).Prepend(post.GetProperty("title").GetString()));

    private static string CardOf(JsonElement card) => string.Join('\n', card.GetProperty("elements").EnumerateArray()
        .Select(x => x.GetProperty("tag").GetString() switch
        {
            "markdown" => x.GetProperty("content").GetString(),
            "action" => string.Join(' ', x.GetProperty("actions").EnumerateArray().Select(
                a => $"[{a.GetProperty("text").GetProperty("content").GetString()}]({a.GetProperty("url").GetString()})")),
            _ => throw new InvalidOperationException("unknown tag"),
        }).Prepend(card.GetProperty("header").GetProperty("title").GetProperty("content").GetString()));

    private static JsonElement? Member(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : null;
}
