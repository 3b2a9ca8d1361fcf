using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>What people do with notifications that failed or wait: one by one, and by the thousand.</summary>
public sealed class NotificationChangeTests : IAsyncLifetime
{
    private static readonly object[] robot = [new { kind = "bot", alias = "Line 1" }];
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"], weCom => weCom.RobotLimit = 0);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task what_waits_can_be_cancelled_and_is_not_sent()
    {
        await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 45009 }); // wait for a minute
        await PostAsync(2);
        var waiting = await Eventually.GetAsync(
            () => host.GetAsync("notifications?status=Scheduled"), x => x["items"]!.AsArray().Any(n => n!["retryAt"] is not null));
        var id = (string)waiting["items"]!.AsArray().First(n => n!["retryAt"] is not null)!["id"]!;

        (await host.SendAsync("POST", "notifications/cancel", new { ids = new[] { id } })).Faults.Should().Equal("reason");
        var answer = await host.PostAsync("notifications/cancel", new { ids = new[] { id, "notification-unknown" }, reason = "a test of the plant" });

        Outcomes(answer).Should().Equal("cancelled", "notFound");
        var cancelled = await host.GetAsync($"notifications/{id}");
        ((string)cancelled["status"]!, (string)cancelled["reason"]!, (string)cancelled["receivers"]![0]!["outcome"]!).Should()
            .Be(("Suppressed", "cancelled: a test of the plant", "suppressed"));
        Outcomes(await host.PostAsync("notifications/cancel", new { ids = new[] { id }, reason = "again" })).Should().Equal("notPending");
        (await host.GetAsync($"audit?resource={id}&type=delivery.notification_cancelled.v1"))["items"]!.AsArray().Should().ContainSingle()
            .Which!["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        host.WeCom.Received.Should().NotContain(x => x.Delivered);
    }

    [Fact]
    public async Task a_search_narrows_what_is_cancelled_in_bulk()
    {
        await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 45009 }); // wait for a minute
        await PostAsync(2);
        await Eventually.GetAsync(() =>
            host.GetAsync("notifications?status=Scheduled"), x => x["items"]!.AsArray().Any(n => n!["retryAt"] is not null));

        var other = await host.PostAsync(
            "notifications/bulk", new { verb = "cancel", filter = new { search = "of another plant" }, reason = "a test" });
        other["total"]!.GetValue<int>().Should().Be(0, "none of them holds the text");
        var everything = await host.PostAsync(
            "notifications/bulk", new { verb = "cancel", filter = new { search = "everything" }, reason = "a test" });
        everything["total"]!.GetValue<int>().Should().Be(2, "their rule's name holds it");
    }

    [Fact]
    public async Task hundreds_that_failed_are_sent_again_in_bulk_with_an_outcome_for_each()
    {
        const int Count = 600;
        await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 44004 });
        await PostAsync(Count);
        await Eventually.GetAsync(() => host.GetAsync("notifications/failed/count"), x => (int)x["count"]! == Count);
        host.WeCom.ClearFaults();

        var refused = await host.SendAsync("POST", "notifications/bulk", new { verb = "resend", filter = new { colour = "red" } });
        refused.Faults.Should().Equal("filter.colour");
        var asked = await host.PostAsync(
            "notifications/bulk", new { verb = "resend", filter = new { search = "everything" }, reason = "the text was mended" });
        var id = (string)asked["id"]!;
        asked["total"]!.GetValue<int>().Should().Be(Count);

        var done = await Eventually.GetAsync(() => host.GetAsync($"notifications/bulk/{id}"), x => (string)x["status"]! == "completed");
        done["done"]!.GetValue<int>().Should().Be(Count);
        done["outcomes"]!.ToJsonString().Should().Be($$"""{"resent":{{Count}}}""");
        var items = await host.Client.GetAllFromAsync($"notifications/bulk/{id}/items");
        items.Should().HaveCount(Count).And.OnlyContain(x => (string)x["outcome"]! == "resent");
        await host.WeCom.WaitForCountersAsync(x => x.Shown == Count);
        (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray().Select(x => (string)x!["type"]!).Should()
            .BeEquivalentTo(
                "delivery.bulk_requested.v1", "delivery.bulk_chosen.v1", "delivery.bulk_advanced.v1", "delivery.bulk_advanced.v1",
                "delivery.bulk_advanced.v1", "delivery.bulk_completed.v1");
        (await host.GetAsync($"notifications/{(string)items[0]["notificationId"]!}"))["replayOf"]!.GetValue<string>().Should()
            .Be((string)items[0]["id"]!);
    }

    [Fact]
    public async Task what_a_bulk_operation_does_its_events_say_whatever_somebody_has_made_of_its_rows()
    {
        const int Count = 300;
        await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 44004 });
        await PostAsync(Count + 1);
        await Eventually.GetAsync(() => host.GetAsync("notifications/failed/count"), x => (int)x["count"]! == Count + 1);
        string[] failed = [.. (await host.Client.GetAllFromAsync("notifications?status=Failed")).Select(x => (string)x["id"]!)];
        var (chosen, other) = (failed[1..], failed[0]);

        // It is on record, but cannot begin.
        await host.RefuseAsync("delivery.bulk_advanced.v1");
        var id = (string)(await host.PostAsync("notifications/bulk", new { verb = "dismiss", ids = chosen, reason = "not needed" }))["id"]!;
        await host.ExecuteAsync(
            $"""
            update notify.bulk set verb = 'Resend', reason = 'forged', total = 7;
            update notify.bulk_item set notification_id = '{other}' where position = 1;
            update notify.bulk_item set outcome = 'dismissed' where position = 2;
            delete from notify.bulk_item where position = 3;
            insert into notify.bulk_item (bulk_id, position, notification_id) values ('{id}', {Count + 1}, '{other}'), ('bulk-invented', 1, '{other}');
            """);
        await host.AcceptAgainAsync();
        await Eventually.GetAsync(() => host.GetAsync($"notifications/bulk/{id}"), x => (string)x["status"]! == "completed");

        (await host.GetAsync($"notifications/{other}"))["status"]!.GetValue<string>().Should().Be("Failed");
        (await host.Client.GetAllFromAsync("notifications?status=Dismissed")).Should().HaveCount(Count);
        await host.PostAsync("operation/rebuild", new { models = new[] { "bulk" } });
        await Eventually.GetAsync(() => host.GetAsync("operation/rebuild"), x => !(bool)x["running"]!);
        var view = await host.GetAsync($"notifications/bulk/{id}");
        ((string)view["verb"]!, (string)view["reason"]!, (int)view["total"]!, (int)view["done"]!).Should()
            .Be(("dismiss", "not needed", Count, Count));
        (await host.Client.GetAllFromAsync($"notifications/bulk/{id}/items")).Select(x => ((string)x["id"]!, (string)x["outcome"]!)).Should()
            .Equal(chosen.Select(x => (x, "dismissed")));
        (await host.ChangeAsync("delete from notify.bulk_item where bulk_id = 'bulk-invented'")).Should().Be(0, "it was removed");
    }

    [Fact]
    public async Task a_resend_goes_to_just_those_whom_it_has_not_reached()
    {
        await Example.MakeAsync(host, [new { kind = "account", account = "zhangsan" }, new { kind = "account", account = "lisi" }]);
        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan"], Unlicensed = ["lisi"] });
        await PostAsync(1);
        var partly = (await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        partly["status"]!.GetValue<string>().Should().Be("PartlyDelivered");
        partly["receivers"]!.AsArray().Select(x => $"{x!["account"]} {x["outcome"]} {x["platformCode"]}").Should()
            .Equal("zhangsan delivered ", "lisi failed unlicenseduser");

        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan", "lisi"] });
        host.WeCom.InvalidateTokens();
        var answer = await host.SendAsync(
            "POST", "notifications/resend", new { ids = new[] { (string)partly["id"]! } }, "X-Correlation-Id", "the-engineers-resend");
        var again = answer.Body["items"]![0]!["notificationId"]!;
        await Eventually.GetAsync(() => host.GetAsync($"notifications/{again}"), x => (string)x["status"]! == "Delivered");
        host.WeCom.Received[^1].ShownTo.Should().Equal("lisi");

        // What the request was answered with finds what it did; and so does the alarm's trail.
        answer.Headers.GetValues("X-Correlation-Id").Should().Equal("the-engineers-resend");
        foreach (var correlation in (string[])["the-engineers-resend", (string)partly["correlationId"]!])
        {
            (await Eventually.GetAsync(() => host.Client.GetAllFromAsync($"audit?correlationId={correlation}&actor=bootstrap"),
                x => x.Any(e => (string)e["type"]! == "delivery.notification_resent.v1")))
                .Select(x => ((string)x["type"]!, (string)x["resource"]!["id"]!)).Should()
                    .Contain([("delivery.notification_resent.v1", (string)partly["id"]!), ("delivery.notification_requested.v1", (string)again!)]);
        }

        // So are its attempts, which follow from both.
        foreach (var correlation in (string[])["the-engineers-resend", (string)partly["correlationId"]!])
        {
            (await Eventually.GetAsync(() => host.Client.GetAllFromAsync($"audit?correlationId={correlation}&resource={again}"), x => x.Count == 3))
                .Select(x => (string)x["type"]!).Should()
                    .Equal("delivery.notification_requested.v1", "delivery.attempt_started.v1", "delivery.attempt_succeeded.v1");
        }

        // Its receipt begins with the alarm and the decision.
        var receipt = await host.Client.GetStringAsync(new Uri($"/api/v1/notifications/{again}/receipt", UriKind.Relative));
        receipt.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => (string?)JsonNode.Parse(x)!["entry"]?["type"]).OfType<string>()
            .Should()
            .StartWith(["alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1"]).And.Contain(
                "delivery.notification_resent.v1").And.EndWith("delivery.attempt_succeeded.v1");
    }

    [Fact]
    public async Task a_resend_to_everyone_goes_to_those_whom_the_platform_named_as_not_reached()
    {
        await Example.MakeAsync(host, [new { kind = "account", account = "@all" }]);
        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan"], Unlicensed = ["lisi"] });
        await PostAsync(1);
        var partly = (await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        partly["status"]!.GetValue<string>().Should().Be("PartlyDelivered");

        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan", "lisi"] });
        host.WeCom.InvalidateTokens();
        var answer = await host.PostAsync("notifications/resend", new { ids = new[] { (string)partly["id"]! } });
        Outcomes(answer).Should().Equal("resent");
        var again = (string)answer["items"]![0]!["notificationId"]!;
        var resent = await Eventually.GetAsync(() => host.GetAsync($"notifications/{again}"), x => (string)x["status"]! == "Delivered");
        resent["receivers"]!.AsArray().Select(x => $"{x!["kind"]} {x["account"]}").Should().Equal("account lisi");
        host.WeCom.Received[^1].ShownTo.Should().Equal("lisi");
    }

    private static IEnumerable<string> Outcomes(JsonObject answer) => answer["items"]!.AsArray().Select(x => (string)x!["outcome"]!);

    private Task<JsonObject> PostAsync(int count) =>
        host.PostAsync("alarms", new { alarms = Enumerable.Range(0, count).Select(i => new { name = $"Alarm{i}", path = "Site1" }) });
}
