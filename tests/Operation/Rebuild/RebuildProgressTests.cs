using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Testing;
using Npgsql;

namespace Notify.Operation.Tests.Rebuild;

/// <summary>How far a rebuild is, every node says, and also when the node that rebuilt is gone.</summary>
public sealed class RebuildProgressTests
{
    [Fact]
    public async Task every_node_shows_the_rebuild_of_another_and_starts_none_beside_it()
    {
        var held = new HeldModel();
        await using var first = await NotifyHost.StartAsync(replace: x => x.AddSingleton<IReadModel>(held));
        await using var second = await NotifyHost.StartAsync(sameStoreAs: first);
        ((bool)(await second.GetAsync("operation/rebuild"))["running"]!).Should().BeFalse("there was none yet");

        (await first.SendAsync("POST", "operation/rebuild", new { models = new[] { "lanes", "held" } })).Status.Should().Be(202);
        var seen = await Eventually.GetAsync(
            () => second.GetAsync("operation/rebuild"), x => x["models"]!.AsArray() is [_, { } last] && (long)last["checked"]! == 7);
        ((bool)seen["running"]!, (string)seen["models"]![0]!["model"]!).Should().Be((true, "lanes"));
        (await second.SendAsync("POST", "operation/rebuild", new { models = new[] { "lanes" } })).Status.Should().Be(409);

        held.End.SetResult();
        var ended = await Eventually.GetAsync(() => second.GetAsync("operation/rebuild"), x => !(bool)x["running"]!);
        ((string?)ended["failure"]).Should().BeNull();
        ended["endedAt"].Should().NotBeNull();
        ((long)ended["models"]![1]!["checked"]!).Should().Be(8);
        (await Eventually.GetAsync(
            () => second.SendAsync("POST", "operation/rebuild", new { models = new[] { "lanes" } }), x => x.Status != 409)).Status.Should().Be(202);
    }

    [Fact]
    public async Task a_rebuild_whose_node_is_gone_does_not_run_any_more_and_can_be_asked_for_again()
    {
        await using var host = await NotifyHost.StartAsync();
        await using (var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            insert into notify.rebuild (one, state) values (true,
              '{"id":"rebuild-x","running":true,"models":[{"model":"alarms","checked":5,"written":1,"removed":0,"unreadable":0}],"waiting":["lanes"],"startedAt":"2026-01-31T08:00:00Z"}')
            """))
            await command.ExecuteNonQueryAsync();
        var state = await host.GetAsync("operation/rebuild");
        ((bool)state["running"]!, (string)state["failure"]!).Should().Be((false, "The node that ran the rebuild has ended; start it again."));
        (await host.SendAsync("POST", "operation/rebuild", new { models = new[] { "lanes" } })).Status.Should().Be(202);
        await Eventually.GetAsync(() => host.GetAsync("operation/rebuild"), x => !(bool)x["running"]! && (string)x["id"]! != "rebuild-x");
    }

    private sealed class HeldModel : IReadModel
    {
        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "held";

        public IReadOnlyList<string> Tables => [];

        public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
        {
            report(new(7, 0, 0));
            await End.Task.WaitAsync(cancellation);
            return new(8, 0, 0);
        }
    }
}
