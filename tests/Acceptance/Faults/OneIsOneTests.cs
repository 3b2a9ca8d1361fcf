using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Testing;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>Whatever is thrown while one notification is on its way, and wherever: it is that one's failure, on record with the reason, and every
/// other one goes out.</summary>
public sealed class OneIsOneTests : IAsyncLifetime
{
    private const string SecretText = "no client may send this";

    /// <summary>What is done to one of a batch, so that something throws; at which stage it fails by that, and why.</summary>
    private static readonly Dictionary<string, (Func<DecidedNotification, DecidedNotification> Spoil, string? FailedAt, string Reason)> spoiled =
        new(StringComparer.Ordinal)
        {
            ["rendering"] = (x => x with { Failure = "FormatException: {nope}" }, "rendering", "{nope}"),
            ["planning"] = (x => x with { Receivers = [new Receiver("account")] }, "planning", "no name"),
            ["preparing"] = (x => x with { Content = new("text", "x", null!) }, "preparing", "NullReferenceException"),
            ["storing the request"] = (
                x => x with { AlarmValue = "a\0b", Content = new("text", "a\0b", Mentions.None) }, "recording", "unsupported Unicode"),
            ["recording the start"] = (x => x, "recording", "refused for a test"),
            ["recording the start from the queue"] = (x => x, "recording", "refused for a test"),
            ["sending"] = (
                x => x with { Content = new("text", SecretText, Mentions.None) }, null, "as a fault of ours"),
            ["recording the outcome"] = (x => x, null, "could not be recorded"),
        };

    private NotifyHost host = null!;
    private Example example = null!;

    public async Task DisposeAsync() => await host.DisposeAsync();

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(
            ["Notify:WeCom:BotLimitPerMinute=0"], weCom => weCom.RobotLimit = 0,
            services => services.AddHttpClient("wecom").AddHttpMessageHandler(() => new ThrowingHandler()));
        example = await Example.MakeAsync(host);
        await host.ExecuteAsync(
            """
            create table notify.refused (stream_id text, type text);
            create function notify.refuse() returns trigger language plpgsql as $$ begin
              if exists (select from notify.refused r where r.stream_id = new.stream_id and r.type = new.type) then raise exception 'refused for a test'; end if; return new; end $$;
            create trigger refuse before insert on notify.mt_events for each row execute function notify.refuse();
            """);
    }

    [Fact]
    public async Task any_one_that_throws_at_any_stage_leaves_every_other_one_delivered()
    {
        var random = new Random(20261128);
        var expected = new List<(string Stage, string Bad, List<string> Others)>();
        foreach (var stage in spoiled.Keys)
        {
            var batch = Enumerable.Range(0, random.Next(2, 40)).Select(i => Decided($"{stage} {i}", i % 2 == 0 ? "Line 1" : "Line 2")).ToList();
            var bad = random.Next(batch.Count);
            if (stage.EndsWith("queue", StringComparison.Ordinal))
            {
                // Behind another one of its alarm it waits in the store.
                batch.Add(batch[0] with { NotificationId = NewId(), AlarmVersion = 2 });
                bad = batch.Count - 1;
            }

            batch[bad] = spoiled[stage].Spoil(batch[bad]);
            var refused = stage.Contains("recording the start", StringComparison.Ordinal)
                ? "delivery.attempt_started.v1" : stage == "recording the outcome" ? "delivery.attempt_succeeded.v1" : null;
            if (refused is not null) await host.ExecuteAsync($"insert into notify.refused values ('{batch[bad].NotificationId}', '{refused}')");
            expected.Add((stage, batch[bad].NotificationId, [.. batch.Where((_, i) => i != bad).Select(x => x.NotificationId)]));
            await PublishAsync(batch);
        }

        foreach (var (stage, bad, others) in expected)
        {
            foreach (var id in others) await StatusAsync(id, "Delivered", stage);
            var failed = await StatusAsync(bad, "Failed", stage);
            ((string?)failed["failedAt"]).Should().Be(spoiled[stage].FailedAt, stage);
            ((string?)failed["reason"]).Should().Contain(spoiled[stage].Reason, stage);
            ((string?)failed["explanation"]!["advice"]!["zh"]).Should().NotBeNullOrEmpty(stage);
        }

        var list = (await host.Client.GetAllFromAsync("notifications/failed")).Select(x => (string)x["id"]!);
        list.Should().BeEquivalentTo(expected.Select(x => x.Bad));
        ((int)(await host.GetAsync("notifications/failed/count"))["count"]!).Should().Be(expected.Count);
        ((int)(await host.GetAsync("operation/dead-letters"))["total"]!).Should().Be(0);
        host.WeCom.Received.Should().NotContain(x => x.Text != null && x.Text.Contains(SecretText));
    }

    [Fact]
    public async Task what_is_to_leave_in_parts_leaves_when_the_store_goes_away_between_them_and_comes_back()
    {
        await host.ExecuteAsync(
            """
            create table notify.waits (stream_id text primary key);
            create table notify.away (is_over boolean);
            create sequence notify.together minvalue 0 start 0;
            create sequence notify.went_away;
            create function notify.go_away() returns trigger language plpgsql as $$ declare n bigint; most bigint; begin
              select count(*) into n from new_rows r join notify.waits w on w.stream_id = r.stream_id where r.type = 'delivery.attempt_started.v1';
              if n = 0 or exists (select from notify.away) then return null; end if;
              select last_value into most from notify.together;
              if most = 0 and n > 1 then perform setval('notify.together', n); raise exception 'refused for a test'; end if;
              if most > 0 and n >= most then raise exception 'refused for a test'; end if;
              if most > 0 then perform nextval('notify.went_away'); raise exception 'away for a test' using errcode = '57P03'; end if;
              return null; end $$;
            create trigger go_away after insert on notify.mt_events referencing new table as new_rows
              for each statement execute function notify.go_away();
            """);
        // Behind another one of its alarm each waits in the store, and is taken up from there with others.
        var first = Enumerable.Range(0, 40).Select(i => Decided($"Pump {i}", i % 2 == 0 ? "Line 1" : "Line 2")).ToList();
        var waiting = first.ConvertAll(x => x with { NotificationId = NewId(), AlarmVersion = 2 });
        await host.ExecuteAsync($"insert into notify.waits values {string.Join(", ", waiting.Select(x => $"('{x.NotificationId}')"))}");
        await PublishAsync([.. first, .. waiting]);
        var database = host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>();
        await using var wentAway = database.CreateCommand("select last_value from notify.went_away");
        // More often than the store is asked again for one transaction.
        await Eventually.GetAsync(async () => (long)(await wentAway.ExecuteScalarAsync())!, x => x > 8, TimeSpan.FromSeconds(20));
        await host.ExecuteAsync("insert into notify.away values (true)");
        foreach (var x in waiting) await StatusAsync(x.NotificationId, "Delivered", x.AlarmName);
    }

    [Fact]
    public async Task what_could_not_be_rendered_is_sent_again_by_its_message_as_it_is_then()
    {
        var accepted = await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor", path = "Site1" } } });
        var alarm = (string)accepted["accepted"]![0]!["alarmId"]!;
        var bad = Decided("Motor", "Line 1") with
        {
            AlarmId = alarm,
            Message = new(example.MessageId, 1, "Alarm text"),
            Schedule = new(example.ScheduleId, 1, "Default"),
            Failure = "FormatException: {nope}",
            Content = new("text", "", Mentions.None),
        };
        var lost = bad with { NotificationId = NewId(), Message = new("message-gone", 1, "Gone") };
        await PublishAsync([bad, lost]);
        foreach (var x in (DecidedNotification[])[bad, lost]) await StatusAsync(x.NotificationId, "Failed", "rendering");
        (await host.PutAsync($"messages/{example.MessageId}", 1,
            new { type = "wecom", name = "Alarm text", format = "text", content = "mended: {name}" })).Status.Should().Be(200);

        var outcomes = (await host.PostAsync(
            "notifications/resend", new { ids = new[] { bad.NotificationId, lost.NotificationId } }))["items"]!.AsArray();
        outcomes.Select(x => (string)x!["outcome"]!).Should().Equal("resent", "notRendered");
        var again = await StatusAsync((string)outcomes[0]!["notificationId"]!, "Delivered", "resent");
        ((string)again["body"]!, (long)again["messageVersion"]!).Should().Be(("mended: Motor", 2L));
        await StatusAsync(lost.NotificationId, "Failed", "rendering");
    }

    private Task PublishAsync(IReadOnlyList<DecidedNotification> batch) =>
        new MessageBus(host.Services.GetRequiredService<IWolverineRuntime>())
            .PublishAsync(new NotificationsDecided($"batch-{Guid.NewGuid():N}", batch)).AsTask();

    private async Task<JsonObject> StatusAsync(string id, string status, string stage)
    {
        try
        {
            return await Eventually.GetAsync(async () => (await host.SendAsync("GET", $"notifications/{id}")).Body, x =>
                x["id"] is not null && (string)x["status"]! == status, TimeSpan.FromSeconds(40));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{stage}: {id} did not become {status}. {e.Message}", e);
        }
    }

    private DecidedNotification Decided(string name, string robot)
    {
        var (any, now) = (new VersionedRef("x", 1, "x"), TimeProvider.System.GetUtcNow());
        return new(
            NewId(), Ids.New("alarm", now), name, "Site1", AlarmLevel.High, AlarmState.ActiveUnacked, now, Guid.NewGuid(), "one-is-one", any,
            new VersionedRef(example.ServiceId, 1, "Plant WeCom"), any, any,
            "wecom", [new Receiver("bot", Alias: robot)], new RenderedMessage("text", name, Mentions.None), null, 1);
    }

    private static string NewId() => Ids.New("notification", TimeProvider.System.GetUtcNow());

    private sealed class ThrowingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            if (body.Contains(SecretText, StringComparison.Ordinal)) throw new FormatException("as a fault of ours");
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
