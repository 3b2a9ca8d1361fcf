using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.History;

/// <summary>Rows taken out of the index hide entries from every search; a verification finds that, and a rebuild puts them back.</summary>
public sealed class IndexCheckTests
{
    [Fact]
    public async Task what_is_taken_out_of_the_index_is_found_and_comes_back_with_a_rebuild()
    {
        await using var host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", description = "The bearing is worn", path = "Site1" } } });
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 1);
        // Of an event of which something was erased, and of one that may be found by more than it contains, nothing is said.
        (await host.SendAsync("POST", "audit/erasures", new { subject = "worn", reason = "Asked for it" })).Status.Should().Be(200);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Pump", description = "The valve is stuck" } } });
        (await FindingsAsync()).Should().BeEmpty();
        foreach (var damage in (string[])[
            "delete from notify.audit_posting where term in (select term from notify.audit_term where value = 'rules.rule_created.v1')",
            "delete from notify.audit_posting where term in (select term from notify.audit_term where field = 2)",
            "update notify.audit_posting set offsets = '\\x' where term in (select term from notify.audit_term where field = 3 and value like 'pump%')",
            "delete from notify.audit_posting where term in (select term from notify.audit_term where field = 3 and value like 'pump%')",
            "delete from notify.audit_term where field = 3 and value like 'pump%'", "update notify.audit_term set value = 'x' where field = 1",
            "delete from notify.audit_body", "update notify.audit_body set grams = decode(repeat('00', 512), 'hex')", "delete from notify.audit_span",
            "update notify.audit_span set min_at = max_at + interval '1 day', max_at = max_at + interval '1 day'", "delete from notify.audit_term where term = 0; delete from notify.audit_posting",
        ])
        {
            (await host.ChangeAsync(damage)).Should().BePositive(damage);
            (await FindingsAsync()).Should().NotBeEmpty(damage).And.OnlyContain(
                x => x.StartsWith("The index of the history was changed: by something that the event ", StringComparison.Ordinal));
            (await host.SendAsync("POST", "audit/rebuild")).Status.Should().Be(202);
            await Eventually.GetAsync(() => host.GetAsync("audit/rebuild"), x => !(bool)x["rebuild"]!["running"]!);
            (await FindingsAsync()).Should().BeEmpty(damage);
        }

        async Task<List<string>> FindingsAsync() =>
            [.. (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray().Select(x => (string)x!["explanation"]!)];
    }
}
