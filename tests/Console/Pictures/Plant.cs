using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Console.Tests.Pictures;

/// <summary>A plant at work, so that there is something to see on every page.</summary>
public sealed class Plant(ConsoleHost host)
{
    private static readonly (string Path, string Name, string Level, string Value, string Description)[] points =
    [
        ("Boiler house/Boiler 2", "Steam pressure high", "Critical", "9.7 bar", "Safety valve opens at 10 bar"),
        ("Boiler house/Boiler 2", "Feed water level low", "High", "31 %", "Below 35 % for a minute"),
        ("Boiler house/Boiler 1", "Flue gas temperature high", "Medium", "214 °C", "Clean the economiser"),
        ("Line 1/Packing", "Conveyor motor overload", "High", "118 %", "Thermal relay about to trip"),
        ("Line 1/Filling", "Nozzle 4 blocked", "Medium", "0.2 l/min", ""),
        ("Line 2/Filling", "CIP conductivity out of range", "High", "41 mS/cm", "Rinse again before the next batch"),
        ("Line 2/Packing", "Reject rate high", "Low", "3.1 %", "Last 500 packs"),
        ("Utilities/Chiller 1", "Compressor tripped", "Critical", "trip 17", "High discharge pressure"),
        ("Utilities/Air", "Compressed air dew point high", "Low", "6 °C", ""),
        ("Utilities/Power", "Feeder B phase imbalance", "Medium", "4.8 %", ""),
        ("Warehouse/Cold store", "Room temperature high", "High", "-14.2 °C", "Limit -18 °C"),
        ("Water treatment/pH", "Neutralisation pH low", "Medium", "5.9", "Check the dosing pump"),
    ];

    private HttpClient Client => host.Notify.Client;

    /// <summary>Addresses of pages of one thing.</summary>
    public List<string> Pages { get; } = [];

    /// <summary>The link in one of the messages.</summary>
    public string AcknowledgeLink { get; private set; } = "";

    public async Task BuildAsync()
    {
        await host.EnsureSetUpAsync();
        var people = new List<string>();
        foreach (var (userName, name, role) in new[] { ("li.si", "李四", "operator"), ("wang.wu", "王五", "engineer"), ("chen.liu", "陈六", "auditor") })
            people.Add((string)(await Client.PostToAsync("users", new
            {
                userName,
                name,
                roles = new[] { role },
                signIn = "password",
                email = $"{userName}@plant.example",
                wecomAccount = userName,
            }))["id"]!);
        await Client.PostToAsync("groups", new { name = "夜班 Night shift", description = "Boiler house and utilities", members = people });

        var chats = new[] { "锅炉房 Boiler house", "一号线 Line 1", "二号线 Line 2", "公用工程 Utilities", "仓库 Warehouse", "水处理 Water treatment" };
        var keys = chats.Select(_ => Guid.NewGuid().ToString()).ToArray();
        var robots = await Client.PostToAsync("services", new
        {
            type = "wecom",
            name = "WeCom groups",
            description = "The group chats of the shifts",
            wecom = new { bots = keys.Zip(chats, (key, chat) => new { alias = chat, webhookUrl = host.WeCom.RobotUrl(key) }) },
        });
        var mail = await Client.PostToAsync("services", new
        {
            type = "email",
            name = "Mail server of the plant",
            description = "For people who are not in WeCom",
            email = new { host = "mail.plant.example", from = "notify@plant.example" },
        });
        var message = await Client.PostToAsync("messages", new
        {
            type = "wecom",
            name = "Alarm, short",
            description = "For the group chats",
            format = "text",
            content = "[{level}] {name}: {state}\n{path} = {value}\n{description}\n{urlPath}",
        });
        var text = await Client.PostToAsync("messages", new
        {
            type = "email",
            name = "Alarm by mail",
            subject = "[{level}] {name}",
            content = "{name} at {path} is {state}: {value}",
        });
        var always = (await Client.GetFromAsync("schedules?search=Default"))["items"]![0]!;
        await Client.PostToAsync("schedules", new
        {
            kind = "standard",
            name = "Day shift",
            description = "Engineers on site",
            timeZone = "Asia/Shanghai",
            start = "2026-01-01",
            weekly = new[] { "monday", "tuesday", "wednesday", "thursday", "friday" }
                .ToDictionary(x => x, _ => new[] { new { from = "08:00:00", to = "17:29:59" } }),
        });
        await Client.PostToAsync("schedules", new
        {
            kind = "holiday",
            name = "National Day 国庆节",
            timeZone = "Asia/Shanghai",
            from = "2026-10-01",
            to = "2026-10-07",
        });

        object Way(string chat, object? after = null, object? repeat = null) => new
        {
            type = "wecom",
            serviceId = robots["id"],
            messageId = message["id"],
            scheduleId = always["id"],
            after,
            repeat,
            receivers = new[] { new { kind = "bot", alias = chat } },
        };
        var escalating = await Client.PostToAsync("rules", new
        {
            name = "Boiler house, critical and high",
            description = "The shift at once; the night shift by mail if nobody reacts",
            criteria = new
            {
                states = new[] { "ActiveUnacked", "ClearedUnacked" },
                levels = new[] { "Critical", "High" },
                paths = new[] { "Boiler house/**" },
            },
            actions = new[]
            {
                Way(chats[0], repeat: new { everyMinutes = 10, atMost = 5, until = "acknowledged" }),
                Way(chats[3], after: new { minutes = 15, unless = "acknowledged" }),
                new
                {
                    type = "email", serviceId = mail["id"], messageId = text["id"], scheduleId = always["id"],
                    receivers = new[] { new { kind = "user", account = people[1] } }, after = new { minutes = 30, unless = "acknowledged" },
                },
            },
        });
        foreach (var chat in chats[1..])
        {
            var area = chat[(chat.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            await Client.PostToAsync("rules", new
            {
                name = area,
                description = $"Everything of {area}",
                criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { area + "/**" } },
                actions = new[] { Way(chat) },
            });
        }

        const int rounds = 4;
        var (begin, ids) = (TimeProvider.System.GetUtcNow(), new List<string>());
        for (var round = 0; round < rounds; round++)
        {
            var isLast = round == rounds - 1;
            // One of the chats refuses what it gets for a while.
            if (isLast) host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 40058, Robot = keys[1], Count = 2 });
            // They come, clear, and come again; what is critical is rare.
            var reported = points.Where(x => x.Level != "Critical" || round >= rounds - 2).ToList();
            foreach (var point in reported) ids.Add(await ReportAsync(point, active: true));
            if (!isLast) foreach (var point in reported) await ReportAsync(point, active: false);
        }

        var told = await host.WeCom.WaitForAsync(x => x.Delivered && x.Text.Contains("/a/", StringComparison.Ordinal));
        AcknowledgeLink = new Uri(told[^1].Text.Split('\n').First(x => x.StartsWith("http", StringComparison.Ordinal))).AbsolutePath;
        var failed = await Eventually.GetAsync(
            () => Client.GetFromAsync("notifications?status=Failed"), x => x["items"]!.AsArray().Count > 0, TimeSpan.FromMinutes(2));
        await Client.PostToAsync($"alarms/{ids[^9]}/acknowledge", new { note = "Reset at the panel; motor cools down" });
        await SpreadAsync(but: ids[^12]);
        var now = TimeProvider.System.GetUtcNow();
        var replay = await Client.PostToAsync("replays", new { mode = "review", from = begin, to = now, reason = "What the shift saw" });
        await Eventually.GetAsync(
            () => Client.GetFromAsync($"replays/{replay["id"]}"), x => (string?)x["status"] == "Completed", TimeSpan.FromMinutes(2));
        Pages.AddRange(
        [
            $"alarms/{ids[^12]}", $"notifications/{failed["items"]![0]!["id"]}", $"rules/{escalating["id"]}", $"services/{robots["id"]}",
            $"messages/{message["id"]}", "schedules/new/standard", $"replays/{replay["id"]}", "audit/1",
        ]);
    }

    private async Task<string> ReportAsync((string Path, string Name, string Level, string Value, string Description) point, bool active) =>
        (string)(await Client.PostToAsync("alarms", new
        {
            alarms = new[]
            {
                new
                {
                    point.Name, point.Path, point.Level, point.Value, point.Description, ackMode = "manual",
                    state = active ? "ActiveUnacked" : "ClearedUnacked",
                },
            },
        }))["accepted"]![0]!["alarmId"]!;

    /// <summary>What was sent in a minute is shown as if it had been sent in a day: only in the table that lists read, and only here.</summary>
    /// <param name="but">An alarm whose times are read together.</param>
    private Task SpreadAsync(string but) => host.ExecuteAsync(
        $"""
        update notify.notification set requested_at = requested_at - make_interval(hours => (abs(hashtext(id)) % 29 * (abs(hashtext(id)) % 7)) % 24)
        where status <> 'Failed' and alarm_id <> '{but}'
        """);
}
