using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Operation.Tests;

/// <summary>The key that seals secrets is exchanged while everything runs.</summary>
public sealed class SealingKeysTests : IAsyncLifetime
{
    private readonly DirectoryInfo other = Directory.CreateTempSubdirectory("notify-test-");
    private NotifyHost host = null!;

    private string KeyFile => Path.Combine(host.DataDirectory, "master.key");
    private string OtherKeyFile => Path.Combine(other.FullName, "master.key");

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host);
        _ = await host.PostAsync("alarms", Alarm("before"));
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        other.Delete(recursive: true);
    }

    private static object Alarm(string name) =>
        new { alarms = new[] { new { name, path = "Site1", level = "High", state = "ActiveUnacked", sourceId = name } } };

    private static async Task<Dictionary<string, JsonNode>> KeysAsync(NotifyHost node) =>
        (await node.GetAsync("operation/keys"))["keys"]!.AsArray().ToDictionary(x => x!["id"]!.GetValue<string>(), x => x!);

    private async Task DeliversAsync(NotifyHost node, string name)
    {
        var alarm = (await node.PostAsync("alarms", Alarm(name)))["accepted"]![0]!["alarmId"]!.GetValue<string>();
        await Eventually.GetAsync(
            () => node.GetAsync($"notifications?alarmId={alarm}"),
            x => x["items"]!.AsArray() is { Count: > 0 } all && all.All(n => n!["status"]!.GetValue<string>() == "Delivered"));
    }

    [Fact]
    public async Task every_node_must_have_the_new_key_then_everything_is_sealed_anew_and_the_old_key_can_go()
    {
        File.Copy(KeyFile, OtherKeyFile);
        await using var second = await NotifyHost.StartAsync([$"Notify:KeyFile={OtherKeyFile}"], sameStoreAs: host);
        var first = new MasterKey(KeyFile).Identity;
        var added = new MasterKey(KeyFile).Add();

        using (var early = await host.Client.PostAsync(new Uri("/api/v1/operation/keys/rotate", UriKind.Relative), null))
        {
            early.StatusCode.Should().Be(HttpStatusCode.Conflict);
            (await early.Content.ReadFromJsonAsync<JsonObject>())!["detail"]!.GetValue<string>().Should().Contain($"The key {added} is not yet in");
        }

        (await KeysAsync(host))[added]["isSealing"]!.GetValue<bool>().Should().BeFalse("a refusal changes nothing");
        File.Copy(KeyFile, OtherKeyFile, overwrite: true);
        await Eventually.GetAsync(() => host.GetAsync("operation/keys"), x => x["nodes"]!.AsArray() is { Count: 2 } nodes
            && nodes.All(n => n!["keys"]!.AsArray().Any(k => k!.GetValue<string>() == added)));
        await host.PostAsync("operation/keys/rotate", new { });

        var after = await Eventually.GetAsync(() => KeysAsync(second), x => x[first]["sealed"]!.GetValue<long>() == 0);
        after[added]["isSealing"]!.GetValue<bool>().Should().BeTrue();
        after[added]["sealed"]!.GetValue<long>().Should().BeGreaterThan(2, "two robots, an app and the key that signs checkpoints");
        await DeliversAsync(host, "after-on-first");
        await DeliversAsync(second, "after-on-second");
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        var entry = (await host.Client.GetAllFromAsync("audit?type=kernel.sealing_key_rotated.v1")).Should().ContainSingle().Subject;
        entry["data"]!["key"]!.GetValue<string>().Should().Be(added);

        using var again = await host.Client.PostAsync(new Uri("/api/v1/operation/keys/rotate", UriKind.Relative), null);
        again.StatusCode.Should().Be(HttpStatusCode.Conflict, "there is no newer key");
    }

    [Fact]
    public async Task a_node_without_the_sealing_key_says_so_and_goes_on_with_everything_else()
    {
        File.Copy(KeyFile, OtherKeyFile);
        var added = new MasterKey(KeyFile).Add();
        await host.PostAsync("operation/keys/rotate", new { });
        await Eventually.GetAsync(() => KeysAsync(host), x => x[new MasterKey(KeyFile).Identity]["sealed"]!.GetValue<long>() == 0);

        var log = new LogLines();
        await using var second = await NotifyHost.StartAsync(
            [$"Notify:KeyFile={OtherKeyFile}"], sameStoreAs: host, replace: services => services.AddSingleton<ILoggerProvider>(log));
        (await Eventually.GetAsync(() => KeysAsync(second), x => x.ContainsKey(added)))[added]["isMissing"]!.GetValue<bool>().Should().BeTrue();
        await Eventually.GetAsync(
            () => Task.FromResult(log.Lines.Where(x => x.Contains($"lacks the key {added}", StringComparison.Ordinal)).ToList()), x => x.Count > 0);
        // What it seals itself every node can open; the one that has both keys seals it anew.
        var service = await second.PostAsync("services", new
        {
            type = "wecom",
            name = "Made without the key",
            wecom = new { bots = new[] { new { alias = "X", webhookUrl = host.WeCom.RobotUrl("cccccccc-0000-0000-0000-00000000000c") } } },
        });
        service["id"]!.GetValue<string>().Should().NotBeEmpty();
        await Eventually.GetAsync(() => KeysAsync(host), x => x[new MasterKey(KeyFile).Identity]["sealed"]!.GetValue<long>() == 0);
    }
}
