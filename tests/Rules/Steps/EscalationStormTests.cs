using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Contracts.Alarms;
using Notify.Testing;
using Npgsql;

namespace Notify.Rules.Tests.Steps;

/// <summary>Ten thousand alarms to which nobody reacts, through the whole of Notify. Its clock is put forward to the escalation; a minute of the
/// robot holds more than WeCom's, at both ends, so that a test need not last as long as the storm.</summary>
public sealed partial class EscalationStormTests : IAsyncLifetime
{
    private const int Count = 10_000;
    private const int Batch = 500;
    private const int RobotLimit = 240;
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(5);
    private static readonly AlarmLevel[] levels = [AlarmLevel.Low, AlarmLevel.Critical, AlarmLevel.Medium, AlarmLevel.High];

    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(
        [string.Create(CultureInfo.InvariantCulture, $"Notify:WeCom:BotLimitPerMinute={RobotLimit}")], options => options.RobotLimit = RobotLimit,
        services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_storm_to_which_nobody_reacts_escalates_merged_within_the_limit_the_most_urgent_first_and_nobody_is_told_twice()
    {
        await MakeRuleAsync();
        var ids = new string[Count];
        for (var first = 0; first < Count; first += Batch)
        {
            var answer = await host.PostAsync("alarms", new { alarms = Enumerable.Range(first, Batch).Select(i => Alarm(i, "ActiveUnacked")) });
            foreach (var (n, accepted) in answer["accepted"]!.AsArray().Index()) ids[first + n] = (string)accepted!["alarmId"]!;
        }

        await WaitForAsync(Count);

        // Of every tenth somebody takes care: most of them at the source, some in Notify.
        int[] seen = [.. Enumerable.Range(0, Count).Where(i => i % 10 == 7)];
        foreach (var some in seen[100..].Chunk(Batch)) await host.PostAsync("alarms", new { alarms = some.Select(i => Alarm(i, "ActiveAcked")) });
        await Parallel.ForEachAsync(seen[..100], async (i, _) =>
            (await host.SendAsync("POST", $"alarms/{ids[i]}/acknowledge", new { note = "On my way" })).Status.Should().Be(200));
        await WaitForAsync(Count - seen.Length);
        clock.Advance(TimeSpan.FromMinutes(16));

        var expected = Enumerable.Range(0, Count).Except(seen).Select(LeafOf).ToList();
        await Eventually.GetAsync(() => Task.FromResult(Told().Count), told => told >= expected.Count, patience);
        await WaitForAsync(0);
        var notifications = await Eventually.GetAsync(
            ReadAsync, x => x.Count(n => (string?)n["status"] == "Delivered") == expected.Count, patience);

        // In order, since comparing two sets of this size takes minutes.
        Told().Order(StringComparer.Ordinal).Should().Equal(expected);
        notifications.Should().HaveSameCount(expected);
        host.WeCom.Counters.Rejected.Should().Be(0, "the stand-in refuses what is more than the limit in a minute");
        var texts = host.WeCom.Received.Select(x => x.Text).ToList();
        texts.Should().OnlyContain(x => x.StartsWith("【升级 Escalation】")).And.Contain(x => x.Contains("alarms / 条报警"));
        texts.Should().HaveCountLessThan(expected.Count / 10);
        var inTurn = notifications.Select(x => ((string)x["attempts"]![0]!["startedAt"]!, Level: Enum.Parse<AlarmLevel>((string)x["level"]!)))
            .Order().Select(x => x.Level).ToList();
        inTurn.Should().BeInAscendingOrder("the most urgent leave first");
        inTurn.Distinct().Should().HaveCount(levels.Length);
    }

    /// <summary>Nobody is told at once, so that everything the robot gets is an escalation.</summary>
    private async Task MakeRuleAsync()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        (await host.SendAsync("DELETE", $"rules/{example.RuleId}", null, "If-Match", "\"1\"")).Status.Should().Be(204);
        await host.PostAsync("rules", new
        {
            name = "Nobody reacts",
            criteria = new { states = new[] { "ActiveUnacked" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId,
                    after = new { minutes = 15, unless = "acknowledged" }, receivers = new[] { new { kind = "bot", alias = "Line 2" } },
                },
            },
        });
    }

    private static object Alarm(int i, string state) => new
    {
        name = "High pressure",
        path = string.Create(CultureInfo.InvariantCulture, $"Plant/Area{i / 2000}/Line{i / 200 % 10}/{LeafOf(i)}"),
        level = levels[i % levels.Length].ToString(),
        state,
        eventTime = TimeProvider.System.GetUtcNow(),
    };

    private static string LeafOf(int i) => string.Create(CultureInfo.InvariantCulture, $"Unit{i:00000}");

    /// <summary>As a reader of the group sees them.</summary>
    private List<string> Told() => [.. host.WeCom.Received.SelectMany(x => Leaf().Matches(x.Text)).Select(x => x.Value)];

    /// <summary>Until so many steps wait.</summary>
    private Task<long> WaitForAsync(int steps) => Eventually.GetAsync(
        async () =>
        {
            await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
                "select count(*) from notify.step where due_at is not null");
            return (long)(await command.ExecuteScalarAsync())!;
        },
        x => x == steps, patience);

    private Task<List<JsonObject>> ReadAsync() => host.Client.GetAllFromAsync("notifications?receiver=Line 2");

    [GeneratedRegex("Unit[0-9]{5}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Leaf();
}
