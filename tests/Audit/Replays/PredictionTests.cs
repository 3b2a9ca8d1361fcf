using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

/// <summary>What a what-if predicts is what happens when the same alarms are then sent live, through the whole pipeline to the platform.</summary>
public sealed class PredictionTests : IAsyncLifetime
{
    private const int Alarms = 200;
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0", "Notify:WeCom:MemberLimitPerMinute=0",
            "Notify:WeCom:MemberLimitPerHour=0"], weCom => weCom.RobotLimit = 0);
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_prediction_is_what_then_happens()
    {
        var random = new Random(7);
        var alarms = Enumerable.Range(0, Alarms).Select(i => (
            Level: (string[])["Critical", "High", "Medium", "Low"] is var levels
            ? levels[random.Next(4)] : "", Path: $"Site1/Line{random.Next(1, 4)}",
            Team: random.Next(2) == 0 ? "ops" : "it")).ToList();
        await SendAsync(alarms, "then");
        await host.ChangeAsync($"rules/{example.RuleId}", x =>
        {
            x["criteria"]!["levels"] = new JsonArray("Critical", "High");
            x["criteria"]!["paths"] = new JsonArray("Site1/Line1", "Site1/Line2");
            x["actions"]![0]!["receivers"]!.AsArray().Add(new JsonObject { ["kind"] = "bot", ["alias"] = "Line 2" });
        });
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        await host.PostAsync("rules", new
        {
            name = "Ops",
            criteria = new { states = new[] { "ActiveUnacked" }, labels = new { team = "ops" } },
            actions = rule["actions"]!.DeepClone()
        });
        var replay = await host.ReplayAsync("whatIf");
        var predicted = (await host.WaitForReplayAsync(replay))["result"]!["receivers"]!.AsArray()
            .ToDictionary(x => (string)x!["receiver"]!, x => x!["wouldBe"]!.GetValue<int>(), StringComparer.Ordinal);

        var live = await SendAsync(alarms, "now");

        live.Should().BeEquivalentTo(predicted);
        predicted.Values.Sum().Should().BePositive().And.NotBe(2 * Alarms, "else nothing would be different");
    }

    /// <returns>By receiver: the notifications that these alarms led to.</returns>
    private async Task<Dictionary<string, int>> SendAsync(IReadOnlyList<(string Level, string Path, string Team)> alarms, string sourcePrefix)
    {
        var accepted = await host.PostAsync("alarms", new
        {
            alarms = alarms.Select(
                (x, i) => new { name = "Alarm", path = x.Path, level = x.Level, labels = new { team = x.Team }, sourceId = $"{sourcePrefix}-{i}" }),
        });
        var ids = accepted["accepted"]!.AsArray().Select(x => (string)x!["alarmId"]!).ToHashSet(StringComparer.Ordinal);
        var decisions = await Eventually.GetAsync(
            async () => (await host.Client.GetAllFromAsync("audit?type=rules.alarm_decided.v1"))
            .Where(x => ids.Contains((string)x["data"]!["alarmId"]!)).ToList(),
            x => x.Count == ids.Count);
        var expected = decisions.Sum(x => x["data"]!["notifications"]!.AsArray().Count);
        var all = await Eventually.GetAsync(
            async () => (await host.Client.GetAllFromAsync("notifications")).Where(x => ids.Contains((string)x["alarmId"]!)).ToList(),
            x => x.Count == expected && x.All(n => (string)n["status"]! is not ("Pending" or "Scheduled")), TimeSpan.FromSeconds(120));
        return all.Where(x => (string)x["status"]! == "Delivered").SelectMany(x => x["receivers"]!.AsArray())
            .CountBy(x => (string)x!["kind"]! == "bot" ? $"bot:{x["alias"]}" : $"account:{x["account"]}").ToDictionary(StringComparer.Ordinal);
    }
}
