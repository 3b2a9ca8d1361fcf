using Microsoft.Extensions.DependencyInjection;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>A node's clock is set while it works; the database's is not.</summary>
public sealed class ClockChangeTests : IAsyncLifetime
{
    private readonly SetClock clock = new();
    private NotifyHost host = null!;

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Wrong { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Wrong;
    }

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(replace: x => x.AddSingleton<TimeProvider>(clock));
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_clock_that_is_set_back_keeps_its_lanes_and_they_go_on()
    {
        await PostAsync("Before");
        await host.WeCom.WaitForAsync(x => x.Delivered);
        clock.Wrong = -TimeSpan.FromHours(1);
        var until = await LeaseUntilAsync();
        await Eventually.GetAsync(LeaseUntilAsync, x => x > until + TimeSpan.FromSeconds(3));
        await PostAsync("After");
        await host.WeCom.WaitForAsync(x => x.Delivered, count: 2);
        await DeliveredAsync(2);
    }

    [Fact]
    public async Task a_clock_that_is_set_forward_neither_loses_nor_repeats_what_waits_for_its_retry()
    {
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 45009, Count = 1 }); // wait for a minute
        await PostAsync("Retried");
        await Eventually.GetAsync(() =>
            host.GetAsync("notifications?status=Scheduled"), x => x["items"]!.AsArray() is [var one] && one!["retryAt"] is not null);
        clock.Wrong = TimeSpan.FromHours(1);
        await host.WeCom.WaitForAsync(x => x.Delivered);
        await DeliveredAsync(1);
        clock.Wrong = TimeSpan.Zero;
        await PostAsync("Next");
        await host.WeCom.WaitForAsync(x => x.Delivered, count: 2);
        await DeliveredAsync(2);
    }

    private async Task PostAsync(string name) => await host.PostAsync("alarms", new { alarms = new[] { new { name } } });

    private async Task DeliveredAsync(int count)
    {
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == count);
        host.WeCom.Received.Count(x => x.Delivered).Should().Be(count, "each arrives once");
    }

    private async Task<DateTimeOffset> LeaseUntilAsync()
    {
        await using var database = NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = database.CreateCommand("select max(lease_until) from notify.lane where id like 'wecom/robot/%'");
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!);
    }
}
