using Notify.Testing;

namespace Notify.Operation.Tests;

public sealed class NodeLifeTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_node_and_its_settings_are_shown_and_its_start_stop_and_schema_are_on_record_with_secrets_only_as_fingerprints()
    {
        var running = (await host.GetAsync("operation/nodes"))["items"]!.AsArray().Should().ContainSingle().Which!;
        running["isAlive"]!.GetValue<bool>().Should().BeTrue();
        running["isThis"]!.GetValue<bool>().Should().BeTrue();
        running["process"]!.GetValue<int>().Should().Be(Environment.ProcessId);
        running["version"]!.GetValue<string>().Should().NotBeEmpty();
        running["settings"]!["Notify:Auth:BootstrapKey"]!.GetValue<string>().Should().StartWith("fingerprint ");
        await using (await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=7"], sameStoreAs: host))
        {
            // started, and stopped at the end of this block
        }

        var entries = await host.Client.GetAllFromAsync("audit?module=kernel");
        entries.Select(x => x["type"]!.GetValue<string>()).Should().Equal(
            "kernel.schema_changed.v1", "kernel.master_key_recorded.v1", "kernel.node_started.v1", "kernel.node_started.v1",
            "kernel.node_stopped.v1");
        entries[0]["data"]!["added"]!.ToJsonString().Should().Contain("notify.mt_events.data jsonb not null");
        var settings = entries[3]["data"]!["settings"]!;
        settings["Notify:WeCom:BotLimitPerMinute"]!.GetValue<string>().Should().Be("7");
        settings["Notify:Auth:BootstrapKey"]!.GetValue<string>().Should().StartWith("fingerprint ");
        entries.Should().OnlyContain(x => !x.ToJsonString().Contains(NotifyHost.AdminKey, StringComparison.Ordinal));
        entries[3]["changes"]!.ToJsonString().Should().Contain("""{"path":"settings.Notify:WeCom:BotLimitPerMinute","from":null,"to":"7"}""");
    }

    [Fact]
    public async Task a_backup_is_reported_by_who_made_it_and_the_last_one_is_shown()
    {
        (await host.GetAsync("operation/backup"))["last"].Should().BeNull();
        (await host.SendAsync("POST", "operation/backup")).Status.Should().Be(200, "nothing need be said of it");
        var taken = TimeProvider.System.GetUtcNow().AddHours(-3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        await host.PostAsync("operation/backup", new { takenAt = taken, note = " pg_dump to the vault " });
        var last = (await host.GetAsync("operation/backup"))["last"]!;
        ((string)last["takenAt"]!, (string)last["note"]!, (string)last["reportedBy"]!["name"]!).Should()
            .Be((taken, "pg_dump to the vault", "bootstrap"));
        (await host.SendAsync("POST", "operation/backup", new { takenAt = "2999-01-01T00:00:00Z", note = new string('x', 501) })).Faults
            .Should().BeEquivalentTo("takenAt", "note");
        var entry = (await host.GetAsync("audit?type=operation.backup_reported.v1&order=desc&limit=1&lang=en"))["items"]![0]!;
        ((string)entry["summary"]!).Should().Contain("pg_dump to the vault");
    }

    [Theory]
    [InlineData("kernel.node_started.v1")]
    [InlineData("kernel.schema_changed.v1")]
    public async Task an_event_that_somebody_has_spoilt_keeps_no_node_from_starting_or_being_shown(string type)
    {
        await host.ExecuteAsync($"update notify.mt_events set data = '[]' where type = '{type}'");
        await using var other = await NotifyHost.StartAsync(sameStoreAs: host);
        (await host.GetAsync("operation/nodes"))["items"]!.AsArray().Should().NotBeEmpty();
    }

    [Fact]
    public async Task a_change_of_the_schema_behind_notifys_back_is_found_at_the_next_start()
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using (var command = database.CreateCommand(
            "create function notify.trapdoor() returns int language sql as 'select 1'")) await command.ExecuteNonQueryAsync();
        await using (await NotifyHost.StartAsync(sameStoreAs: host))
        {
            var entries = await host.Client.GetAllFromAsync("audit?type=kernel.schema_changed.v1");
            entries[^1]["data"]!["added"]!.AsArray().Should().ContainSingle().Which!.GetValue<string>().Should().Contain("trapdoor");
        }
    }
}
