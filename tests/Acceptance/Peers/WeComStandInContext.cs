using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Notify.Peers.WeCom;

namespace Notify.Acceptance.Tests.Peers;

/// <summary>
/// A WeCom platform with one robot and three apps, on a clock that stands still. Were it lax, every test that relies on it would be.
/// </summary>
public abstract class WeComStandInContext : IAsyncLifetime
{
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    protected HttpClient Http { get; } = new() { Timeout = Soon };

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2026-11-22T08:00:00Z"));

    protected WeComStandIn Wecom { get; private set; } = null!;

    public async Task InitializeAsync() => Wecom = await WeComStandIn.StartAsync(options =>
    {
        options.Clock = Clock;
        options.SeenIp = "203.0.113.7";
        options.Robots.Add(new RobotRegistration("boiler", "Boiler house"));
        options.Apps.Add(new AppRegistration("corp", "secret", 1000002) { Members = ["ZhangSan", "lisi"], Unlicensed = ["wangwu"] });
        options.Apps.Add(new AppRegistration("corp", "secret2", 1000003) { Members = ["*"] });
        options.Apps.Add(new AppRegistration("other", "secret3", 1000004));
    });

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Wecom.DisposeAsync();
    }

    protected static object Text(string content) => new { msgtype = "text", text = new { content } };

    protected static Dictionary<string, object> Markdown(string type, int bytes) =>
        new() { ["msgtype"] = type, [type] = new { content = new string('x', bytes) } };

    protected static object News(int articles) =>
        new { msgtype = "news", news = new { articles = Enumerable.Repeat(new { title = "x", url = "https://x.example" }, articles) } };

    protected static object Card(object card) => new { msgtype = "template_card", template_card = card };

    protected static object AppText(string toUser, object? agentId = null, string content = "x") =>
        new { touser = toUser, msgtype = "text", agentid = agentId ?? 1000002, text = new { content } };

    protected static Dictionary<string, object> AppMessage(string type, object content) =>
        new() { ["touser"] = "lisi", ["msgtype"] = type, ["agentid"] = 1000002, [type] = content };

    protected static StringContent JsonOf(object body) => new(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    protected async Task<(int Code, JsonElement Body)> RobotAsync(object body, string key = "boiler") =>
        await ReadAsync(await Http.PostAsync(Wecom.RobotUrl(key), JsonOf(body)));

    protected async Task<(int Code, JsonElement Body)> AppAsync(string token, object body) =>
        await ReadAsync(await Http.PostAsync($"{Wecom.BaseUrl}/cgi-bin/message/send?access_token={token}", JsonOf(body)));

    protected async Task<(int Code, JsonElement Body)> GetTokenAsync(string corpId, string secret) =>
        await ReadAsync(await Http.GetAsync($"{Wecom.BaseUrl}/cgi-bin/gettoken?corpid={corpId}&corpsecret={secret}"));

    protected async Task<string> TokenAsync(string secret = "secret", string corpId = "corp") =>
        (await GetTokenAsync(corpId, secret)).Body.GetProperty("access_token").GetString()!;

    protected async Task ControlAsync(string what, object body) =>
        (await Http.PostAsync($"{Wecom.BaseUrl}/_control/{what}", JsonOf(body))).StatusCode.Should().Be(HttpStatusCode.NoContent);

    protected static async Task<(int Code, JsonElement Body)> ReadAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return (body.GetProperty("errcode").GetInt32(), body);
    }
}
