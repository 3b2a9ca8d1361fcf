using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.TestSends;

public sealed class TestSendTests(TestSendTests.Plant plant) : IClassFixture<TestSendTests.Plant>
{
    private static readonly object firstRobot = new { kind = "bot", alias = "Line 1" };
    private readonly NotifyHost host = plant.Host;
    private readonly Example example = plant.Example;
    private readonly int receivedBefore = plant.Host.WeCom.Received.Count;

    private IEnumerable<Received> Received => host.WeCom.Received.Skip(receivedBefore);

    [Fact]
    public async Task every_receiver_gets_the_text_and_has_a_result_of_its_own()
    {
        var answer = await TestAsync(firstRobot, new { kind = "bot", alias = "line 2" }, Account("zhangsan"), Account("lisi"));

        Results(answer).Should().Equal("Line 1 delivered 0", "line 2 delivered 0", "zhangsan delivered 0", "lisi delivered 0");
        Received.Should().HaveCount(3).And.OnlyContain(x => x.Text == "Hello 世界");
        Received.Single(x => x.Channel == WeComChannel.App).ShownTo.Should().BeEquivalentTo("zhangsan", "lisi");
    }

    [Fact]
    public async Task a_refusal_shows_the_platforms_code_and_words_and_what_to_do()
    {
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);

        var answer = await TestAsync(firstRobot, new { kind = "bot", alias = "Line 2" });

        host.WeCom.RestoreRobot(Example.RobotKey);
        Results(answer).Should().Equal("Line 1 failed 93000", "Line 2 delivered 0");
        var result = answer["results"]![0]!;
        result["platformMessage"]!.GetValue<string>().Should().NotBeEmpty();
        result["advice"]!["en"]!.GetValue<string>().Should().Contain("Group settings");
        result["advice"]!["zh"]!.GetValue<string>().Should().Contain("群设置");
    }

    [Fact]
    public async Task an_account_that_the_platform_does_not_know_fails_alone()
    {
        var service = await host.GetAsync($"services/{example.ServiceId}");
        service["wecom"]!["accounts"]!.AsArray().Add(new JsonObject { ["account"] = "left-us", ["name"] = "Left us" });
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/services/{example.ServiceId}") { Content = JsonContent.Create(service) };
        request.Headers.Add("If-Match", "*");
        (await host.Client.SendAsync(request)).EnsureSuccessStatusCode();

        var answer = await TestAsync(Account("zhangsan"), Account("left-us"));

        Results(answer).Should().Equal("zhangsan delivered 0", "left-us failed 0");
        answer["results"]![1]!["platformList"]!.GetValue<string>().Should().Be("invaliduser");
    }

    [Fact]
    public async Task a_disabled_service_can_be_tested()
    {
        (await host.SendAsync("POST", $"services/{example.ServiceId}/disable?confirm=1", null, "If-Match", "*")).Status.Should().Be(200);
        Results(await TestAsync(firstRobot)).Should().Equal("Line 1 delivered 0");
        (await host.SendAsync("POST", $"services/{example.ServiceId}/enable", null, "If-Match", "*")).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_message_is_tested_with_an_example_or_a_given_alarm()
    {
        var answer = await host.PostAsync($"messages/{example.MessageId}/test", new
        {
            serviceId = example.ServiceId,
            receivers = new[] { firstRobot },
            alarm = new { name = "Overpressure", path = "Site1", level = "Low", value = 3 },
        });
        await host.PostAsync($"messages/{example.MessageId}/test", new { serviceId = example.ServiceId, receivers = new[] { firstRobot } });

        answer["body"]!.GetValue<string>().Should().Be("Low Overpressure ActiveUnacked Site1 3");
        Received.Select(x => x.Text).Should()
            .Equal("Low Overpressure ActiveUnacked Site1 3", "High Sample alarm ActiveUnacked Site1/Line1/Pump3 12.4");
    }

    [Fact]
    public async Task a_message_is_tested_before_it_is_saved_and_its_faults_are_named()
    {
        object Draft(string content, string format = "text") => new
        {
            serviceId = example.ServiceId,
            receivers = new[] { firstRobot },
            message = new { type = "wecom", format, content, alarm = new { name = "Overpressure", level = "Low" } },
        };
        var answer = await host.PostAsync("messages/test", Draft("{level}: {name}"));

        (answer["body"]!.GetValue<string>(), Results(answer).Single()).Should().Be(("Low: Overpressure", "Line 1 delivered 0"));
        Received.Single().Text.Should().Be("Low: Overpressure");
        (await Refusal.OfPostAsync(host, "messages/test", Draft(""))).Paths.Should().Equal("message.content");
        (await Refusal.OfPostAsync(host, "messages/test", Draft("x", "fax"))).Paths.Should().Equal("message.format");
        (await Refusal.OfPostAsync(host, "messages/test", new { })).Paths.Should().Equal("message", "receivers", "serviceId");
    }

    [Fact]
    public async Task a_test_is_on_record_with_who_and_why_and_without_secrets()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/services/{example.ServiceId}/test")
        {
            Content = JsonContent.Create(new { receivers = new[] { firstRobot, Account("zhangsan") }, text = "Hello" }),
        };
        request.Headers.Add("X-Change-Reason", "commissioning");
        request.Headers.Add("X-Correlation-Id", "test-1");
        var answer = JsonNode.Parse(await (await host.Client.SendAsync(request)).Content.ReadAsStringAsync())!;

        var audit = (await host.GetAsync("audit?correlationId=test-1"))["items"]!.AsArray();

        audit.Select(x => ((string)x!["type"]!, (string)x["resource"]!["id"]!, (string)x["reason"]!, (string)x["actor"]!["kind"]!)).Should().Equal(
            ("delivery.test_requested.v1", (string)answer["id"]!, "commissioning", "apiKey"),
            ("delivery.test_sent.v1", (string)answer["id"]!, "commissioning", "apiKey"));
        audit.ToJsonString().Should().NotContain(Example.RobotKey).And.NotContain(Example.AppSecret);
    }

    [Fact]
    public async Task a_test_whose_outcome_cannot_be_recorded_is_not_sent_again()
    {
        await host.RefuseAsync("delivery.test_sent.v1");

        var answer = await host.SendAsync("POST", $"services/{example.ServiceId}/test", new { receivers = new[] { firstRobot }, text = "Once" });

        await host.AcceptAgainAsync();
        (answer.Status, (string?)answer.Body["results"]![0]!["outcome"]).Should().Be((200, "unknown"), answer.Text);
        Received.Should().ContainSingle();
    }

    [Fact]
    public async Task a_fault_that_passes_hides_no_outcome()
    {
        await host.ExecuteAsync("create sequence notify.refused");
        await host.RefuseAsync("delivery.test_sent.v1", "nextval('notify.refused') = 1");

        var answer = await TestAsync(firstRobot);

        await host.AcceptAgainAsync();
        await host.ExecuteAsync("drop sequence notify.refused");
        Results(answer).Should().Equal("Line 1 delivered 0");
        Received.Should().ContainSingle();
        (await host.GetAsync($"audit?resource={answer["id"]}"))["items"]!.AsArray().Select(x => (string)x!["type"]!).Should()
            .BeEquivalentTo("delivery.test_requested.v1", "delivery.test_sent.v1");
    }

    [Fact]
    public async Task a_test_that_fails_leaves_its_text_and_its_receivers_in_no_log()
    {
        var logged = plant.Log.Lines.Count;
        await host.RefuseAsync("delivery.test_requested.v1");

        (await host.SendAsync("POST", $"services/{example.ServiceId}/test",
            new { receivers = new[] { Account("zhangsan") }, text = "Call 13800001111" })).Status.Should().Be(500);

        await host.AcceptAgainAsync();
        plant.Log.Lines.Skip(logged).Should().Contain(x => x.Contains("refused for a test"), "who operates it must learn of it")
            .And.NotContain(x => x.Contains("13800001111") || x.Contains("zhangsan"));
    }

    [Fact]
    public async Task a_test_counts_towards_the_robots_minute_and_what_would_be_refused_is_not_sent()
    {
        const string Robot = "cccccccc-0000-0000-0000-00000000000c";
        var own = await host.PostAsync("services", new
        {
            type = "wecom",
            name = "Another plant",
            wecom = new { sendTo = new[] { "bot" }, bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(Robot) } } },
        });
        var before = host.WeCom.Counters;
        await Eventually.GetAsync(() => TestOfAsync((string)own["id"]!, firstRobot), x => Results(x).Single() == "Line 1 notSent ");

        var after = host.WeCom.Counters;
        (after.Rejected - before.Rejected).Should().Be(0);
        (after.Shown - before.Shown).Should().BeInRange(19, 20, "one may be counted twice while the lane is taken up");
    }

    [Fact]
    public async Task receivers_that_the_service_does_not_have_are_named()
    {
        async Task Refused(string path, params object?[] receivers) =>
            (await Refusal.OfPostAsync(host, $"services/{example.ServiceId}/test", new { receivers, text = "x" })).Paths.Should().Equal(path);

        await Refused("receivers");
        await Refused("receivers[0]", new { kind = "bot", alias = "Line 9" });
        await Refused("receivers[0]", Account("nobody"));
        await Refused("receivers[1]", firstRobot, new { kind = "bot", alias = "line 1" });
        await Refused("receivers[0].alias", new { kind = "bot" });
        await Refused("receivers[0].kind", new { kind = "fax" });
        await Refused("receivers[0]", [null]);
        (await Refusal.OfPostAsync(host, $"services/{example.ServiceId}/test",
            new { receivers = new[] { firstRobot }, text = new string('x', 2049) })).Paths.Should().Equal("text");
        (await Refusal.OfPostAsync(host, "services/service-none/test", new { receivers = new[] { firstRobot }, text = "x" })).Status.Should().Be(404);
        (await Refusal.OfPostAsync(host, $"messages/{example.MessageId}/test",
            new { serviceId = "service-none", receivers = new[] { firstRobot } })).Paths.Should().Equal("serviceId");
        Received.Should().BeEmpty();
    }

    private static object Account(string account) => new { kind = "account", account };

    private Task<JsonObject> TestAsync(params object[] receivers) => TestOfAsync(example.ServiceId, receivers);

    private Task<JsonObject> TestOfAsync(string service, params object[] receivers) =>
        host.PostAsync($"services/{service}/test", new { receivers, text = "Hello 世界" });

    private static IEnumerable<string> Results(JsonObject answer) =>
        answer["results"]!.AsArray().Select(x => $"{x!["alias"] ?? x["account"]} {x["outcome"]} {x["platformCode"]}");

    public sealed class Plant : IAsyncLifetime
    {
        public LogLines Log { get; } = new();
        public NotifyHost Host { get; private set; } = null!;
        public Example Example { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync(
                ["Logging:LogLevel:Default=Warning"], replace: services => services.AddSingleton<ILoggerProvider>(Log));
            Example = await Example.MakeAsync(Host);
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
