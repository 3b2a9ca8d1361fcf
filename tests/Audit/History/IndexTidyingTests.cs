using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Tests.Proofs;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.History;

/// <summary>The index knows nothing of what was removed from the history.</summary>
public sealed class IndexTidyingTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(["Notify:Audit:UpgradeCheckInterval=00:00:00.05"]);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_note_that_expired_is_in_no_table_and_its_alarm_s_name_is_found_where_it_still_is()
    {
        const string Note = "The seal was replaced by the night shift";
        await AcknowledgeAsync("Motor too hot", Note);
        await AcknowledgeAsync("Pump", "Nothing to see");
        await Verifiers.SignAsync(host);
        (await TablesWithAsync(Note)).Should().Contain(["notify.audit_term", "notify.mt_events"]);

        (await RetentionTests.ExpireAsync(host, "alarm", days: 31)).Should().BePositive();
        await TidiedAsync();

        (await TablesWithAsync(Note)).Should().BeEmpty();
        (await FoundAsync(Note)).Should().BeEmpty();
        // Decisions have not expired.
        (await FoundAsync("Motor too hot")).Should().Contain("rules.alarm_decided.v1").And.NotContain("alarms.alarm_reported.v1");
    }

    [Fact]
    public async Task an_erased_name_that_is_recorded_again_finds_only_what_has_it()
    {
        const string Note = "wangwu was told";
        await AcknowledgeAsync("Motor too hot", Note);
        (await FoundAsync("wangwu")).Should().Equal("alarms.alarm_acknowledged.v1");
        (await host.SendAsync("POST", "audit/erasures", new { subject = "wangwu", reason = "Asked for it" })).Status.Should().Be(200);
        await TidiedAsync();

        await AcknowledgeAsync("Pump", Note);
        (await FoundAsync("wangwu")).Should().Equal("alarms.alarm_acknowledged.v1");
        (await FoundAsync("Motor too hot")).Should().Contain("alarms.alarm_reported.v1");
    }

    private async Task AcknowledgeAsync(string name, string note)
    {
        var reported = await host.PostAsync("alarms", new { alarms = new[] { new { name, state = "ClearedUnacked" } } });
        await host.PostAsync($"alarms/{reported["accepted"]![0]!["alarmId"]}/acknowledge", new { note });
    }

    private async Task<List<string>> FoundAsync(string text) =>
        [.. (await host.Client.GetAllFromAsync($"audit?text={Uri.EscapeDataString(text)}")).Select(x => (string)x["type"]!)];

    private async Task<List<string>> TablesWithAsync(string text) =>
        [.. (await DatabaseText.ReadAsync(host)).TablesWith(text).Where(x => x.StartsWith("notify.", StringComparison.Ordinal))];

    private async Task TidiedAsync()
    {
        (await host.Services.GetRequiredService<EventFollower>().CatchUpAsync(TimeSpan.FromSeconds(30), default)).Should().BeTrue();
        await Eventually.GetAsync(
            async () =>
            {
                await using var left = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
                    "select detail from notify.audit_term where term = 0");
                return await left.ExecuteScalarAsync();
            },
            x => x is DBNull);
    }
}
