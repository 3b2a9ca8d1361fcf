using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;

namespace Notify.Audit.Tests.Proofs;

/// <summary>A period is verified in parts of <see cref="ChunkVerifier.Size"/> entries: here it is more than one of them.</summary>
public sealed class PeriodVerificationTests
{
    [Fact]
    public async Task a_period_of_which_every_event_was_deleted_does_not_verify()
    {
        await using var host = await NotifyHost.StartAsync();
        // An event each second, from midnight on: the first part ends at about half past four.
        await host.ExecuteAsync(
            $"""
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, user_name)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), 'alarm-bench', i, '{"{}"}', 'alarms.alarm_expired.v1', '2026-01-31T00:00:00Z'::timestamptz + i * interval '1 second', 'x', 'system'
            from generate_series(1, {3 * ChunkVerifier.Size / 2}) i
            """);
        var follower = host.Services.GetRequiredService<EventFollower>();
        await Eventually.GetAsync(() => follower.LagAsync(default), x => x == 0, TimeSpan.FromSeconds(120));
        var period = new JsonObject { ["from"] = "2026-01-31T03:30:00Z", ["to"] = "2026-01-31T05:30:00Z" };
        var good = await host.PostAsync("audit/verify", period);
        ((bool)good["valid"]!, (long)good["entries"]!).Should().Be((true, 7200 + 600), "five minutes before and after it too");

        await host.ExecuteAsync("delete from notify.mt_events where timestamp >= '2026-01-31T03:20:00Z' and timestamp < '2026-01-31T05:40:00Z'");
        var bad = await host.PostAsync("audit/verify", period);
        ((bool)bad["valid"]!, (string?)bad["firstBad"]?["kind"]).Should().Be((false, "deleted"));
    }
}
