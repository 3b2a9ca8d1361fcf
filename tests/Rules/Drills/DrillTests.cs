using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Peers.WeCom;
using Notify.Rules.Drills;
using Notify.Testing;

namespace Notify.Rules.Tests.Drills;

/// <summary>Drills over HTTP, through the real ways, on one node and on two.</summary>
public sealed partial class DrillTests : IAsyncLifetime
{
    private const string OtherKey = "cccccccc-0000-0000-0000-00000000000c";

    private readonly MovedClock clock = new();
    private readonly List<NotifyHost> nodes = [];
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"], weCom => weCom.RobotLimit = 0, UseClock);
        nodes.Add(host);
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 2" }]);
        // The way to the robot of the drill does not tell of itself.
        var other = await host.PostAsync("services", new
        {
            type = "wecom",
            name = "Another WeCom",
            wecom = new { sendTo = new[] { "bot" }, bots = new[] { new { alias = "Office", webhookUrl = host.WeCom.RobotUrl(OtherKey) } } },
        });
        await host.PostAsync("rules", new
        {
            name = "Ways that are not proven",
            criteria = new { states = new[] { "ActiveUnacked", "ClearedUnacked" }, paths = new[] { "Notify/Drills/**" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId = (string)other["id"]!, messageId = example.MessageId, scheduleId = example.ScheduleId,
                    receivers = new[] { new { kind = "bot", alias = "Office" } },
                },
            },
        });
    }

    public async Task DisposeAsync()
    {
        for (var i = nodes.Count - 1; i >= 0; i--) await nodes[i].DisposeAsync();
    }

    [Fact]
    public async Task a_way_is_proven_by_a_person_and_when_it_is_not_another_way_says_so_until_it_is_again()
    {
        var drill = await CreateAsync("Night/shift", confirmWithin: 30, provenEvery: 30);
        StateOf(drill).Should().BeNull("the answer to a change says what was changed");
        await NodeAsync();
        (await ReadAsync(drill)).Proof.Should().Be("awaited");

        // It runs at its time, once on both nodes, and says what it is.
        clock.Advance(TimeSpan.FromHours(24));
        var message = (await MessagesAsync(1))[0];
        message.Should().StartWith("[演练] [Drill] ").And.Contain("[演练] [Drill] Night/shift").And.Contain("请打开链接确认收到 Please confirm by the link");
        await RunStateAsync(drill, "waiting");
        var link = LinkIn(message);
        using var phone = new HttpClient();
        phone.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");

        // What previews links confirms nothing.
        (await phone.GetStringAsync(link)).Should().Contain("This is a drill").And.Contain("Confirm that you were reached");
        await RunStateAsync(drill, "waiting");
        (await ConfirmAsync(phone, link, "")).Status.Should().Be(HttpStatusCode.BadRequest, "who confirms is on record");
        var confirmed = await ConfirmAsync(phone, link, "Li Si");
        confirmed.Status.Should().Be(HttpStatusCode.OK);
        confirmed.Page.Should().Contain("Confirmed by Li Si");
        var state = await ReadAsync(drill);
        (state.Proof, state.Run).Should().Be(("proven", "proven"));
        (await ConfirmAsync(phone, link, "Wang Wu")).Status.Should().Be(HttpStatusCode.Conflict, "somebody was faster");
        var run = (await host.GetAsync($"drills/{drill["id"]}/runs"))["items"]!.AsArray().Single()!;
        ((string?)run["confirmedBy"], (string?)run["receivers"]![0]!["outcome"]).Should().Be(("Li Si", "delivered"));
        (await EntriesAsync("rules.drill_confirmed.v1")).Should().ContainSingle().Which.Should().Contain("Night/shift").And.Contain("Li Si");
        (await EntriesAsync("delivery.test_sent.v1")).Should().ContainSingle("what was sent is on record as what it is");

        // It counts as no alarm.
        (await host.GetAsync("alarms"))["items"]!.AsArray().Should().BeEmpty();
        (await host.GetAsync("notifications"))["items"]!.AsArray().Should().BeEmpty();

        // The next run is confirmed by nobody, and six hours later the proof is over.
        clock.Advance(TimeSpan.FromHours(24));
        link = LinkIn((await MessagesAsync(2))[1]);
        await RunStateAsync(drill, "waiting");
        clock.Advance(TimeSpan.FromMinutes(31));
        await RunStateAsync(drill, "unconfirmed");
        (await ConfirmAsync(phone, link, "Li Si")).Status.Should().Be(HttpStatusCode.Gone);
        (await ReadAsync(drill)).Proof.Should().Be("proven");
        clock.Advance(TimeSpan.FromHours(6));
        (await OfficeAsync("ActiveUnacked")).Should().Contain("A way is not proven").And.Contain("Notify/Drills/Night／shift");
        (await ReadAsync(drill)).Proof.Should().Be("overdue");

        // Another start does not forget it, and a run by hand that somebody confirms ends it.
        await NodeAsync();
        run = await host.PostAsync($"drills/{drill["id"]}/run", new { });
        ((string?)run["state"], run["plannedAt"]).Should().Be(("waiting", null));
        (await ConfirmAsync(phone, LinkIn((await MessagesAsync(3))[2]), "Li Si")).Status.Should().Be(HttpStatusCode.OK);
        (await OfficeAsync("ClearedUnacked")).Should().Contain("A way is not proven");
        (await ReadAsync(drill)).Proof.Should().Be("proven");
        (await MessagesAsync(3)).Should().HaveCount(3, "each run has sent one message");
    }

    [Fact]
    public async Task what_no_person_has_to_confirm_is_proven_when_it_has_arrived_and_a_robot_that_is_gone_is_found()
    {
        var drill = await CreateAsync("Line 1", confirmWithin: null, provenEvery: 24);
        // Ten days without Notify: one run, for the last time that it missed.
        clock.Advance(TimeSpan.FromDays(10));
        (await MessagesAsync(1))[0].Should().StartWith("[演练] [Drill]\n").And.NotContain("/a/");
        await RunStateAsync(drill, "proven");
        clock.Advance(TimeSpan.FromHours(1));
        await RunStateAsync(drill, "proven");

        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        clock.Advance(TimeSpan.FromHours(23));
        (await OfficeAsync("ActiveUnacked")).Should().Contain("A way is not proven");
        await RunStateAsync(drill, "failed");
        var runs = (await host.GetAsync($"drills/{drill["id"]}/runs"))["items"]!.AsArray();
        runs.Should().HaveCount(2);
        ((string?)runs[0]!["receivers"]![0]!["outcome"], (string?)runs[0]!["receivers"]![0]!["platformCode"]).Should().Be(("failed", "93000"));

        host.WeCom.RestoreRobot(Example.RobotKey);
        ((string?)(await host.PostAsync($"drills/{drill["id"]}/run", new { }))["state"]).Should().Be("proven");
        (await OfficeAsync("ClearedUnacked")).Should().Contain("A way is not proven");
    }

    [Fact]
    public async Task a_disabled_service_is_named_and_its_way_is_not_proven_and_a_drill_that_is_deleted_ends_its_alarm()
    {
        var drill = await CreateAsync("Line 1", confirmWithin: null, provenEvery: 24);
        var refused = await host.SendAsync("POST", $"services/{example.ServiceId}/disable", null, "If-Match", "*");
        (refused.Status, (string?)refused.Body["detail"]).Should().Be(
            (409, "The service 'Plant WeCom' is used by rule 'Everything', drill 'Line 1'. Add ?confirm=1 to do it anyway."), "rules are counted");
        (await host.SendAsync("POST", $"services/{example.ServiceId}/disable?confirm=1", null, "If-Match", "*")).Status.Should().Be(200);

        var run = await host.PostAsync($"drills/{drill["id"]}/run", new { });
        ((string?)run["state"], (string?)run["reasons"]![0]).Should().Be(("failed", "Service 'Plant WeCom' is disabled."));
        clock.Advance(TimeSpan.FromHours(25));
        await OfficeAsync("ActiveUnacked");
        host.WeCom.Received.Should().NotContain(x => x.Text.Contains("[Drill]"));

        // As after a restart: a node that has not raised the alarm, and awaits the proof of a drill that was changed meanwhile.
        await host.Services.GetServices<IHostedService>().OfType<DrillWorker>().Single().StopAsync(default);
        var changed = await host.GetAsync($"drills/{drill["id"]}");
        changed["provenEveryHours"] = 96;
        (await host.SendAsync("POST", $"services/{example.ServiceId}/enable", null, "If-Match", "*")).Status.Should().Be(200);
        (await host.PutAsync($"drills/{drill["id"]}", 1, changed)).Status.Should().Be(200);
        (await host.SendAsync("POST", $"services/{example.ServiceId}/disable?confirm=1", null, "If-Match", "*")).Status.Should().Be(200);
        await NodeAsync();
        clock.Advance(TimeSpan.FromHours(24));
        await EventuallyAsync(() => host.GetAsync($"drills/{drill["id"]}/runs"), x => x["items"]!.AsArray().Count == 3);
        (await ReadAsync(drill)).Proof.Should().Be("awaited");

        (await host.SendAsync("DELETE", $"drills/{drill["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        (await OfficeAsync("ClearedUnacked")).Should().Contain("A way is not proven");
        (await host.SendAsync("GET", $"drills/{drill["id"]}")).Status.Should().Be(404);
        (await host.GetAsync($"drills/{drill["id"]}/runs"))["items"]!.AsArray().Should().NotBeEmpty("what was done stays on record");
    }

    [Fact]
    public async Task a_run_whose_outcome_is_not_recorded_is_interrupted_and_the_next_one_goes_on()
    {
        var drill = await CreateAsync("Line 1", confirmWithin: null, provenEvery: 24);
        await host.RefuseAsync("rules.drill_sent.v1");
        clock.Advance(TimeSpan.FromHours(24));
        await MessagesAsync(1);
        (await ReadAsync(drill)).Run.Should().Be("sending");
        clock.Advance(TimeSpan.FromMinutes(3));
        await RunStateAsync(drill, "interrupted");
        await host.AcceptAgainAsync();
        await OfficeAsync("ActiveUnacked");

        clock.Advance(TimeSpan.FromHours(24));
        await OfficeAsync("ClearedUnacked");
        await RunStateAsync(drill, "proven");

        // Somebody has emptied the table: it follows from the events.
        await host.ExecuteAsync("delete from notify.drill_run");
        (await host.SendAsync("POST", "operation/rebuild", new { models = new[] { "drills" } })).Status.Should().Be(202);
        await Eventually.GetAsync(
            async () => (await host.GetAsync($"drills/{drill["id"]}/runs"))["items"]!.AsArray().Select(x => (string?)x!["state"]).ToList(),
            x => x.SequenceEqual(["proven", "interrupted"]));
    }

    [Fact]
    public async Task it_is_a_resource_like_any_other()
    {
        var drill = await CreateAsync("Line 1", confirmWithin: null, provenEvery: 24);
        var id = (string)drill["id"]!;
        ((string?)drill["status"], (long)drill["version"]!).Should().Be(("enabled", 1));

        // What a read gives may be sent back.
        var read = await host.GetAsync($"drills/{id}");
        read["at"] = new JsonObject { ["weekdays"] = new JsonArray("friday", "monday"), ["time"] = "08:30" };
        read["provenEveryHours"] = 97;
        var put = await host.PutAsync($"drills/{id}", 1, read);
        put.Status.Should().Be(200);
        put.Body["at"]!.ToJsonString().Should().Contain("[\"monday\",\"friday\"]").And.Contain("08:30:00").And.Contain("timeZone");
        ((int)(await host.GetAsync($"drills/{id}?version=1"))["provenEveryHours"]!).Should().Be(24);
        (await host.GetAsync($"drills/{id}/history"))["items"]!.AsArray().Should().HaveCount(2);
        (await host.GetAsync($"drills/{id}/references"))["uses"]!.AsArray().Select(x => (string?)x!["kind"]).Should().Equal("service", "message");
        (await host.GetAsync($"messages/{example.MessageId}/references"))["items"]!.AsArray().Select(x => (string?)x!["name"]).Should().Contain("Line 1");

        // It goes elsewhere by names.
        var exported = await host.GetAsync("configuration/export?format=json");
        var there = exported["drills"]![0]!;
        ((string?)there["service"], (string?)there["message"], there["state"]).Should().Be(("Plant WeCom", "Alarm text", null));
        (await host.SendAsync("DELETE", $"drills/{id}", null, "If-Match", "*")).Status.Should().Be(204);
        there.AsObject().Remove("id");
        (await host.PostAsync("configuration/import", new JsonObject { ["notify"] = 1, ["drills"] = new JsonArray(there.DeepClone()) }))["changes"]!
            .AsArray().Should().ContainSingle();
        (await host.GetAsync("drills"))["items"]![0]!["serviceId"]!.GetValue<string>().Should().Be(example.ServiceId);

        // What does not fit is named, and changes nothing.
        var wrong = await host.SendAsync("POST", "drills", new
        {
            name = "Wrong",
            serviceId = example.ServiceId,
            messageId = "message-0",
            receivers = new object?[] { null, new { kind = "bot", alias = "Line 9" } },
            at = new { everyHours = 24 },
            provenEveryHours = 24,
        });
        wrong.Status.Should().Be(400);
        wrong.Body["errors"]!.AsObject().Select(x => x.Key).Should().Contain(["messageId", "receivers[0]", "receivers[1]"]);
        (await host.SendAsync("POST", "drills", new { name = "Null", at = (object?)null, receivers = (object?)null })).Status.Should().Be(400);
        (await host.SendAsync("POST", "drills/drill-0/run")).Status.Should().Be(404);
        (await host.SendAsync("GET", "drills/drill-0/runs")).Status.Should().Be(404);
        (await host.SendAsync("GET", "drills/drill-0/runs?limit=0")).Status.Should().Be(400);
        (await host.GetAsync("drills"))["total"]!.GetValue<int>().Should().Be(1);
    }

    private Task<JsonObject> CreateAsync(string name, int? confirmWithin, int provenEvery) => host.PostAsync("drills", new
    {
        name,
        serviceId = example.ServiceId,
        messageId = example.MessageId,
        receivers = new[] { new { kind = "bot", alias = "Line 1" } },
        at = new { everyHours = 24 },
        confirmWithinMinutes = confirmWithin,
        provenEveryHours = provenEvery,
    });

    private async Task NodeAsync() => nodes.Add(await NotifyHost.StartAsync(sameStoreAs: host, replace: UseClock));

    private void UseClock(IServiceCollection services) => services.AddSingleton<TimeProvider>(clock);

    /// <summary>All nodes look, until it is so.</summary>
    private Task<T> EventuallyAsync<T>(Func<Task<T>> get, Func<T, bool> fits) => Eventually.GetAsync(
        async () =>
        {
            foreach (var node in nodes) node.Services.GetServices<IHostedService>().OfType<DrillWorker>().Single().Wake();
            return await get();
        },
        fits);

    /// <summary>What the drill has sent.</summary>
    private Task<List<string>> MessagesAsync(int count) => EventuallyAsync(
        () => Task.FromResult(host.WeCom.Received.Where(x => x.RobotKey == Example.RobotKey).Select(x => x.Text).ToList()), x => x.Count >= count);

    /// <summary>What the other way has told of the alarm about the first one.</summary>
    private async Task<string> OfficeAsync(string alarmState) => (await EventuallyAsync(
        () => Task.FromResult(host.WeCom.Received.Where(x => x.RobotKey == OtherKey && x.Text.Contains(alarmState)).Select(x => x.Text).ToList()),
        x => x.Count > 0))[^1];

    private sealed record Seen(string Proof, string? Run);

    private static JsonNode? StateOf(JsonObject drill) => drill["state"];

    private async Task<Seen> ReadAsync(JsonObject drill)
    {
        var state = StateOf(await host.GetAsync($"drills/{drill["id"]}"))!;
        return new((string)state["proof"]!, (string?)state["lastRun"]?["state"]);
    }

    private async Task RunStateAsync(JsonObject drill, string state) => await EventuallyAsync(() => ReadAsync(drill), x => x.Run == state);

    private async Task<List<string>> EntriesAsync(string type) =>
        await Eventually.GetAsync(
            async () => (await host.GetAsync($"audit?type={type}"))["items"]!.AsArray().Select(x => x!["summary"]!.ToString()).ToList(), x => x.Count > 0);

    private static async Task<(HttpStatusCode Status, string Page)> ConfirmAsync(HttpClient phone, Uri link, string name)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = name, ["note"] = "" });
        using var answer = await phone.PostAsync(link, form);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private Uri LinkIn(string text) => new(host.Url + new Uri(Link().Match(text).Value).AbsolutePath);

    [GeneratedRegex(@"http://\S+/a/[0-9a-z]{43,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}
