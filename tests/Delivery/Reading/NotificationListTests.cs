using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Delivery.Notifications;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>The list of notifications by what it can be filtered by, where what fits is near and far among all.</summary>
public sealed class NotificationListTests : IAsyncLifetime
{
    private readonly List<DateTime> bundles = [];
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"], weCom => weCom.RobotLimit = 0);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task every_filter_finds_just_what_fits_newest_first_on_pages_of_any_size()
    {
        await MakeNotificationsAsync();
        await CompareAsync();
        // As after the upgrade that brought the spans.
        await host.ExecuteAsync("truncate notify.notification_span");
        foreach (var spans in host.Services.GetServices<IHostedService>().OfType<NotificationSpans>()) await spans.StartAsync(CancellationToken.None);
        await CompareAsync();
    }

    private async Task CompareAsync()
    {
        var all = await host.Client.GetAllFromAsync("notifications");
        all.Should().HaveCount(27).And.Contain(x => Of(x, "status") == "Failed");
        string?[] rules = [null, .. all.Select(x => Of(x, "ruleId")).Distinct(), "rule-unknown"];
        string?[] services = [null, Of(all[0], "serviceId")];
        foreach (var rule in rules)
            foreach (var service in services)
                foreach (var receiver in (string?[])[null, "ＬINE 2", "LiSi", "nobody"])
                    foreach (var status in (string?[])[null, "Delivered", "Failed"])
                    {
                        (string Name, string? Value)[] given = [("ruleId", rule), ("serviceId", service), ("receiver", receiver), ("status", status)];
                        string[] filters = [.. given.Where(x => x.Value is not null).Select(x => $"{x.Name}={Uri.EscapeDataString(x.Value!)}")];
                        var expected = all.Where(x => (rule is null || Of(x, "ruleId") == rule) && (service is null || Of(x, "serviceId") == service)
                            && (status is null || Of(x, "status") == status) && (receiver is null || IsFor(x, receiver))).Select(x => Of(x, "id"));
                        (await PagesAsync(string.Join('&', filters), filters.Length % 2 == 0 ? 1000 : 4)).Should()
                            .Equal(expected, string.Join('&', filters));
                    }

        var alarm = Of(all[5], "alarmId");
        (await PagesAsync($"alarmId={alarm}", 2)).Should().Equal(all.Where(x => Of(x, "alarmId") == alarm).Select(x => Of(x, "id")));
        (await PagesAsync($"from={bundles[1]:O}&to={bundles[2]:O}&receiver=zhangsan", 2)).Should()
            .Equal(all.Where(x => Of(x, "alarmName").StartsWith("Alarm 1", StringComparison.Ordinal) && IsFor(x, "zhangsan"))
                .Select(x => Of(x, "id")));
    }

    /// <summary>Nine alarms in three bundles, far from each other; each is told of by two rules to robots and by one to an account. One robot
    /// refuses.</summary>
    private async Task MakeNotificationsAsync()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await AddRuleAsync(example, "Accounts", [new { kind = "account", account = "zhangsan" }, new { kind = "account", account = "lisi" }]);
        await AddRuleAsync(example, "Second robot", [new { kind = "bot", alias = "Line 2" }]);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 44004, Robot = Example.SecondRobotKey });
        foreach (var (i, position) in ((int, int)[])[(0, 2046), (1, 7_000), (2, 900_000)])
        {
            await host.ExecuteAsync($"select setval('notify.mt_events_sequence', {position})");
            bundles.Add(DateTime.UtcNow);
            await host.PostAsync("alarms", new { alarms = Enumerable.Range(0, 3).Select(n => new { name = $"Alarm {i} {n}" }) });
            await Eventually.GetAsync(
                () => host.GetAsync("notifications?limit=1000"),
                x => x["items"]!.AsArray() is var items && items.Count == 9 * (i + 1)
                && items.All(n => (string)n!["status"]! is "Delivered" or "Failed"));
        }
    }

    private async Task AddRuleAsync(Example example, string name, object[] receivers) => await host.PostAsync("rules", new
    {
        name,
        criteria = new { states = new[] { "ActiveUnacked" } },
        actions = new[] { new { type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId,
        receivers } },
    });

    private async Task<List<string>> PagesAsync(string filter, int limit)
    {
        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = await host.GetAsync($"notifications?limit={limit}&{filter}{cursor}");
            var items = page["items"]!.AsArray();
            items.Count.Should().BeLessThanOrEqualTo(limit);
            ids.AddRange(items.Select(x => (string)x!["id"]!));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        return ids;
    }

    private static string Of(JsonObject notification, string field) => (string)notification[field]!;

    private static bool IsFor(JsonObject notification, string receiver) => notification["receivers"]!.AsArray().Any(x =>
        Kernel.Names.Same((string?)x!["alias"], receiver) || string.Equals((string?)x["account"], receiver, StringComparison.OrdinalIgnoreCase));
}
