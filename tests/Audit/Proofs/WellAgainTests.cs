using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>"Well again" is told of what was wrong, and of nothing else.</summary>
public sealed class WellAgainTests
{
    [Fact]
    public async Task a_start_and_a_verification_where_nothing_is_wrong_send_no_message()
    {
        await using var host = await NotifyHost.StartAsync();
        (await host.SendAsync("GET", "audit/checkpoint")).Status.Should().Be(200);
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        (await RaisedAsync(host)).Should().Be(0);
    }

    /// <summary>A message that was handled stays in the inbox for half a minute.</summary>
    private static async Task<long> RaisedAsync(NotifyHost host)
    {
        await using var database = NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = database.CreateCommand(
            "select count(*) from wolverine.wolverine_incoming_envelopes where message_type like 'notify.alarms.raise-alarm%'");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
