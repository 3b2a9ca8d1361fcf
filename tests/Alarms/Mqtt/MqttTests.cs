using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MQTTnet;
using MQTTnet.Protocol;
using Notify.Testing;

namespace Notify.Alarms.Tests.Mqtt;

/// <summary>With a real broker: what it has delivered is acknowledged when it is on disk, and is one alarm however often it comes.</summary>
public sealed class MqttTests : IAsyncLifetime
{
    private Mosquitto broker = null!;
    private NotifyHost? host;

    public async Task InitializeAsync() => broker = await Mosquitto.StartAsync();

    public async Task DisposeAsync()
    {
        if (host is not null) await host.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task alarms_come_in_and_states_and_acknowledgements_go_out()
    {
        host = await StartAsync("Notify:Mqtt:StatesTopic=notify/{path}/{name}");
        var states = new ConcurrentQueue<(string Topic, JsonNode Body)>();
        using var scada = await broker.ConnectAsync("notify/#", (topic, body) => states.Enqueue((topic, JsonNode.Parse(body)!)));
        await PublishAsync(scada, "plant/alarms", """{ "name": "Motor too hot", "path": "Site1/Line1", "level": "Critical", "value": 98.5 }""");
        var alarm = (await AlarmsAsync(1))[0];
        ((string)alarm["path"]!, (string)alarm["level"]!, (string)alarm["value"]!).Should().Be(("Site1/Line1", "Critical", "98.5"));
        await host.PostAsync($"alarms/{alarm["id"]}/acknowledge", new { note = "Fan replaced" });
        var told = await Eventually.GetAsync(() => Task.FromResult(states.ToArray()), x => x.Length == 2);
        told.Should().OnlyContain(x => x.Topic == "notify/Site1/Line1/Motor too hot");
        told.Select(x => $"{x.Body["change"]} {x.Body["state"]} {x.Body["note"]}".TrimEnd()).Should().Equal(
            "reported ActiveUnacked", "acknowledged ActiveAcked Fan replaced");
        ((string)told[1].Body["alarmId"]!).Should().Be((string)alarm["id"]!);
    }

    [Fact]
    public async Task a_state_that_the_broker_refuses_is_an_alarm_and_holds_up_no_other()
    {
        await broker.DisposeAsync();
        broker = await Mosquitto.StartAsync(isProtected: false, "plant/#", "notify/Site1/#");
        host = await StartAsync("Notify:Mqtt:StatesTopic=notify/{path}/{name}");
        var states = new ConcurrentQueue<string>();
        using var scada = await broker.ConnectAsync("notify/#", (topic, _) => states.Enqueue(topic));
        await PublishAsync(scada, "plant/alarms", """{ "name": "Secret", "path": "Site2" }""");
        await PublishAsync(scada, "plant/alarms", """{ "name": "Motor too hot", "path": "Site1" }""");
        await Eventually.GetAsync(() => Task.FromResult(states.ToArray()), x => x.Contains("notify/Site1/Motor too hot"));
        states.Should().ContainSingle();
        var own = await Eventually.GetAsync(
            () => host.GetAsync("alarms?path=Notify/Mqtt"), x => x["items"]!.AsArray().Count == 1);
        ((string)own["items"]![0]!["name"]!, (string)own["items"]![0]!["state"]!).Should().Be(("MQTT broker refuses states", "ActiveUnacked"));
        ((string)own["items"]![0]!["description"]!).Should().StartWith("notify/Site2/Secret: NotAuthorized.");
    }

    [Fact]
    public async Task what_comes_while_notify_is_away_waits_at_the_broker()
    {
        host = await NotifyHost.StartAsync();
        using var scada = await broker.ConnectAsync();
        await using (var before = await NotifyHost.StartAsync(Settings(broker.Address), sameStoreAs: host)) await ConnectedAsync();
        for (var i = 0; i < 50; i++) await PublishAsync(scada, "plant/alarms", $$"""{ "name": "Alarm {{i}}", "path": "Site1" }""");
        await using var after = await NotifyHost.StartAsync(Settings(broker.Address), sameStoreAs: host);
        await AlarmsAsync(50);
    }

    [Fact]
    public async Task what_is_not_on_disk_is_not_acknowledged_and_is_recorded_when_it_can_be()
    {
        host = await StartAsync();
        using var scada = await broker.ConnectAsync();
        await host.RefuseAsync("alarms.alarm_reported.v1");
        await PublishAsync(scada, "plant/alarms", """{ "name": "First", "path": "Site1" }""");
        await PublishAsync(scada, "plant/alarms", """{ "name": "Second", "path": "Site1" }""");
        // They have come in, and wait.
        await Eventually.GetAsync(() => host.ChangeAsync("update notify.mqtt_message set hash = hash"), x => x > 0);
        await host.AcceptAgainAsync();
        (await AlarmsAsync(2)).Select(x => (string)x["name"]!).Should().BeEquivalentTo("First", "Second");
    }

    [Fact]
    public async Task a_message_that_is_delivered_again_is_the_same_report()
    {
        await using var wire = new CutWire(broker.Port);
        host = await NotifyHost.StartAsync(Settings($"mqtt://127.0.0.1:{wire.Port}"));
        await ConnectedAsync();
        using var scada = await broker.ConnectAsync();
        wire.Silence();
        await PublishAsync(scada, "plant/alarms", """{ "name": "Motor too hot", "path": "Site1" }""");
        await PublishAsync(scada, "plant/alarms", """{ "name": "Motor too hot", "path": "Site1", "state": "ClearedUnacked" }""");
        await PublishAsync(
            scada, "plant/alarms", """[{ "name": "Fan", "path": "Site1" }, { "name": "Fan", "path": "Site1" }, { "name": "Fan", "path": "Site1", "state": "ClearedUnacked" }]""");
        await Eventually.GetAsync(() => AlarmsAsync(2), x => x.All(y => (string)y["state"]! == "ClearedUnacked"));
        // The broker has no acknowledgement: to a new connection it delivers them once more.
        wire.Cut();
        await PublishAsync(scada, "plant/alarms", """{ "name": "Last", "path": "Site1" }""");
        var alarms = await AlarmsAsync(3);
        alarms.Where(x => (string)x["name"]! != "Last").Should().OnlyContain(x => (string)x["state"]! == "ClearedUnacked");
        var reports = (await host.GetAsync("audit?limit=1000"))["items"]!.AsArray()
            .Count(x => (string)x!["type"]! == "alarms.alarm_reported.v1" && !x.ToJsonString().Contains("Notify/Mqtt", StringComparison.Ordinal));
        reports.Should().Be(5);
    }

    [Fact]
    public async Task a_mapping_makes_alarms_of_what_a_controller_sends()
    {
        host = await StartAsync(
            "Notify:Mqtt:Topics:1:Filter=scada/+/+/#", "Notify:Mqtt:Topics:1:Name={topic.4}", "Notify:Mqtt:Topics:1:Path={topic.2}/{topic.3}",
            "Notify:Mqtt:Topics:1:State={payload}", "Notify:Mqtt:Topics:1:States:2=ActiveAcked", "Notify:Mqtt:Topics:1:DefaultLevel=High",
            "Notify:Mqtt:Topics:2:Filter=json/#", "Notify:Mqtt:Topics:2:Name={tag.name}", "Notify:Mqtt:Topics:2:Level={severity}",
            "Notify:Mqtt:Topics:2:Levels:9=Critical", "Notify:Mqtt:Topics:2:EventTime={ts}", "Notify:Mqtt:Topics:2:Value={v|value}");
        using var scada = await broker.ConnectAsync();
        await PublishAsync(scada, "scada/Site1/Line1/Overheat", "1");
        await PublishAsync(scada, "scada/Site1/Line1/Leak", "2");
        await PublishAsync(scada, "json/Site2", """{ "tag": { "name": "Pressure" }, "severity": 9, "ts": 1767225600000, "v": 12.5 }""");
        var alarms = (await AlarmsAsync(3)).ToDictionary(x => (string)x["name"]!, StringComparer.Ordinal);
        $"{alarms["Overheat"]["path"]} {alarms["Overheat"]["state"]} {alarms["Overheat"]["level"]}".Should().Be("Site1/Line1 ActiveUnacked High");
        ((string)alarms["Leak"]["state"]!).Should().Be("ActiveAcked");
        $"{alarms["Pressure"]["path"]} {alarms["Pressure"]["level"]} {alarms["Pressure"]["value"]} {alarms["Pressure"]["eventTime"]}".Should().Be(
            "json/Site2 Critical 12.5 2026-01-01T00:00:00Z");
    }

    [Fact]
    public async Task what_is_no_alarm_is_told_and_keeps_no_other_from_coming_in()
    {
        host = await StartAsync("Notify:Mqtt:RejectedTopic=notify-rejected");
        var rejected = new ConcurrentQueue<JsonNode>();
        using var scada = await broker.ConnectAsync("notify-rejected", (_, body) => rejected.Enqueue(JsonNode.Parse(body)!));
        await PublishAsync(scada, "plant/alarms", "not json");
        await PublishAsync(scada, "plant/alarms", """{ "path": "Site1" }""");
        await PublishAsync(scada, "plant/alarms", """[ { "name": "Good", "path": "Site1" } ]""");
        (await AlarmsAsync(1)).Select(x => (string)x["name"]!).Should().Equal("Good");
        var told = await Eventually.GetAsync(() => Task.FromResult(rejected.ToArray()), x => x.Length == 2);
        told.Select(x => (string)x["topic"]!).Should().AllBe("plant/alarms");
        ((string)told[1]["fault"]!).Should().Contain("name: A name is required.");
        await Eventually.GetAsync(
            () => host.GetAsync("alarms?path=Notify/**"), x => x.ToJsonString().Contains("MQTT messages cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task what_cannot_be_read_at_all_is_told_and_keeps_no_other_from_coming_in()
    {
        host = await StartAsync(
            "Notify:Mqtt:RejectedTopic=notify-rejected", "Notify:Mqtt:Topics:1:Filter=mapped", "Notify:Mqtt:Topics:1:Name={name}",
            "Notify:Mqtt:Topics:1:Description={text}");
        var rejected = new ConcurrentQueue<string>();
        using var scada = await broker.ConnectAsync("notify-rejected", (_, body) => rejected.Enqueue((string)JsonNode.Parse(body)!["fault"]!));
        await PublishAsync(scada, "plant/alarms", """{ "name": "Pump", "level": "High", "level": "Low" }""");
        await PublishAsync(scada, "plant/alarms", """{ "name": "Pump", "\ud800": 1 }""");
        await PublishAsync(scada, "mapped", """{ "\ud800": 1, "name": "Pump" }""");
        await PublishAsync(scada, "plant/alarms", """{ "alarms": [ { "name": "Pump" } ], "alarms": [ { "name": "Motor" } ] }""");
        await PublishAsync(scada, "mapped", """{ "name": "Cut", "text": "cut \ud83d" }""");
        await PublishAsync(scada, "plant/alarms", """{ "name": "Good" }""");
        var alarms = (await AlarmsAsync(2)).ToDictionary(x => (string)x["name"]!, x => $"{x["path"]} {x["description"]}", StringComparer.Ordinal);
        alarms.Should().BeEquivalentTo(new Dictionary<string, string> { ["Cut"] = "mapped cut \ufffd", ["Good"] = "plant/alarms " });
        (await Eventually.GetAsync(() => Task.FromResult(rejected.ToArray()), x => x.Length == 4)).Should().SatisfyRespectively(
            x => x.Should().Be("level: This field is given twice."), x => x.Should().StartWith("The message cannot be read: "),
            x => x.Should().StartWith("The message cannot be read: "), x => x.Should().Be("alarms: This field is given twice."));
    }

    [Fact]
    public async Task what_fails_after_the_acknowledgement_holds_up_no_other_message()
    {
        host = await StartAsync("Notify:Mqtt:RejectedTopic=notify-rejected");
        using var scada = await broker.ConnectAsync();
        await host.ExecuteAsync(
            """
            create function notify.refuse_acknowledged() returns trigger language plpgsql as $$ begin raise exception 'refused for a test'; end $$;
            create trigger refuse before update on notify.mqtt_message for each row when (new.acknowledged_at is not null)
              execute function notify.refuse_acknowledged();
            """);
        await PublishAsync(scada, "plant/alarms", """{ "name": "First", "path": "Site1" }""");
        await AlarmsAsync(1);
        await PublishAsync(scada, "plant/alarms", """{ "name": "Second", "path": "Site1" }""");
        await AlarmsAsync(2);
        (await host.GetAsync("audit?limit=1000"))["items"]!.AsArray().Select(x => (string)x!["type"]!).Should()
            .NotContain("alarms.report_repeated.v1", "what is committed is not written again");
    }

    [Fact]
    public async Task a_broker_with_tls_and_a_password_is_reached_and_an_unknown_certificate_is_not_trusted()
    {
        await using var closed = await Mosquitto.StartAsync(isProtected: true);
        string[] user = [$"Notify:Mqtt:UserName={Mosquitto.User}", $"Notify:Mqtt:Password={Mosquitto.Password}"];
        host = await NotifyHost.StartAsync([.. Settings(closed.Address), .. user, $"Notify:Mqtt:CaCertificateFile={closed.CaFile}"]);
        await ConnectedAsync();
        await using var other = await NotifyHost.StartAsync([.. Settings(closed.Address), .. user]);
        await Eventually.GetAsync(
            () => other.GetAsync("alarms?path=Notify/**"), x => x.ToJsonString().Contains("MQTT broker cannot be reached", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Notify:Mqtt:Broker=broker.example", "Notify:Mqtt:Broker")]
    [InlineData("Notify:Mqtt:Version=4", "Notify:Mqtt:Version")]
    [InlineData("Notify:Mqtt:Topics:0:Filter=plant/#/x", "plant/#/x")]
    [InlineData("Notify:Mqtt:Topics:0:Path={topic}", "gives no Name")]
    [InlineData("Notify:Mqtt:StatesTopic=plant/alarms", "would be received again")]
    [InlineData("Notify:Mqtt:StatesTopic={path}", "would be received again")]
    [InlineData("Notify:Mqtt:CaCertificateFile=/nowhere.pem", "/nowhere.pem")]
    public async Task a_setting_that_cannot_work_ends_the_start(string setting, string named)
    {
        var start = () => NotifyHost.StartAsync([.. Settings(broker.Address), setting]);
        (await start.Should().ThrowAsync<Exception>()).Which.ToString().Should().Contain(named);
    }

    private static string[] Settings(string address) => [$"Notify:Mqtt:Broker={address}", "Notify:Mqtt:Topics:0:Filter=plant/alarms"];

    /// <summary>It has subscribed: from now on the broker keeps what comes.</summary>
    private async Task<NotifyHost> StartAsync(params string[] settings)
    {
        host = await NotifyHost.StartAsync([.. Settings(broker.Address), .. settings]);
        await ConnectedAsync();
        return host;
    }

    private Task<string> ConnectedAsync() => Eventually.GetAsync(
        async () => await host!.Client.GetStringAsync("/metrics"),
        x => x.Split('\n').Any(line => line.StartsWith("notify_mqtt_connected", StringComparison.Ordinal) && line.Split(' ')[1] == "1"));

    private static async Task PublishAsync(IMqttClient client, string topic, string payload)
    {
        var answer = await client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce);
        answer.IsSuccess.Should().BeTrue();
    }

    private Task<List<JsonNode>> AlarmsAsync(int count) => Eventually.GetAsync(
        async () => (await host!.GetAsync("alarms?limit=100"))["items"]!.AsArray().Select(x => x!)
            .Where(x => !((string)x["path"]!).StartsWith("Notify/", StringComparison.Ordinal)).ToList(),
        x => x.Count == count);
}
