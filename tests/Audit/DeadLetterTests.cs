using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests;

/// <summary>A message between modules that could not be handled is seen by whoever looks after Notify, and is handled again or given up on record.</summary>
public sealed class DeadLetterTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task it_makes_health_degraded_is_listed_and_is_replayed_with_a_reason_on_record()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        // No retry helps, as with a fault of ours.
        await host.ExecuteAsync(
            """
            create function notify.refuse() returns trigger language plpgsql as $$ begin
              if new.type = 'delivery.notification_requested.v1' then raise exception 'refused for a test'; end if; return new; end $$;
            create trigger refuse before insert on notify.mt_events for each row execute function notify.refuse();
            """);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor" } } });
        var listed = await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 1);
        var letter = listed["items"]![0]!;
        ((string)letter["messageType"]!).Should().Be("notify.rules.notifications-decided.v1");
        ((string)letter["detail"]!).Should().Contain("refused for a test");
        using (var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative)))
        {
            ((int)ready.StatusCode).Should().Be(200, "alarms are taken all the same");
            ((string)JsonNode.Parse(await ready.Content.ReadAsStringAsync())!["status"]!).Should().BeEquivalentTo("degraded");
        }

        await host.ExecuteAsync("drop trigger refuse on notify.mt_events");
        var id = (string)letter["id"]!;
        (await host.SendAsync("POST", "operation/dead-letters/replay", new { ids = new[] { id } })).Status.Should().Be(400, "a reason is required");
        var answer = await host.PostAsync("operation/dead-letters/replay", new { ids = new[] { id, "nonsense" }, reason = "The trigger is gone." });
        answer["items"]!.AsArray().Select(x => (string)x!["outcome"]!).Should().Equal("replayed", "notFound");

        await host.WeCom.WaitForCountersAsync(x => x.Shown == 1);
        await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 0);
        var audit = await host.GetAsync("audit?type=audit.dead_letter_replayed.v1");
        JsonSerializer.Serialize(audit["items"]![0]).Should().Contain("The trigger is gone.").And.Contain(id);
    }
}
