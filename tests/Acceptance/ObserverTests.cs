using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>The real program, watched by what throws at every measurement, span and log line.</summary>
public sealed partial class ObserverTests
{
    private const int Alarms = 300;

    [Fact]
    public async Task alarms_and_their_repeats_go_out_once_each_though_everything_that_observes_throws()
    {
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, int.MaxValue));
        await using var database = await TestPostgres.CreateDatabaseAsync();
        await using var notify = await NotifyProcess.StartHookedAsync(
            typeof(ThrowingObservers).Assembly, weCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}",
            "Notify:WeCom:BotLimitPerMinute=0");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);

        for (var i = 0; i < Alarms; i += 50)
            await notify.Client.PostToAsync("alarms", new { alarms = Enumerable.Range(i, 50).Select(x => new { name = $"Motor {x}." }) });
        await weCom.WaitForCountersAsync(x => x.Shown >= Alarms);
        Sent(weCom).Should().HaveCount(Alarms).And.OnlyContain(x => x.Value == 1);

        using var asked = await notify.Client.PostAsJsonAsync(
            "/api/v1/replays", new
            {
                mode = "redeliver",
                from = "2026-01-01T00:00:00Z",
                to = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture),
                reason = "once more"
            });
        var replay = (await asked.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonObject>())!["id"]!;
        var ended = await Eventually.GetAsync(() => notify.Client.GetFromAsync($"replays/{replay}"),
            x => (string)x["status"]! is not ("Pending" or "Running"), TimeSpan.FromMinutes(3));

        ((string)ended["status"]!, (int)ended["result"]!["sent"]!).Should().Be(("Completed", Alarms));
        Sent(weCom).Should().HaveCount(2 * Alarms).And.OnlyContain(x => x.Value == 1);
    }

    /// <summary>How often each alarm was told of, as it was and as a repeat.</summary>
    private static Dictionary<string, int> Sent(WeComStandIn weCom) =>
        weCom.Received.Select(x => (x.Body.Contains("Repeat", StringComparison.Ordinal) ? "again " : "") + Motor().Match(x.Body).Value)
            .CountBy(x => x, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

    [GeneratedRegex(@"Motor \d+\.", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Motor();
}
