using System.Collections.Concurrent;
using Marten;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Verification;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Resources;
using Notify.Operation.Transfer;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Following;

public sealed class EventFollowerTests(EventFollowerTests.Plant plant) : IClassFixture<EventFollowerTests.Plant>
{
    private readonly RecordingStep step = plant.Step;
    private readonly NotifyHost host = plant.Host;
    private readonly NpgsqlDataSource database = plant.Host.Services.GetRequiredService<NpgsqlDataSource>();

    [Fact]
    public async Task an_event_that_is_committed_late_is_waited_for_and_comes_in_its_place()
    {
        await CatchUpAsync();
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await AppendAsync("export-late", transaction);
        await AppendAsync("export-early");

        (await Follower.CatchUpAsync(TimeSpan.FromMilliseconds(200), default)).Should().BeFalse();
        step.Streams.Should().NotContain("export-early");

        await transaction.CommitAsync();
        await CatchUpAsync();
        step.Streams.TakeLast(2).Should().Equal("export-late", "export-early");
        step.Sequences.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task alarms_are_accepted_whatever_is_wrong_with_following_so_health_is_degraded_at_worst()
    {
        await host.ExecuteAsync("alter table notify.follower_step rename to gone");
        using var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        ((int)ready.StatusCode, await ready.Content.ReadAsStringAsync()).Should().Match<(int Status, string Text)>(
            x => x.Status == 200 && x.Text.Contains("\"audit\":{\"status\":\"Degraded\"", StringComparison.Ordinal)
                && !x.Text.Contains("follower_step", StringComparison.Ordinal));
        await host.ExecuteAsync("alter table notify.gone rename to follower_step");
    }

    [Fact]
    public async Task numbers_of_what_was_rolled_back_are_passed_over()
    {
        await using (var connection = await database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await AppendAsync("export-undone", transaction);
            await AppendAsync("export-done");
            await transaction.RollbackAsync();
        }

        await CatchUpAsync();
        step.Streams.Should().Contain("export-done").And.NotContain("export-undone");
    }

    [Fact]
    public async Task transactions_that_took_no_number_hold_nothing_up()
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var other = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("select pg_current_xact_id()", connection)) await command.ExecuteScalarAsync();
        await using (var rolledBack = await database.OpenConnectionAsync())
        await using (await rolledBack.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand($"select nextval('{EventTables.Events}_sequence')", rolledBack);
            await command.ExecuteScalarAsync();
        }

        await AppendAsync("export-after-the-gap");
        await CatchUpAsync();
        step.Streams.Should().Contain("export-after-the-gap");
    }

    [Fact]
    public async Task a_step_that_fails_is_given_the_same_events_again()
    {
        await CatchUpAsync();
        step.Failures = 2;
        await AppendAsync("export-again");
        await Eventually.GetAsync(() => Task.FromResult(step.Streams), x => x.Contains("export-again"));
        step.Failures.Should().Be(0);
        step.Sequences.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task a_fault_is_over_for_this_node_too_when_another_has_got_past_it()
    {
        await CatchUpAsync();
        step.Failures = int.MaxValue;
        await AppendAsync("export-elsewhere");
        (await Follower.CatchUpAsync(TimeSpan.FromSeconds(30), default)).Should().BeFalse();
        var check = new FollowedCheck(Follower);
        (await check.CheckAsync(null!, default)).Should().ContainSingle();

        var steps = host.Services.GetServices<IEventStep>().Select(x => x == step ? new RecordingStep() : x);
        using var other = ActivatorUtilities.CreateInstance<EventFollower>(host.Services, steps);
        (await other.CatchUpAsync(TimeSpan.FromSeconds(30), default)).Should().BeTrue();
        (await check.CheckAsync(null!, default)).Should().BeEmpty();
        step.Failures = 0;
    }

    [Fact]
    public async Task two_nodes_hand_over_every_event_once_and_one_goes_on_when_the_other_stops()
    {
        var together = Task.WhenAll(Enumerable.Range(0, 40).Select(i => AppendAsync($"export-both-{i}")));
        await using (var second = await NotifyHost.StartAsync(sameStoreAs: host, replace: services => services.AddSingleton<IEventStep>(step)))
        {
            await together;
            await CatchUpAsync();
        }

        await AppendAsync("export-last");
        await Eventually.GetAsync(() => Task.FromResult(step.Streams), x => x.Contains("export-last"));
        step.Streams.Count(x => x.StartsWith("export-both-", StringComparison.Ordinal)).Should().Be(40);
        step.Sequences.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    private EventFollower Follower => host.Services.GetRequiredService<EventFollower>();

    private async Task CatchUpAsync() => (await Follower.CatchUpAsync(TimeSpan.FromSeconds(30), default)).Should().BeTrue();

    private async Task AppendAsync(string stream, NpgsqlTransaction? transaction = null)
    {
        var store = host.Services.GetRequiredService<IDocumentStore>();
        await using var session = transaction is null
            ? store.LightweightSession() : store.LightweightSession(SessionOptions.ForTransaction(transaction));
        var events = host.Services.GetRequiredService<EventBatches>().New();
        events.Append(stream, 1, new ConfigurationExported("json", new Dictionary<string, int>()), AuditContext.OfSystem("test"));
        events.QueueTo(session);
        await session.SaveChangesAsync();
    }

    public sealed class Plant : IAsyncLifetime
    {
        internal RecordingStep Step { get; } = new();
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync() => Host = await NotifyHost.StartAsync(replace: services => services.AddSingleton<IEventStep>(Step));

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }

    internal sealed class RecordingStep : IEventStep
    {
        private readonly ConcurrentQueue<(long Sequence, string Stream)> seen = new();

        public int Failures { get; set; }
        public List<string> Streams => [.. seen.Select(x => x.Stream)];
        public List<long> Sequences => [.. seen.Select(x => x.Sequence)];

        string IEventStep.Name => "recording";

        Task IEventStep.ApplyAsync(NpgsqlConnection connection, IReadOnlyList<EventRow> events, CancellationToken cancellation)
        {
            if (Failures > 0)
            {
                Failures--;
                throw new InvalidOperationException("This step fails.");
            }

            foreach (var e in events) seen.Enqueue((e.Sequence, System.Text.Encoding.UTF8.GetString(e.Stream.Span)));
            return Task.CompletedTask;
        }
    }
}
