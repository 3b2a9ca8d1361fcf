using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notify.Testing;

namespace Notify.Alarms.Tests.ByLink;

/// <summary>A host whose messages contain a link.</summary>
public sealed partial class LinkFixture : IAsyncLifetime
{
    public const string Address = "http://ops.example.com";

    private readonly Dictionary<string, (string Name, object? More)> raised = new(StringComparer.Ordinal);
    private readonly string[] settings;
    private readonly MovedClock clock = new();

    public LinkFixture()
        : this([])
    {
    }

    internal LinkFixture(params string[] settings) => this.settings = settings;

    public NotifyHost Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync(
            ["Notify:WeCom:BotLimitPerMinute=0", "Notify:TimeZone=Asia/Shanghai", $"Notify:PublicUrl={Address}/n/", .. settings], weCom => weCom.RobotLimit = 0,
            x => x.AddSingleton<TimeProvider>(clock));
        var example = await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }]);
        var message = await Host.GetAsync($"messages/{example.MessageId}");
        message["content"] = "{name} {state} {urlPath}";
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/messages/{example.MessageId}")
        {
            Content = new StringContent(message.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        put.Headers.TryAddWithoutValidation("If-Match", $"\"{(long)message["version"]!}\"");
        (await Host.Client.SendAsync(put)).EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    public void Advance(TimeSpan by) => clock.Advance(by);

    /// <summary>A browser without cookies or credentials, for which a proxy stands at the public address.</summary>
    public HttpClient Phone(string languages = "en")
    {
        var phone = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, new Uri(Host.Url).Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        phone.DefaultRequestHeaders.AcceptLanguage.ParseAdd(languages);
        return phone;
    }

    /// <returns>The alarm, and the link in the message about it.</returns>
    public async Task<(string Id, Uri Link)> RaiseAsync(object? more = null, string name = "Pressure")
    {
        var own = $"{Guid.NewGuid():N} {name}";
        var id = await PostAsync(own, more);
        raised[id] = (own, more);
        return (id, LinkIn((await MessagesAsync(id, 1))[0]));
    }

    /// <summary>The source says something else of it.</summary>
    public async Task ReportAsync(string id, object more) => (await PostAsync(raised[id].Name, raised[id].More, more)).Should().Be(id);

    /// <summary>The texts that arrived about it, as soon as there are so many.</summary>
    public async Task<IReadOnlyList<string>> MessagesAsync(string id, int count) =>
        [.. (await Host.WeCom.WaitForAsync(x => x.Text.Contains(raised[id].Name[..32], StringComparison.Ordinal), count: count)).Select(x => x.Text)];

    public async Task<string> StateAsync(string id) => (string)(await Host.GetAsync($"alarms/{id}"))["state"]!;

    /// <summary>The same link, without the proxy.</summary>
    public Uri Direct(Uri link) => new(Host.Url + link.AbsolutePath["/n".Length..]);

    public static Uri LinkIn(string text) => new(Link().Match(text).Value);

    public static string TokenOf(Uri link) => link.Segments[^1];

    private async Task<string> PostAsync(string name, params object?[] parts)
    {
        var alarm = new JsonObject { ["name"] = name };
        foreach (var part in parts.OfType<object>())
            foreach (var (field, value) in JsonSerializer.SerializeToNode(part)!.AsObject()) alarm[field] = value?.DeepClone();
        var answer = await Host.PostAsync("alarms", new JsonObject { ["alarms"] = new JsonArray(alarm) });
        return (string)answer["accepted"]![0]!["alarmId"]!;
    }

    [GeneratedRegex(@"http://\S+/a/[0-9a-z]{43,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}
