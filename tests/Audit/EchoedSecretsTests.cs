using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Audit.Tests.Proofs;
using Notify.Audit.Tests.Replays;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Audit.Tests;

/// <summary>A platform, or a proxy before it, whose every answer repeats the address it was called by, in many writings.</summary>
public sealed class EchoedSecretsTests : IAsyncLifetime
{
    private const string RobotKey = "693a91f6-7d0c-4bc4-97a0-0ec2c1fa5b1e";
    private const string BadRobotKey = "c58d02e7-91ab-4f63-8e1d-7b60fa24d390";
    private const string ThirdRobotKey = "0b5e1f74-3c52-4d1b-a7f8-96e3b1c2d4a5";
    private const string Secret = "qX3vB7-mT9wL_2kR5nZ8pYcD4hF6jS1gA0eU-iOxKlM";
    private const string BadSecret = "Wz5tG2-rN8bV_6yH3cJ7fQeP1sX9uD4kL0aM-oRiTqB";

    private readonly LogLines log = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() =>
        host = await NotifyHost.StartAsync(["Logging:LogLevel:Default=Debug"], replace: services => services.AddSingleton<ILoggerProvider>(log));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task nothing_of_a_secret_lands_anywhere_whatever_is_answered()
    {
        foreach (var (corp, secret, agent) in new[] { ("ww1111111111111111", Secret, 1000002), ("ww2222222222222222", BadSecret, 1000003) })
            host.WeCom.AddApp(new(corp, secret, agent) { Members = ["zhangsan"] });
        foreach (var path in new[] { "/cgi-bin/webhook/send", "/cgi-bin/message/send" })
        {
            // What passes, what is refused, what blocks, what is too fast, a proxy's pages, and what is cut.
            host.WeCom.AddFault(new(FaultKind.Slow) { Path = path, Echoes = true, Count = 1 });
            foreach (var code in new[] { 45033, 44004, 45009, -1 }) host.WeCom.AddFault(
                new(FaultKind.ErrCode) { Path = path, Code = code, Echoes = true, Count = 1 });
            host.WeCom.AddFault(new(FaultKind.HttpStatus) { Path = path, Code = 502, Echoes = true, Count = 1 });
            host.WeCom.AddFault(new(FaultKind.Html) { Path = path, Echoes = true, Count = 1 });
            host.WeCom.AddFault(new(FaultKind.ErrCode) { Path = path, Code = 93000, Echoes = true });
        }

        host.WeCom.AddFault(new(FaultKind.ErrCode) { Path = "/cgi-bin/gettoken", CorpId = "ww2222222222222222", Code = 40001, Echoes = true });
        host.WeCom.AddFault(new(FaultKind.Slow) { Path = "/cgi-bin/gettoken", CorpId = "ww1111111111111111", Echoes = true });
        var good = await ServiceAsync("Plant", RobotKey, "ww1111111111111111", 1000002, Secret);
        var bad = await ServiceAsync("Yard", BadRobotKey, "ww2222222222222222", 1000003, BadSecret);
        var everyone = new object[] { new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" } };
        var texts = new List<string>();
        for (var i = 0; i < 8; i++)
            foreach (var service in new[] { good, bad })
                texts.Add((await host.PostAsync($"services/{service}/test", new { receivers = everyone, text = $"Test {i}" })).ToJsonString());
        texts.Should().Contain(x => x.Contains("45033", StringComparison.Ordinal)).And.Contain(
            x => x.Contains("502", StringComparison.Ordinal)).And.Contain(x => x.Contains("40001", StringComparison.Ordinal));

        var message = await host.PostAsync("messages", new { type = "wecom", name = "Text", format = "text", content = "{name}" });
        var scheduleId = (string)(await host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
        await host.PostAsync("rules", new
        {
            name = "Everything",
            criteria = new { states = new[] { "ActiveUnacked" } },
            actions = new[] { good, bad }.Select(
            serviceId => new { type = "wecom", serviceId, messageId = (string)message["id"]!, scheduleId, receivers = everyone }),
        });
        // Whoever reports an alarm may repeat the key by which they come in.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/alarms", UriKind.Relative))
        {
            Content = JsonContent.Create(
                new
                {
                    alarms = new[] { new { name = "Motor", path = "Site1",
                description = $"curl -H 'Authorization: Bearer {NotifyHost.AdminKey}' …?key={RobotKey}", value = Secret,
                labels = new Dictionary<string, string> { ["sentBy"] = NotifyHost.AdminKey, [BadRobotKey] = BadSecret } } }
                }),
        };
        request.Headers.Add("X-Change-Reason", $"sent with {NotifyHost.AdminKey}, not with {RobotKey}");
        request.Headers.UserAgent.ParseAdd($"sender/{NotifyHost.AdminKey}");
        (await host.Client.SendAsync(request)).EnsureSuccessStatusCode();
        // So may whoever configures, or gives a reason, or sends an event of another kind.
        await host.PostAsync("schedules", new { kind = "standard", name = $"For {BadSecret}", description = $"until {RobotKey} is gone" });
        await host.PostAsync("services", new
        {
            type = "wecom",
            name = "Third",
            description = $"its key is {ThirdRobotKey}, not {RobotKey}",
            wecom = new { bots = new[] { new { alias = "Line 3", webhookUrl = host.WeCom.RobotUrl(ThirdRobotKey) } } },
        });
        (await host.SendAsync("POST", "intake/cloudevents", null, "ce-specversion", "1.0", "ce-id", RobotKey, "ce-source", "test", "ce-type",
            $"Valve with {Secret}", "X-Correlation-Id", $"by-{ThirdRobotKey}")).Status.Should().Be(202);
        (await host.SendAsync("POST", "intake/cloudevents", new StringContent(
            JsonSerializer.Serialize(new { specversion = "1.0", id = "7", source = "test", type = "Valve", data_base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"name":"Pump","description":"{{RobotKey}}"}""")) }),
            Encoding.UTF8, "application/cloudevents+json"))).Status.Should().Be(202);
        var alarm = (string)(await host.GetAsync("alarms?search=Pump"))["items"]![0]!["id"]!;
        await host.PostAsync($"alarms/{alarm}/shelve", new { minutes = 5, reason = $"quiet while {BadRobotKey} is exchanged" });
        await Eventually.GetAsync(
            () => host.GetAsync("notifications?limit=100"),
            // Beside them those about Notify's own alarms: robots and apps that let nothing through.
            x => x["items"]!.AsArray().Count(n => (string)n!["alarmName"]! == "Motor") == 4 && x["items"]!.AsArray()
                .Count(n => n!.ToJsonString().Contains("platformMessage", StringComparison.Ordinal)) >= 2);
        // Notify's own alarms quote the platform.
        await Eventually.GetAsync(() => host.GetAsync("alarms?path=Notify/**"), x => x["items"]!.AsArray().Count > 0);

        foreach (var path in new[] { "notifications?limit=100", "notifications/failed", "alarms?limit=100", "lanes", "audit?limit=1000",
            "operation/dead-letters", "replays" })
            texts.Add(await host.Client.GetStringAsync(new Uri($"/api/v1/{path}", UriKind.Relative)));
        var replay = await host.ReplayAsync("review", new JsonObject { ["reason"] = "what was it?" });
        await host.WaitForReplayAsync(replay);
        texts.AddRange([await host.ReportAsync(replay), await host.ReportAsync(replay, "format=html")]);
        foreach (var path in new[] { "/api/v1/audit/export?format=ndjson", "/api/v1/audit/export?format=csv", "/api/v1/configuration/export",
            "/metrics" })
            texts.Add(await host.Client.GetStringAsync(new Uri(path, UriKind.Relative)));

        var database = await DatabaseText.ReadAsync(host);
        var tokens = host.WeCom.TokensGiven;
        tokens.Should().NotBeEmpty();
        foreach (var secret in (string[])[ThirdRobotKey, RobotKey, BadRobotKey, Secret, BadSecret, NotifyHost.AdminKey, .. tokens])
        {
            foreach (var part in secret == NotifyHost.AdminKey ? [secret] : Parts(secret))
            {
                database.TablesWith(part).Should().BeEmpty($"{part} of {secret}");
                texts.Where(x => x.Contains(part, StringComparison.OrdinalIgnoreCase)).Select(x => x[..200]).Should().BeEmpty($"{part} of {secret}");
                log.Lines.Where(x => x.Contains(part, StringComparison.OrdinalIgnoreCase)).Should().BeEmpty($"{part} of {secret}");
            }
        }
    }

    [Fact]
    public async Task a_secret_in_a_query_a_document_or_a_file_is_not_recorded()
    {
        var service = await ServiceAsync("Plant", RobotKey, "ww1111111111111111", 1000002, Secret);
        var encoded = string.Concat(RobotKey.Select(x => $"%{(int)x:x2}"));
        foreach (var resource in new[] { RobotKey, encoded, Secret })
            (await host.SendAsync("GET", $"audit/export?resource=service-{resource}")).Status.Should().Be(200);

        var document = new
        {
            notify = 1,
            services = new[]
            {
                new
                {
                    type = "wecom", name = $"Yard {RobotKey}", description = $"not {ThirdRobotKey}",
                    wecom = new
                    {
                        sendTo = new[] { "bot" },
                        bots = new[] { new { alias = $"Line {Secret}", webhookUrl = host.WeCom.RobotUrl(ThirdRobotKey) } },
                        accounts = new[] { new { account = RobotKey, name = $"Li {ThirdRobotKey}" } },
                    },
                },
            },
            schedules = new[] { new { kind = "standard", name = $"Day {Secret}" } },
            messages = new[] { new { type = "wecom", name = $"Text {ThirdRobotKey}", format = "text", content = $"{{name}} {RobotKey}" } },
            rules = new[]
            {
                new
                {
                    name = "Everything",
                    criteria = new { states = new[] { "ActiveUnacked" }, labels = new Dictionary<string, string> { [RobotKey] = Secret } },
                    actions = new[]
                    {
                        new
                        {
                            type = "wecom", service = $"Yard {RobotKey}", message = $"Text {ThirdRobotKey}", schedule = $"Day {Secret}",
                            receivers = new[] { new { kind = "bot", alias = $"Line {Secret}" } },
                        },
                    },
                },
            },
        };
        var first = await host.SendAsync("POST", "configuration/import", document);
        first.Status.Should().Be(200, first.Text);
        first.Body["changes"]!.AsArray().Should().HaveCount(4);
        var again = await host.SendAsync("POST", "configuration/import", document);
        again.Status.Should().Be(200, again.Text);
        again.Body["changes"]!.AsArray().Should().BeEmpty("the same document finds what it made");

        foreach (var mode in new[] { "merge", "replace" })
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent($"姓名,账号\nLi {RobotKey},lisi\nWang,{RobotKey}\n"), "file", $"of {Secret}.csv" },
            };
            var imported = await host.SendAsync("POST", $"services/{service}/accounts/import?mode={mode}", form, "If-Match", "*");
            imported.Status.Should().Be(200, imported.Text);
            ((int)imported.Body["rows"]!).Should().Be(2);
        }

        var database = await DatabaseText.ReadAsync(host);
        foreach (var secret in (string[])[RobotKey, ThirdRobotKey, Secret])
        {
            foreach (var part in Parts(secret))
            {
                database.TablesWith(part).Should().BeEmpty($"{part} of {secret}");
                log.Lines.Where(x => x.Contains(part, StringComparison.OrdinalIgnoreCase)).Should().BeEmpty($"{part} of {secret}");
            }
        }
    }

    /// <summary>Any piece of twelve characters, as it is and in base 64.</summary>
    private static IEnumerable<string> Parts(string secret)
    {
        for (var i = 0; i + 12 <= secret.Length; i += 3) yield return secret.Substring(i, 12);
        for (var skip = 0; skip < 3; skip++) yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(secret[skip..]), 0, 18);
    }

    private async Task<string> ServiceAsync(string name, string robotKey, string corpId, int agentId, string secret) =>
        (string)(await host.PostAsync("services", new
        {
            type = "wecom",
            name,
            wecom = new
            {
                sendTo = new[] { "bot", "account" },
                bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(robotKey) } },
                app = new { corpId, agentId, secret },
                accounts = new[] { new { account = "zhangsan", name = "张三" } },
            },
        }))["id"]!;
}
