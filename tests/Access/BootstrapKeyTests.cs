using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class BootstrapKeyTests : IAsyncLifetime
{
    private const string Other = "ntf_another_administrator_key";

    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_key_of_the_setting_gives_access_as_administrator()
    {
        var rule = await host.PostAsync("messages", new { type = "wecom", name = "A", content = "x" });
        rule["createdBy"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        rule["createdBy"]!["kind"]!.GetValue<string>().Should().Be("apiKey");
    }

    [Fact]
    public async Task any_other_key_is_refused_with_a_problem_document_and_health_needs_none()
    {
        foreach (var key in (string[])["ntf_some_other_key_of_right_length", "x", ""])
        {
            using var other = host.ClientWith(key);
            using var response = await other.GetAsync(new Uri("/api/v1/rules", UriKind.Relative));
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, key);
            response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json", key);
        }

        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        (await client.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task another_key_in_the_setting_lets_nobody_in_is_told_loudly_and_revokes_nothing()
    {
        var lines = new LogLines();
        await using var second = await NotifyHost.StartAsync(
            [$"Notify:Auth:BootstrapKey={Other}"], replace: x => x.AddSingleton<ILoggerProvider>(lines), sameStoreAs: host);
        (await StatusAsync(second, Other)).Should().Be(HttpStatusCode.Unauthorized);
        (await StatusAsync(second, NotifyHost.AdminKey)).Should().Be(HttpStatusCode.OK);
        lines.Lines.Should().ContainSingle(x => x.Contains("is not the one on record")).Which
            .Should().Contain("Notify:Auth:BootstrapKey").And.Contain(await FingerprintAsync()).And.NotContain(Other).And.NotContain(
                NotifyHost.AdminKey);
    }

    [Fact]
    public async Task the_key_is_replaced_by_naming_the_one_that_goes_and_that_setting_does_nothing_a_second_time()
    {
        var replaces = $"Notify:Auth:ReplacesBootstrapKey={await FingerprintAsync()}";
        await using (var second = await NotifyHost.StartAsync([$"Notify:Auth:BootstrapKey={Other}", replaces], sameStoreAs: host))
        {
            (await StatusAsync(second, Other)).Should().Be(HttpStatusCode.OK);
            (await StatusAsync(second, NotifyHost.AdminKey)).Should().Be(HttpStatusCode.Unauthorized);
        }

        await using var third = await NotifyHost.StartAsync([replaces], sameStoreAs: host);
        (await StatusAsync(third, Other)).Should().Be(HttpStatusCode.OK, "the old key and the setting that replaced it bring nothing back");
        (await StatusAsync(third, NotifyHost.AdminKey)).Should().Be(HttpStatusCode.Unauthorized);

        const string yetAnother = "ntf_yet_another_administrator_key";
        await using var fourth = await NotifyHost.StartAsync([$"Notify:Auth:BootstrapKey={yetAnother}", replaces], sameStoreAs: host);
        (await StatusAsync(fourth, yetAnother)).Should().Be(HttpStatusCode.Unauthorized, "the setting names a key that is replaced already");
        (await StatusAsync(fourth, Other)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_revoked_key_comes_back_with_no_start_nor_does_another_unless_the_settings_name_it()
    {
        using var admin = await host.ClientOfRoleAsync("administrator");
        var fingerprint = await FingerprintAsync();
        var key = (await admin.GetFromAsync("api-keys"))["items"]!.AsArray().Single(x => (string?)x!["name"] == "bootstrap")!;
        var renamed = key.DeepClone().AsObject();
        renamed["name"] = "first key";
        (await admin.SendToAsync("PUT", $"api-keys/{key["id"]}", renamed, "If-Match", "*")).Status.Should().Be(200);
        (await admin.SendToAsync("POST", $"api-keys/{key["id"]}/revoke", null, "If-Match", "*")).Status.Should().Be(200);
        foreach (var setting in (string[])[NotifyHost.AdminKey, Other, ""])
        {
            await using var again = await NotifyHost.StartAsync([$"Notify:Auth:BootstrapKey={setting}"], sameStoreAs: host);
            foreach (var text in (string[])[NotifyHost.AdminKey, Other])
                (await StatusAsync(again, text)).Should().Be(HttpStatusCode.Unauthorized, $"'{setting}' is set and '{text}' presented");
        }

        (await admin.GetFromAsync("api-keys"))["total"]!.GetValue<int>().Should().Be(2);
        await using var replaced = await NotifyHost.StartAsync(
            [$"Notify:Auth:BootstrapKey={Other}", $"Notify:Auth:ReplacesBootstrapKey={fingerprint}"], sameStoreAs: host);
        (await StatusAsync(replaced, Other)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task who_comes_in_and_as_whom_is_what_the_keys_events_say_whatever_their_table_holds()
    {
        await host.ExecuteAsync("""update notify.mt_doc_api_key set data = data || '{"name":"somebody else","role":"nothing","fingerprint":"0000000000000000","revoked":true}'""");
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host);
        foreach (var node in (NotifyHost[])[host, second])
        {
            var message = await node.PostAsync("messages", new { type = "wecom", name = $"of {node.Url}", content = "x" });
            message["createdBy"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        }
    }

    [Fact]
    public async Task a_clock_that_is_set_back_keeps_no_new_key_out_and_no_revoked_one_in()
    {
        var clock = new MovedClock();
        await using var node = await NotifyHost.StartAsync(replace: x => x.AddSingleton<TimeProvider>(clock), sameStoreAs: host);
        (await StatusAsync(node, NotifyHost.AdminKey)).Should().Be(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromHours(-1));
        await using var other = await NotifyHost.StartAsync(
            [$"Notify:Auth:BootstrapKey={Other}", $"Notify:Auth:ReplacesBootstrapKey={await FingerprintAsync()}"], sameStoreAs: host);
        (await StatusAsync(node, Other)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(node, NotifyHost.AdminKey)).Should().Be(HttpStatusCode.Unauthorized);
    }

    private async Task<string> FingerprintAsync() =>
        (await host.Client.GetAllFromAsync("audit?type=access.api_key_created.v1"))[^1]["data"]!["fingerprint"]!.GetValue<string>();

    private static async Task<HttpStatusCode> StatusAsync(NotifyHost node, string key)
    {
        using var client = node.ClientWith(key);
        using var response = await client.GetAsync(new Uri("/api/v1/rules", UriKind.Relative));
        return response.StatusCode;
    }
}
