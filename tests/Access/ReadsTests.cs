using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>Who reads the history, what is kept of people, or secrets by their fingerprints, is on record, counted.</summary>
public sealed class ReadsTests
{
    [Fact]
    public async Task reading_the_history_and_people_is_on_record_once_and_then_counted()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Access:RecordReads=true"]);
        using var auditor = await host.ClientOfRoleAsync("auditor");
        var person = (string)(await host.PostAsync("users", new { userName = "li.si", name = "李四" }))["id"]!;
        await auditor.GetFromAsync($"users/{person}");
        for (var i = 0; i < 3; i++) await auditor.GetFromAsync("audit?module=access");
        var service = (await Example.MakeAsync(host)).ServiceId;
        foreach (var path in (string[])["services?pageSize=5", $"services/{service}", $"services/{service}/history", "proposals", "operation/nodes"])
            await auditor.GetFromAsync(path);
        // Neither what says nothing of the past or of people, nor what was refused.
        foreach (var path in (string[])["rules", $"services/{service}/references", "channels"]) await auditor.GetFromAsync(path);
        (await auditor.GetAsync(new Uri("/api/v1/users/user-none", UriKind.Relative))).IsSuccessStatusCode.Should().BeFalse();

        var entries = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("audit?type=access.records_read.v1&actor=the%20auditor"), x => x.Count >= 7);
        entries.Should().OnlyContain(x => (string?)x["actor"]!["name"] == "the auditor");
        entries.Select(x => ((string?)x["data"]!["path"], (string?)x["data"]!["id"], (string?)x["data"]!["query"])).Should()
            .BeEquivalentTo(
            [
                ("/api/v1/users/{id}", person, null), ("/api/v1/audit", null, "module=access"), ("/api/v1/services", null, "pageSize=5"),
                ("/api/v1/services/{id}", service, null), ("/api/v1/services/{id}/history", service, null), ("/api/v1/proposals", null, null),
                ("/api/v1/operation/nodes", (string?)null, (string?)null),
            ]);
    }

    [Fact]
    public async Task a_name_that_was_searched_for_and_then_erased_stays_erased()
    {
        await using var host = await NotifyHost.StartAsync();
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Pump", ackUser = "张 三" } } });
        await using (var second = await NotifyHost.StartAsync(["Notify:Access:RecordReads=true"], sameStoreAs: host))
        {
            await second.GetAsync($"audit?text={Uri.EscapeDataString("张 三")}");
            await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?type=access.records_read.v1"), x => x.Count == 1);
            // Is counted, and recorded later.
            await second.GetAsync($"audit?text={Uri.EscapeDataString("张 三")}");
            await host.PostAsync("audit/erasures", new { subject = "张 三", reason = "Asked for it" });
        }

        var entries = await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?type=access.records_read.v1"), x => x.Count == 2);
        entries.Select(x => (string?)x["stream"]).Distinct().Should().ContainSingle();
        string.Concat(entries.Select(x => (string?)x["data"]!["query"])).Should().Be("[erased]");
    }

    [Fact]
    public async Task what_was_counted_since_is_recorded_when_a_node_stops()
    {
        await using var host = await NotifyHost.StartAsync();
        await using (var second = await NotifyHost.StartAsync(["Notify:Access:RecordReads=true"], sameStoreAs: host))
        {
            for (var i = 0; i < 5; i++) await second.GetAsync("users");
        }

        var entries = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("audit?type=access.records_read.v1"), x => x.Sum(e => (int)e["data"]!["count"]!) == 5);
        entries.Should().HaveCountLessThanOrEqualTo(2).And.OnlyContain(x => (string?)x["actor"]!["name"] == "bootstrap");
    }
}
