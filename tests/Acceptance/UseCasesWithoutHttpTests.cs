using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Alarms;
using Notify.Alarms.Intake;
using Notify.Audit.Replays;
using Notify.Delivery.Bulk;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules;
using Notify.Rules.Explaining;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>What a page of the console calls in this process is what an endpoint calls: the same result, the same refusals, the same
/// record.</summary>
public sealed class UseCasesWithoutHttpTests : IAsyncLifetime
{
    private static readonly Actor operatorOfNightShift = new("user-wang", "Wang Wu", "user");

    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task an_alarm_is_reported_and_acknowledged()
    {
        using var report = JsonDocument.Parse("""{ "alarms": [ { "name": "Pump hot", "path": "Site1", "ackMode": "manualWithNote" } ] }""");
        var accepted = await RunAsync<PostAlarms, IntakeAnswer>(
            x => x.RunAsync(report.RootElement, hasDuplicates: false, Audit("from the console"), first: null));
        var id = accepted.Accepted.Should().ContainSingle().Which.AlarmId;

        var refusal = await RefusalAsync<Acknowledge>(x => x.RunAsync(id, null, Audit(), default));
        var overHttp = await host.Client.PostAsync(new Uri($"/api/v1/alarms/{id}/acknowledge", UriKind.Relative), null);
        ((int)overHttp.StatusCode).Should().Be(refusal.Status);
        (await overHttp.Content.ReadFromJsonAsync<JsonObject>())!["errors"]!.AsObject().Select(x => x.Key).Should()
            .BeEquivalentTo(refusal.Errors!.Keys);

        var audit = Audit("seen on the screen");
        var acknowledged = await RunAsync<Acknowledge, AlarmView>(x => x.RunAsync(id, "Fan replaced", audit, default));
        var read = await host.GetAsync($"alarms/{id}");
        var entry = read["timeline"]!.AsArray().Single(x => (string?)x!["kind"] == "acknowledged")!;
        ((string?)entry["note"]).Should().Be("Fan replaced");
        ((string?)entry["actor"]!["id"], (string?)entry["reason"]).Should().Be(("user-wang", "seen on the screen"));
        read.Remove("timeline");
        read.Remove("timelineComplete");
        read.Remove("waitingSteps");
        Same(acknowledged, read);
        (await RefusalAsync<Acknowledge>(x => x.RunAsync("alarm-none", "x", audit, default))).Status.Should().Be(404);
    }

    [Fact]
    public async Task rules_are_explained()
    {
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        var request = new ExplainRules.Request(
            Alarm: new JsonObject { ["name"] = "Pump hot", ["level"] = "Critical", ["eventTime"] = "2026-01-31T07:59:00Z" }, At: at);
        var explained = await RunAsync<ExplainRules, ExplainRules.Answer>(x => x.RunAsync(example.RuleId, request, default));
        Same(explained, await host.PostAsync($"rules/{example.RuleId}/explain",
            new { alarm = new { name = "Pump hot", level = "Critical", eventTime = "2026-01-31T07:59:00Z" }, at }));
        (await RefusalAsync<ExplainRules>(x => x.RunAsync("rule-none", request, default))).Status.Should().Be(404);
    }

    [Fact]
    public async Task a_replay_is_asked_for_once_however_often_it_is_said()
    {
        var now = DateTimeOffset.UtcNow;
        var request = new PostReplay.Request(ReplayMode.Review, now.AddHours(-1), now.AddMinutes(-1), Reason: "Incident 4711");
        var first = new FirstRequest(Guid.CreateVersion7(), now);
        var replay = await RunAsync<PostReplay, ReplayView>(x => x.RunAsync(request, mayRedeliver: false, Audit(), first, default));
        (await RunAsync<PostReplay, ReplayView>(x => x.RunAsync(request, mayRedeliver: false, Audit(), first, default))).Id.Should().Be(replay.Id);

        (await host.GetAsync("replays"))["total"]!.GetValue<long>().Should().Be(1);
        var read = await host.GetAsync($"replays/{replay.Id}");
        ((string?)read["mode"], (string?)read["reason"], (string?)read["requestedBy"]!["id"]).Should().Be(("review", "Incident 4711", "user-wang"));
        var redelivery = request with { Mode = ReplayMode.Redeliver };
        (await RefusalAsync<PostReplay>(x => x.RunAsync(redelivery, mayRedeliver: false, Audit(), null, default))).Status.Should().Be(403);
        var refusal = await RefusalAsync<PostReplay>(
            x => x.RunAsync(request with { Mode = null, To = request.From }, mayRedeliver: true, Audit(), null, default));
        refusal.Errors!.Keys.Should().BeEquivalentTo("mode", "to");
    }

    [Fact]
    public async Task a_bulk_resend_is_worked_off()
    {
        var begun = await RunAsync<BulkOperations, BulkView>(
            x => x.BeginAsync(new(NotificationVerb.Resend, null, ["notification-none", "notification-neither"]), Audit("the robot is back"),
            default));
        var done = await Eventually.GetAsync(() => host.GetAsync($"notifications/bulk/{begun.Id}"), x => (string?)x["status"] == "completed");
        done["outcomes"]!["notFound"]!.GetValue<int>().Should().Be(2);
        Same(await RunAsync<BulkOperations, BulkView>(x => x.GetAsync(begun.Id, default)), done);
        var refusal = await RefusalAsync<BulkOperations>(
            x => x.BeginAsync(new(NotificationVerb.Dismiss, "x", Filter: new Dictionary<string, string> { ["stauts"] = "Failed" }), Audit(),
            default));
        refusal.Errors!.Keys.Should().Equal("filter.stauts");
    }

    [Fact]
    public async Task a_rule_is_changed_with_the_version_that_was_read()
    {
        var before = await RunAsync<ResourceReader<Rule, RuleSettings>, Rule>(x => x.GetAsync(example.RuleId, null, null, default));
        var body = await host.GetAsync($"rules/{example.RuleId}");
        body["description"] = "Day and night";
        var stale = await RefusalAsync<ResourceStore<Rule, RuleSettings>>(
            x => x.ReplaceAsync(before.Id, new ExpectedVersion([before.Version + 1]), body, Audit(), default));
        stale.Status.Should().Be(412);
        (await RefusalAsync<ResourceStore<Rule, RuleSettings>>(x => x.ReplaceAsync(before.Id, null, body, Audit(), default))).Status.Should().Be(428);

        var audit = Audit("asked for by the shift");
        var changed = await RunAsync<ResourceStore<Rule, RuleSettings>,
            Rule>(x => x.ReplaceAsync(before.Id, new ExpectedVersion([before.Version]), body, audit, default));
        var read = await host.GetAsync($"rules/{example.RuleId}");
        Same(host.Services.GetRequiredService<ResourceKind<Rule, RuleSettings>>().Body(changed), read);
        ((string?)read["description"], (string?)read["updatedBy"]!["name"]).Should().Be(("Day and night", "Wang Wu"));

        var history = await RunAsync<ResourceReader<Rule, RuleSettings>,
            CursorPage<ResourceHistoryItem>>(x => x.HistoryAsync(before.Id, null, 1, default));
        Same(history, await host.GetAsync($"rules/{example.RuleId}/history?limit=1"));
        history.Items[0].Reason.Should().Be("asked for by the shift");
        (await RunAsync<ResourceReader<Rule, RuleSettings>,
            CursorPage<ResourceHistoryItem>>(x => x.HistoryAsync(before.Id, history.Next, 1, default)))
            .Items.Should().ContainSingle().Which.Version.Should().Be(before.Version);
        Same(
            await RunAsync<ResourceReader<Rule, RuleSettings>,
            Page<JsonObject>>(x => x.ListAsync(new ResourceQuery(Search: "everything", PageSize: 5), default)),
            await host.GetAsync("rules?search=everything&pageSize=5"));
    }

    private static AuditContext Audit(string? reason = null) => new(operatorOfNightShift, Guid.CreateVersion7().ToString("N"), Reason: reason);

    /// <summary>In a scope of its own, as a page does it.</summary>
    private async Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> run)
        where TUseCase : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await run(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }

    private async Task<ProblemException> RefusalAsync<TUseCase>(Func<TUseCase, Task> run)
        where TUseCase : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        var useCase = scope.ServiceProvider.GetRequiredService<TUseCase>();
        return (await useCase.Awaiting(run).Should().ThrowAsync<ProblemException>()).Which;
    }

    private static void Same(object result, JsonObject overHttp)
    {
        var expected = JsonSerializer.SerializeToNode(result, result.GetType(), NotifyJson.Options);
        JsonNode.DeepEquals(expected, overHttp).Should().BeTrue($"the use case gave {expected!.ToJsonString()}, and HTTP {overHttp.ToJsonString()}");
    }
}
