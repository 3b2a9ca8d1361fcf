using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Peers;
using Notify.Peers.DingTalk;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Flights;

/// <summary>A message to more receivers than the platform takes in one request: each request speaks of those whom it is for, and of nobody
/// else.</summary>
public sealed class SeveralRequestsTests(SeveralRequestsTests.Plant plant) : IClassFixture<SeveralRequestsTests.Plant>
{
    private const string Gone = "gone";
    private static int tests;
    private readonly DingTalkStandIn dingTalk = plant.DingTalk;
    private readonly NotifyHost host = plant.Host;
    private readonly int shownBefore = plant.DingTalk.Shown.Count;
    private readonly int receivedBefore = plant.Host.WeCom.Received.Count;

    /// <summary>Each test has apps, alarms and a rule of its own.</summary>
    private readonly int test = Interlocked.Increment(ref tests);

    private List<string> Shown => [.. dingTalk.Shown.Skip(shownBefore).Select(x => x.To)];

    private IEnumerable<string> ShownInWeCom => host.WeCom.Received.Skip(receivedBefore).Where(x => x.Delivered).SelectMany(x => x.ShownTo);

    [Fact]
    public async Task whom_wecom_refused_in_the_first_request_stays_refused_when_the_second_is_tried_again()
    {
        string[] departments = [.. Enumerable.Range(1, 101).Select(i => $"{i}")];
        host.WeCom.AddApp(new(Example.CorpId, $"secret-{test}", test)
        {
            Members = ["zhangsan"],
            Departments = departments.ToDictionary(x => x, x => (string[])[$"u{x}"]),
        });
        var service = (string)(await host.PostAsync("services", new
        {
            type = "wecom",
            name = $"Plant {test}",
            wecom = new
            {
                sendTo = new[] { "account" },
                app = new { corpId = Example.CorpId, agentId = test, secret = $"secret-{test}" },
                accounts = new[] { new { account = Gone }, new { account = "zhangsan" } },
            },
        }))["id"]!;
        host.WeCom.AddFault(new Fault(FaultKind.Slow) { Path = "/cgi-bin/message/send", Count = 1 }); // the first is answered as usual
        host.WeCom.AddFault(new Fault(FaultKind.HttpStatus) { Path = "/cgi-bin/message/send", Code = 503, Count = 1 });

        var told = await TellAsync("wecom", service,
            ((string[])[Gone, "zhangsan"]).Select(x => new { kind = "account", account = x })
                .Concat(departments.Select(x => new { kind = "party", account = x })));

        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("PartlyDelivered", "failed partlyDelivered"));
        Missed(told).Should().Equal($"{Gone} invaliduser");
        ShownInWeCom.Should()
            .BeEquivalentTo(["zhangsan", .. departments.Select(x => $"u{x}")], "each is told once");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task one_account_that_wecom_does_not_know_keeps_no_other_from_being_told(int parts)
    {
        string[] members = [.. Enumerable.Range(1, 9).Select(i => $"m{i}")];
        host.WeCom.AddApp(new(Example.CorpId, $"secret-{test}", test)
        {
            Members = members,
            Departments = new Dictionary<string, string[]> { ["2"] = ["lisi"] },
        });
        var usual = host.WeCom.Options.UnknownAccountCode;
        host.WeCom.Options.UnknownAccountCode = 40031;
        string[] accounts = [.. members[..3], Gone, .. members[3..], $"{Gone}.too"];
        var service = (string)(await host.PostAsync("services", new
        {
            type = "wecom",
            name = $"Plant {test}",
            wecom = new
            {
                sendTo = new[] { "account" },
                app = new { corpId = Example.CorpId, agentId = test, secret = $"secret-{test}" },
                accounts = accounts.Select(x => new { account = x }),
            },
        }))["id"]!;

        await BeginAsync(
            "wecom", service, accounts.Select(x => new { kind = "account", account = x }).Append(new { kind = "party", account = "2" }),
            $"{{name}} {new string('x', 1500 * (parts - 1))}{(parts > 1 ? "\n" + new string('y', 1500) : "")}");
        var told = await EndedAsync();
        host.WeCom.Options.UnknownAccountCode = usual;

        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("PartlyDelivered", "partlyDelivered"));
        Missed(told).Should().Equal($"{Gone} 40031", $"{Gone}.too 40031");
        ShownInWeCom.Should()
            .BeEquivalentTo(Enumerable.Repeat((string[])[.. members, "lisi"], parts).SelectMany(x => x), "each is told each part once");
    }

    [Fact]
    public async Task whom_dingtalk_refused_in_the_first_request_stays_refused_when_the_second_is_tried_again()
    {
        var members = Members(20, Gone);
        dingTalk.Fail(new HttpFault(200, Acts: true));
        dingTalk.Fail(new HttpFault(502));

        var told = await TellAsync(members);

        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("PartlyDelivered", "failed partlyDelivered"));
        Missed(told).Should().Equal($"{Gone} invalidStaffIdList");
        Shown.Should().BeEquivalentTo(Members(20));
    }

    [Fact]
    public async Task whom_the_first_request_could_not_reach_stays_refused_when_the_answer_to_the_second_is_lost()
    {
        var members = Members(20, Gone);
        dingTalk.Fail(new HttpFault(200, Acts: true));
        dingTalk.Fail(new HttpFault(0, Acts: true));

        var told = await TellAsync(members);

        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("PartlyDelivered", "unknown partlyDelivered"));
        Missed(told).Should().Equal($"{Gone} invalidStaffIdList");
        Shown.Count(x => x == "m20").Should().Be(2, "that one may have seen it, and nobody else is told again");
        Shown.Should().HaveCount(21);
    }

    [Fact]
    public async Task when_the_second_request_is_refused_for_good_those_of_the_first_have_been_told()
    {
        var members = Members(21, Gone);
        dingTalk.Fail(new HttpFault(200, Acts: true));
        dingTalk.Fail(new HttpFault(400, Body: DingTalkStandIn.ApiRefusal("invalidParameter.msgParam.invalid", "msgParam is invalid")));

        var told = await TellAsync(members);

        Status(told).Should().Be("PartlyDelivered");
        Missed(told).Should().Equal(
            $"{Gone} invalidStaffIdList", "m20 invalidParameter.msgParam.invalid", "m21 invalidParameter.msgParam.invalid");
        Shown.Should().BeEquivalentTo(Members(19));

        await host.PostAsync("notifications/resend", new { ids = new[] { (string)told["id"]! } });
        await Eventually.GetAsync(() => Task.FromResult(Shown.Count), x => x == 21);
        Shown.Skip(19).Should().Equal("m20", "m21");
    }

    [Fact]
    public async Task a_request_that_reaches_nobody_keeps_no_other_from_being_made()
    {
        string[] members = [.. Members(20), .. Enumerable.Range(1, 20).Select(i => $"{Gone}{i}"), .. Members(25).Skip(20)];
        dingTalk.AddApp(new($"client-{test}", "secret", "robot", [.. Members(25)]));

        var told = await TellAsync(members);

        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("PartlyDelivered", "partlyDelivered"));
        Missed(told).Should().Equal(Enumerable.Range(1, 20).Select(i => $"{Gone}{i} staffId.notExisted"));
        Shown.Should().Equal(Members(25));
    }

    [Fact]
    public async Task when_no_request_reaches_anybody_it_has_failed()
    {
        dingTalk.AddApp(new($"client-{test}", "secret", "robot", []));
        var told = await TellAsync([.. Members(21)]);
        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("Failed", "failed"));
        Missed(told).Should().HaveCount(21).And.OnlyContain(x => x.EndsWith(" staffId.notExisted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task of_everyone_only_the_member_who_was_left_out_is_told_later()
    {
        var members = Members(3, Gone);
        dingTalk.FlowControlled["m2"] = true;
        var service = await ServiceAsync(members);
        await BeginAsync("dingtalk", service, [Member("@all")]);
        await Eventually.GetAsync(NotificationAsync, x => x?["retryAt"] is not null);
        plant.Clock.Advance(TimeSpan.FromSeconds(61));
        await Eventually.GetAsync(NotificationAsync, x => x!["attempts"]!.AsArray().Count == 2 && x["retryAt"] is not null);
        dingTalk.FlowControlled.Clear();
        plant.Clock.Advance(TimeSpan.FromSeconds(61));
        var told = await EndedAsync();
        (Status(told), string.Join(' ', Attempts(told))).Should().Be(("PartlyDelivered", "failed failed partlyDelivered"));
        Shown.Should().Equal("m1", "m3", "m2");
    }

    [Fact]
    public async Task a_test_says_of_each_receiver_what_the_request_to_them_came_to()
    {
        var members = Members(21, Gone);
        var service = await ServiceAsync(members);
        dingTalk.Fail(new HttpFault(200, Acts: true));
        dingTalk.Fail(new HttpFault(502));
        var results = (await host.PostAsync($"services/{service}/test", new { receivers = members.Select(Member), text = "Hello" }))["results"]!;
        results.AsArray().Select(x => $"{x!["account"]} {x["outcome"]} {x["platformList"]}".TrimEnd()).Should().Equal(
            [$"{Gone} failed invalidStaffIdList", .. Members(19).Select(x => $"{x} delivered"), "m20 unknown", "m21 unknown"]);
    }

    private static IEnumerable<string> Members(int count) => Enumerable.Range(1, count).Select(i => $"m{i}");

    private static object Member(string account) => new { kind = "member", account };

    /// <returns>One whom the platform does not know, and so many whom it knows.</returns>
    private string[] Members(int count, string unknown)
    {
        dingTalk.AddApp(new($"client-{test}", "secret", "robot", [.. Members(count)]));
        return [unknown, .. Members(count)];
    }

    private async Task<string> ServiceAsync(string[] members) => (string)(await host.PostAsync("services", new
    {
        type = "dingtalk",
        name = $"Plant {test}",
        dingtalk = new
        {
            sendTo = new[] { "member" },
            app = new { clientId = $"client-{test}", clientSecret = "secret", robotCode = "robot" },
            members = members.Select(x => new { userId = x }),
        },
    }))["id"]!;

    private async Task<JsonNode> TellAsync(string[] members) => await TellAsync("dingtalk", await ServiceAsync(members), members.Select(Member));

    /// <returns>The notification, when it has ended.</returns>
    private async Task<JsonNode> TellAsync(string type, string service, IEnumerable<object> receivers)
    {
        await BeginAsync(type, service, receivers);
        return await EndedAsync();
    }

    private async Task<JsonNode> EndedAsync()
    {
        var ended = await Eventually.GetAsync(NotificationAsync, x => x is not null && Status(x) is not ("Pending" or "Scheduled"));
        return await host.GetAsync($"notifications/{ended!["id"]}");
    }

    private async Task<JsonNode?> NotificationAsync() =>
        (await host.GetAsync("notifications"))["items"]!.AsArray().FirstOrDefault(x => (string?)x!["alarmName"] == $"Motor {test}");

    private async Task BeginAsync(string type, string service, IEnumerable<object> receivers, string content = "{name}")
    {
        var message = (string)(await host.PostAsync("messages", new { type, name = $"Text {test}", format = "text", content }))["id"]!;
        var schedule = (string)(await host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
        await host.PostAsync("rules", new
        {
            name = $"Everything {test}",
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { $"Site{test}" } },
            actions = new[] { new { type, serviceId = service, messageId = message, scheduleId = schedule, receivers } },
        });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = $"Motor {test}", path = $"Site{test}" } } });
    }

    private static string Status(JsonNode notification) => (string)notification["status"]!;

    private static IEnumerable<string> Attempts(JsonNode notification) => notification["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!);

    private static IEnumerable<string> Missed(JsonNode notification) => notification["receivers"]!.AsArray()
        .Where(x => (string?)x!["outcome"] != "delivered").Select(x => $"{x!["account"]} {x["platformCode"]}");

    public sealed class Plant : IAsyncLifetime
    {
        public DingTalkStandIn DingTalk { get; } = new() { PerMinute = 0 };
        internal MovedClock Clock { get; } = new();
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await DingTalk.StartAsync();
            Host = await NotifyHost.StartAsync(
                [$"Notify:DingTalk:AllowedOrigins:0={DingTalk.Origin}", $"Notify:DingTalk:ApiBaseUrl={DingTalk.Origin}"],
                replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)));
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            await DingTalk.DisposeAsync();
        }
    }
}
