using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

/// <summary>What escalates, and what would, by a what-if over REST: with what was acknowledged as it is on record.</summary>
public sealed class WhatIfStepsTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;
    private string rule = "";

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(
            ["Notify:Replays:ChunkSize=2"], replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        rule = (string)(await host.PostAsync("rules", new
        {
            name = "Nobody reacts",
            criteria = new { states = new[] { "ActiveUnacked" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId,
                    after = new { minutes = 15 }, receivers = new[] { new { kind = "bot", alias = "Line 2" } },
                },
            },
        }))["id"]!;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private Task<JsonObject> StepsAsync(string type, int count) => Eventually.GetAsync(
        () => host.GetAsync($"audit?type=rules.step_{type}.v1&limit=1000"), x => x["items"]!.AsArray().Count == count);

    private async Task<(JsonObject Result, List<JsonNode> Steps, string Id)> WhatIfAsync(int? minutes, string? receiver = null)
    {
        var draft = await host.GetAsync($"rules/{rule}");
        if (minutes is { } after) draft["actions"]![0]!["after"] = new JsonObject { ["minutes"] = after };
        else draft["actions"]![0]!.AsObject().Remove("after");
        var id = await host.ReplayAsync("whatIf", new JsonObject
        {
            ["rules"] = new JsonArray(draft),
            ["to"] = clock.GetUtcNow().ToString("O"),
            ["filter"] = new JsonObject { ["receiver"] = receiver },
        });
        var result = (await host.WaitForReplayAsync(id))["result"]!.AsObject();
        var differences = JsonNode.Parse(await host.ReportAsync(id))!["differences"]!.AsArray();
        return (result, [.. differences.SelectMany(x => x!["steps"]?.AsArray() ?? []).Select(x => x!)], id);
    }

    private static JsonNode Of(JsonObject result, string receiver) =>
        result["receivers"]!.AsArray().Single(x => (string?)x!["receiver"] == receiver)!;

    [Fact]
    public async Task escalations_are_tried_with_the_acknowledgements_on_record()
    {
        // Nobody reacts to the first; the second is acknowledged after ten minutes, the third after twenty.
        await host.RaiseAsync("Ignored");
        var (seen, late) = (await host.RaiseAsync("Seen"), await host.RaiseAsync("Late"));
        await StepsAsync("planned", 3);
        clock.Advance(TimeSpan.FromMinutes(10));
        await host.PostAsync($"alarms/{seen}/acknowledge", new { note = "On my way" });
        await StepsAsync("stopped", 1);
        clock.Advance(TimeSpan.FromMinutes(10));
        await StepsAsync("performed", 2);
        await host.PostAsync($"alarms/{late}/acknowledge", new { note = "On my way" });
        await Eventually.GetAsync(
            () => host.GetAsync("audit?type=rules.alarm_decided.v1&limit=1000"), x => x["items"]!.AsArray().Count == 5);
        clock.Advance(TimeSpan.FromMinutes(20));

        var same = await WhatIfAsync(15);
        ((int)same.Result["decisions"]!, (int)same.Result["different"]!).Should().Be((5, 0));
        ((int)Of(same.Result, "bot:Line 2")["recordedSteps"]!, (int)Of(same.Result, "bot:Line 2")["wouldBeSteps"]!).Should().Be((2, 2));

        var sooner = await WhatIfAsync(5);
        sooner.Steps.Select(x => x["recorded"] is not null).Should().BeEquivalentTo([true, true, false], "the second would have escalated too");
        sooner.Steps.Should().OnlyContain(x => x["wouldBe"] != null && (string)x["kind"]! == "escalation" && (string)x["receiver"]! == "bot:Line 2");
        var figures = Of(sooner.Result, "bot:Line 2");
        ((int)figures["more"]!, (int)figures["sooner"]!, (int)figures["newly"]!).Should().Be((1, 2, 1));

        var later = await WhatIfAsync(30);
        later.Steps.Select(x => x["wouldBe"] is not null).Should().BeEquivalentTo([true, false], "the third was acknowledged before");
        ((int)Of(later.Result, "bot:Line 2")["noLonger"]!, (int)Of(later.Result, "bot:Line 2")["later"]!).Should().Be((1, 1));
        (await host.ReportAsync(later.Id, "format=html&lang=en")).Should().Contain("bot:Line 2: escalation (Nobody reacts) ");
        (await host.ReportAsync(later.Id, "format=html&lang=zh")).Should().Contain("bot:Line 2: 升级通知 (Nobody reacts) ");

        var atOnce = await WhatIfAsync(null);
        ((int)Of(atOnce.Result, "bot:Line 2")["wouldBe"]!, (int)Of(atOnce.Result, "bot:Line 2")["wouldBeSteps"]!).Should().Be((3, 0));
        (await WhatIfAsync(5, "bot:Line 1")).Steps.Should().BeEmpty();
    }
}
