using System.Globalization;
using System.Text.Json.Nodes;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

/// <summary>Every code of the platform, met once on a real delivery: what becomes of the notification follows from the table.</summary>
public sealed class ErrorTableTests : IAsyncLifetime
{
    private const int UnknownCode = 987654;
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(["Notify:WeCom:ProbeInterval=00:00:03"]);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task every_code_has_its_consequence()
    {
        var errors = WeComErrors.All.Where(x => x.Code != 0).Append(WeComErrors.For(UnknownCode)).ToList();
        var service = await host.PostAsync("services", new
        {
            type = "wecom",
            name = "All",
            wecom = new { bots = errors.Select(x => new { alias = AliasOf(x.Code), webhookUrl = host.WeCom.RobotUrl(KeyOf(x.Code)) }) },
        });
        var message = await host.PostAsync("messages", new { type = "wecom", name = "Text", format = "markdown", content = "**{name}** is {state}" });
        var schedule = (await host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
        await host.PostAsync("rules", new
        {
            name = "All",
            // Each robot that is blocked raises an alarm of Notify's own, of which these robots are not told.
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Site1" } },
            actions = new[] { new { type = "wecom", serviceId = service["id"], messageId = message["id"], scheduleId = schedule,
            receivers = errors.Select(x => new { kind = "bot", alias = AliasOf(x.Code) }) } },
        });
        foreach (var error in errors) host.WeCom.AddFault(
            new Fault(FaultKind.ErrCode) { Robot = KeyOf(error.Code), Code = error.Code, Count = error.Code == UnknownCode ? null : 1 });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Hot", path = "Site1" } } });

        var items = await Eventually.GetAsync(
            async () => (await host.GetAsync("notifications?limit=200"))["items"]!.AsArray(), all => all.Count == errors.Count && all.All(Settled));

        foreach (var error in errors)
        {
            var item = items.Single(x => (string)x!["receivers"]![0]!["alias"]! == AliasOf(error.Code))!;
            var attempts = item["attempts"]!.AsArray();
            var what = $"{error.Code} is {error.Class}, and it was {item["status"]} after {attempts.Count} attempts";
            attempts[0]!["platformCode"]!.GetValue<string>().Should()
                .Be(error.Code.ToString(System.Globalization.CultureInfo.InvariantCulture), what);
            attempts[0]!["platformMessage"]!.GetValue<string>().Should().Contain("hint:", what);
            var status = item["status"]!.GetValue<string>();
            switch (error)
            {
                case { Code: UnknownCode }:
                    (status, attempts.Count).Should().Be(("Failed", 2), what);
                    break;
                case { Class: OutcomeClass.Rate } when error.RetryAfter > TimeSpan.FromSeconds(10):
                    (status, attempts.Count).Should().Be(("Scheduled", 1), what);
                    break;
                case { Class: OutcomeClass.Retry or OutcomeClass.Rate or OutcomeClass.Configuration or OutcomeClass.RefreshToken }:
                    (status, attempts.Count).Should().Be(("Delivered", 2), what);
                    break;
                case { Class: OutcomeClass.Message, Remedy: not Remedy.None }:
                    (status, attempts.Count).Should().Be(("Delivered", 2), what);
                    attempts[0]!["nextForm"].Should().NotBeNull(what);
                    break;
                default:
                    (status, attempts.Count).Should().Be(("Failed", 1), what);
                    item["explanation"]!["advice"]!["en"]!.GetValue<string>().Should().Be(error.Advice.En);
                    break;
            }
        }

        // One incident for each robot that was blocked, and it was closed.
        var blocking = errors.Count(x => x.Class is OutcomeClass.Configuration or OutcomeClass.RefreshToken);
        foreach (var type in new[] { "blocked", "mended" })
            (await host.GetAsync($"audit?type=delivery.lane_{type}.v1&limit=200"))["items"]!.AsArray().Should().HaveCount(blocking);
        var own = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("alarms?path=Notify/Delivery"), x => x.Count(y => (string)y["state"]! == "ClearedUnacked") == blocking);
        own.Should().HaveCount(blocking);
    }

    private static bool Settled(JsonNode? item) => (string)item!["status"]! switch
    {
        "Pending" => false,
        "Scheduled" => item["retryAt"] is not null
        && DateTimeOffset.Parse((string)item["retryAt"]!, CultureInfo.InvariantCulture) > TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(20),
        _ => true,
    };

    private static string AliasOf(int code) => $"E{code}";

    private static string KeyOf(int code) => $"key-{code}";
}
