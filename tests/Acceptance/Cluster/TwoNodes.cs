using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Cluster;

/// <summary>Two nodes, started at the same time on an empty database, with one rule that tells two robots of everything.</summary>
public sealed class TwoNodes : IAsyncLifetime
{
    private static readonly object[] twoRobots = [new { kind = "bot", alias = "Line 1" }, new { kind = "bot", alias = "Line 2" }];
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("notify-keys-");

    public WeComStandIn WeCom { get; private set; } = null!;
    public PrivatePostgres Database { get; private set; } = null!;
    public NotifyProcess First { get; private set; } = null!;
    public NotifyProcess Second { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        WeCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        Database = await PrivatePostgres.StartNewAsync();
        var nodes = await Task.WhenAll(StartNodeAsync(), StartNodeAsync());
        (First, Second) = (nodes[0], nodes[1]);
        await Example.MakeAsync(First.Client, WeCom, twoRobots);
    }

    public async Task DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Database.DisposeAsync();
        await WeCom.DisposeAsync();
        keys.Delete(recursive: true);
    }

    private Task<NotifyProcess> StartNodeAsync() =>
        NotifyProcess.StartNodeAsync(Database, Path.Combine(keys.FullName, "master.key"), WeCom.BaseUrl, "Notify:WeCom:BotLimitPerMinute=0");
}
