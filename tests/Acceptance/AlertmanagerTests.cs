using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>Debian's own Alertmanager and amtool, in front of Notify and pointed at it; configured as docs/senders.md says.</summary>
public sealed class AlertmanagerTests(AlertmanagerTests.NotifiedRobot notified) : IClassFixture<AlertmanagerTests.NotifiedRobot>, IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("notify-alertmanager-");
    private readonly NotifyHost host = notified.Host;

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task an_alert_and_its_resolution_come_through_an_alertmanager_to_wecom()
    {
        var address = $"127.0.0.1:{NotifyProcess.FreePort()}";
        await using var alertmanager = new RunningProgram(
            "prometheus-alertmanager", $"--config.file={WriteConfiguration()}", $"--storage.path={directory.FullName}/data",
            $"--web.listen-address={address}", "--cluster.listen-address=");
        await WaitUntilReadyAsync(alertmanager, $"http://{address}/-/ready");

        await AmtoolAsync($"--alertmanager.url=http://{address}", "alert", "add", "BoilerHot", "severity=critical", "path=Site1/Boiler",
            "--annotation=summary=98 degrees");
        (await TextAsync("BoilerHot ActiveUnacked")).Should().StartWith("Critical BoilerHot ActiveUnacked Site1/Boiler");

        await AmtoolAsync($"--alertmanager.url=http://{address}", "alert", "add", "BoilerHot", "severity=critical", "path=Site1/Boiler",
            $"--end={NextSecond()}");
        (await TextAsync("BoilerHot ClearedUnacked")).Should().StartWith("Critical BoilerHot ClearedUnacked Site1/Boiler");

        var alarm = (await host.GetAsync("alarms?search=BoilerHot"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        alarm["description"]!.GetValue<string>().Should().Be("98 degrees");
        alarm["labels"]!["severity"]!.GetValue<string>().Should().Be("critical");

        // The same labels straight to Notify are the same alarm: the fingerprint that Notify computes is Alertmanager's.
        await AmtoolAtNotifyAsync("alert", "add", "BoilerHot", "severity=critical", "path=Site1/Boiler");
        var met = (await host.GetAsync("alarms?search=BoilerHot"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        met["id"]!.GetValue<string>().Should().Be(alarm["id"]!.GetValue<string>());
        met["state"]!.GetValue<string>().Should().Be("ActiveUnacked");
    }

    [Fact]
    public async Task amtool_pointed_at_notify_raises_lists_and_resolves()
    {
        await AmtoolAtNotifyAsync("alert", "add", "PumpStopped", "severity=warning", "job=pumps", "instance=p7", "--annotation=summary=no flow");
        (await TextAsync("PumpStopped ActiveUnacked")).Should().StartWith("Medium PumpStopped ActiveUnacked pumps/p7");

        (await AmtoolAtNotifyAsync("alert", "query", "PumpStopped")).Should().Contain("PumpStopped").And.Contain("no flow").And.Contain("active");
        (await AmtoolAtNotifyAsync("alert", "query", "severity=~warn.*", "instance!=p8")).Should().Contain("PumpStopped");
        (await AmtoolAtNotifyAsync("alert", "query", "instance=p8")).Should().NotContain("PumpStopped");
        (await AmtoolAtNotifyAsync("-o", "extended", "alert", "query", "PumpStopped")).Should().Contain("instance=\"p7\"");
        var json = JsonNode.Parse(
            (await AmtoolAtNotifyAsync("-o", "json", "alert", "query", "PumpStopped")).Split('\n').First(x => x.StartsWith('[')))!;
        json[0]!["labels"]!["alertname"]!.GetValue<string>().Should().Be("PumpStopped");

        await AmtoolAtNotifyAsync("alert", "add", "PumpStopped", "severity=warning", "job=pumps", "instance=p7", $"--end={Now()}");
        (await TextAsync("PumpStopped ClearedUnacked")).Should().StartWith("Medium PumpStopped ClearedUnacked pumps/p7");
        (await AmtoolAtNotifyAsync("alert", "query", "PumpStopped")).Should().NotContain("PumpStopped");
    }

    [Fact]
    public async Task amtool_adds_queries_updates_and_expires_a_silence()
    {
        await AmtoolAtNotifyAsync("alert", "add", "FanStopped", "severity=warning", "job=fans", "instance=f1");
        await TextAsync("FanStopped ActiveUnacked fans/f1");
        var id = (await AmtoolAtNotifyAsync("silence", "add", "FanStopped", "instance=~f[0-9]", "job!=pumps", "--duration=2h", "--author=Li",
            "--comment=Fans are cleaned")).Split('\n').First(x => x.StartsWith("silence-", StringComparison.Ordinal));
        (await AmtoolAtNotifyAsync("alert", "query", "FanStopped")).Should().NotContain("FanStopped", "it is silenced");
        (await AmtoolAtNotifyAsync("alert", "query", "--silenced", "FanStopped")).Should().Contain("FanStopped").And.Contain("suppressed");
        (await AmtoolAtNotifyAsync("silence", "query", "FanStopped")).Should().Contain(id).And.Contain("Li").And.Contain("Fans are cleaned");
        (await AmtoolAtNotifyAsync("-o", "extended", "silence", "query", "instance=~f.*")).Should().Contain(id);
        (await AmtoolAtNotifyAsync("silence", "query", "FanTooHot")).Should().NotContain(id);

        // Another one of the same kind while it is silenced: nobody is told.
        await AmtoolAtNotifyAsync("alert", "add", "FanStopped", "severity=warning", "job=fans", "instance=f2");
        var second = (await host.GetAsync("alarms?search=fans/f2"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        ((string)second["silence"]!["id"]!, (string)second["silence"]!["by"]!).Should().Be((id, "Li"));

        (await AmtoolAtNotifyAsync("-o", "json", "silence", "update", id, "--duration=4h", "--comment=It takes longer")).Should().Contain(id);
        (await AmtoolAtNotifyAsync("silence", "query", "FanStopped")).Should().Contain(id).And.Contain("It takes longer");
        await AmtoolAtNotifyAsync("silence", "expire", id);
        (await AmtoolAtNotifyAsync("silence", "query")).Should().NotContain(id);
        (await AmtoolAtNotifyAsync("silence", "query", "--expired")).Should().Contain(id);
        await TextAsync("FanStopped ActiveUnacked fans/f2");

        await AmtoolAtNotifyAsync("silence", "add", "FanStopped", "--start=2099-01-01T00:00:00Z", "--end=2099-01-01T01:00:00Z", "--comment=To come");
        (await AmtoolAtNotifyAsync("silence", "query", "FanStopped")).Should().Contain("To come");
        (await AmtoolAtNotifyAsync("config", "show")).Should().Contain("receiver: notify");
        (await AmtoolAtNotifyAsync("config", "routes", "test", "severity=critical")).Should().Contain("notify");
        (await AmtoolAtNotifyAsync("cluster", "show")).Should().Contain("disabled");
    }

    [Fact]
    public async Task amtool_shows_what_notify_says_against_an_alert()
    {
        var (exitCode, output) = await Programs.RunAsync(
            "amtool", [.. AtNotify(), "alert", "add", "Late", "--start=2026-01-02T00:00:00+00:00", "--end=2026-01-01T00:00:00+00:00"]);
        exitCode.Should().NotBe(0);
        output.Should().Contain("The end is before the start.");
        var (withoutToken, refusal) = await Programs.RunAsync("amtool", $"--alertmanager.url={host.Url}", "alert", "add", "Late");
        withoutToken.Should().NotBe(0);
        refusal.Should().Contain("401");
    }

    private string WriteConfiguration() => Write("alertmanager.yml", $"""
        route:
          receiver: notify
          group_by: ['...']
          group_wait: 200ms
          group_interval: 200ms
          repeat_interval: 4h
        receivers:
          - name: notify
            webhook_configs:
              - url: {host.Url}/api/v1/intake/alertmanager
                send_resolved: true
                http_config:
                  authorization:
                    credentials: {NotifyHost.AdminKey}
        """);

    private string[] AtNotify() =>
    [
        $"--alertmanager.url={host.Url}",
        $"--http.config.file={Write("amtool-http.yml", $"authorization:\n  credentials: {NotifyHost.AdminKey}\n")}",
    ];

    private Task<string> AmtoolAtNotifyAsync(params string[] arguments) => AmtoolAsync([.. AtNotify(), .. arguments]);

    private static async Task<string> AmtoolAsync(params string[] arguments)
    {
        var (exitCode, output) = await Programs.RunAsync("amtool", arguments);
        exitCode.Should().Be(0, output);
        return output;
    }

    private async Task<string> TextAsync(string nameAndState) =>
        (await host.WeCom.WaitForAsync(x => x.Delivered && x.Text.Contains($" {nameAndState} ", StringComparison.Ordinal)))[0].Text;

    private string Write(string name, string content)
    {
        var path = Path.Combine(directory.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static async Task WaitUntilReadyAsync(RunningProgram program, string url)
    {
        using var client = new HttpClient();
        await Eventually.GetAsync(
            async () =>
            {
                if (program.HasEnded) throw new InvalidOperationException(program.Log);
                try { return (await client.GetAsync(new Uri(url))).StatusCode; }
                catch (HttpRequestException) { return HttpStatusCode.ServiceUnavailable; }
            },
            x => x == HttpStatusCode.OK);
    }

    /// <summary>Alertmanager counts in whole seconds: an end cut down to the second in which its alert began would lie before that begin.</summary>
    private static string NextSecond() => Second(DateTimeOffset.UtcNow.AddSeconds(1));

    private static string Now() => Second(DateTimeOffset.UtcNow);

    private static string Second(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", CultureInfo.InvariantCulture);

    /// <summary>A Notify that tells one robot everything; each test has alerts of its own.</summary>
    public sealed class NotifiedRobot : IAsyncLifetime
    {
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync();
            await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }]);
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
