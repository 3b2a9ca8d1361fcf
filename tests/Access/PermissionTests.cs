using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.People;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class PermissionTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly NotifyHost host = shared.Host;

    public static TheoryData<string> RoleNames => [.. BuiltInRoles.All.Select(x => x.Name)];

    [Theory]
    [MemberData(nameof(RoleNames))]
    public async Task a_role_gets_through_to_the_endpoints_of_its_permissions_and_to_no_other(string role)
    {
        using var client = await host.ClientOfRoleAsync(role);
        var granted = BuiltInRoles.All.Single(x => x.Name == role).Grants().ToHashSet();
        var faults = new List<string>();
        foreach (var (method, path, required) in Guarded())
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var text = response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync();
            var isRefused = response.StatusCode == HttpStatusCode.Forbidden;
            if (response.StatusCode == HttpStatusCode.Unauthorized || isRefused == granted.Contains(required))
                faults.Add($"{method} {path} answers {(int)response.StatusCode} to the {role}");
            else if (isRefused && !text.Contains($"This requires the permission {required}.", StringComparison.Ordinal))
                faults.Add($"{method} {path}: {text}");
        }

        faults.Should().BeEmpty();
    }

    /// <summary>Each permission alone, as a role that somebody makes.</summary>
    [Fact]
    public async Task a_role_of_one_permission_gets_through_to_its_endpoints_and_to_no_other()
    {
        var faults = new List<string>();
        foreach (var permission in Permission.All)
        {
            await host.PostAsync("roles", new { name = $"only {permission}", permissions = new[] { permission.Name } });
            using var client = await host.ClientOfRoleAsync($"only {permission}");
            foreach (var (method, path, required) in Guarded())
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                var isRefused = response.StatusCode == HttpStatusCode.Forbidden;
                if (response.StatusCode == HttpStatusCode.Unauthorized || isRefused == (required == permission))
                    faults.Add($"{method} {path} answers {(int)response.StatusCode} to who has only {permission}");
            }
        }

        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task the_permissions_are_listed_in_the_callers_language_with_the_endpoints_that_need_them()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/permissions");
        request.Headers.AcceptLanguage.ParseAdd("zh-CN");
        using var response = await host.Client.SendAsync(request);
        var items = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["items"]!.AsArray();
        items.Select(x => (string?)x!["name"]).Should().Equal(Permission.All.Select(x => x.Name));
        ((string?)items[2]!["description"], (string?)items[2]!["descriptions"]!["en"]).Should().Be(("确认报警。", "Acknowledge alarms."));
        items.SelectMany(x => x!["endpoints"]!.AsArray().Where(y => y!["when"] is null).Select(y => $"{y!["method"]} {y["path"]} {x["name"]}"))
            .Should().Contain(Guarded(filled: false).Select(x => $"{x.Method} {x.Path} {x.Required}"));
        items.Single(x => (string?)x!["name"] == "replays.redeliver")!["endpoints"]!.AsArray()
            .Should().Contain(x => (string?)x!["path"] == "/api/v1/replays" && x["when"] != null);
    }

    [Fact]
    public void every_endpoint_was_walked() => Guarded().Should().HaveCountGreaterThan(95);

    [Fact]
    public async Task who_has_only_a_role_that_is_disabled_may_do_nothing()
    {
        var chief = await host.PostAsync("roles", new { name = "chief", permissions = new[] { "alarms.read" } });
        using var client = await host.ClientOfRoleAsync("chief");
        await host.SendAsync("POST", $"roles/{chief["id"]}/disable", null, "If-Match", "*");
        using var response = await client.GetAsync(new Uri("/api/v1/alarms", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("en", "Not allowed.", "This requires the permission configuration.change.")]
    [InlineData("zh-CN", "没有权限。", "此操作需要权限 configuration.change。")]
    public async Task a_refusal_names_the_missing_permission_in_the_callers_language(string language, string title, string detail)
    {
        using var client = await host.ClientOfRoleAsync("viewer");
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var response = await client.PostAsJsonAsync("/api/v1/messages", new { type = "wecom", name = "A", content = "x" });
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        (response.StatusCode, response.Content.Headers.ContentType?.MediaType).Should().Be((HttpStatusCode.Forbidden, "application/problem+json"));
        ((string?)problem["title"], (string?)problem["detail"]).Should().Be((title, detail));
        (await host.GetAsync("messages"))["items"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task a_refusal_is_on_record()
    {
        // Of its own: after so many refusals, as the other tests bring about in a minute, they are only counted.
        await using var quiet = await NotifyHost.StartAsync();
        using var client = await quiet.ClientOfRoleAsync("viewer");
        using var response = await client.DeleteAsync(new Uri("/api/v1/rules/rule-x", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        var entry = await Eventually.GetAsync(
            async () => (await quiet.GetAsync("audit?type=access.permission_missed.v1"))["items"]!.AsArray().FirstOrDefault(),
            x => x is not null, TimeSpan.FromSeconds(30));
        ((string?)entry!["actor"]!["name"]).Should().Be("the viewer");
        ((string?)entry["summary"]).Should().StartWith("Refused for want of the permission configuration.change: DELETE /api/v1/rules/{id}, ×1");
    }

    [Theory]
    [InlineData("auditor", "review", 202)]
    [InlineData("auditor", "redeliver", 403)]
    [InlineData("administrator", "redeliver", 202)]
    public async Task to_send_again_needs_a_permission_of_its_own(string role, string mode, int status)
    {
        using var client = await host.ClientOfRoleAsync(role);
        var to = DateTimeOffset.UtcNow;
        using var response = await client.PostAsJsonAsync("/api/v1/replays", new { mode, from = to.AddHours(-1), to, reason = "Incident 4711" });
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).Should().Be(status);
        if (status == 403) text.Should().Contain("This requires the permission replays.redeliver.");
    }

    [Theory]
    [InlineData("viewer", "none", 200)]
    [InlineData("viewer", "sealed", 403)]
    [InlineData("engineer", "sealed", 200)]
    public async Task to_export_secrets_needs_a_permission_of_its_own(string role, string secrets, int status)
    {
        var key = (string?)(await host.GetAsync("configuration/recipient"))["publicKey"];
        host.Services.GetRequiredService<IConfiguration>()["Notify:Transfer:Recipients:twin"] = key;
        using var client = await host.ClientOfRoleAsync(role);
        var recipient = secrets == "sealed" ? "&recipient=twin" : "";
        using var response = await client.GetAsync(new Uri($"/api/v1/configuration/export?secrets={secrets}{recipient}", UriKind.Relative));
        ((int)response.StatusCode).Should().Be(status, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task the_document_names_the_permission_of_each_operation()
    {
        var document = await host.Client.GetFromJsonAsync<JsonObject>("/openapi/v1.json");
        var named = document!["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(x => x.Value!["x-permission"] is not null)
            .Select(x => $"{x.Key.ToUpperInvariant()} {path.Key} {x.Value!["x-permission"]}"));
        // The Alertmanager API and the metrics are not in the document.
        named.Should().BeEquivalentTo(
            Guarded(filled: false).Where(x => x.Path.StartsWith("/api/v1/", StringComparison.Ordinal))
            .Select(x => $"{x.Method} {x.Path} {x.Required}"));
    }

    /// <param name="filled">With an id in place of each parameter.</param>
    private List<(string Method, string Path, Permission Required)> Guarded(bool filled = true) =>
    [
        .. from endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let required = endpoint.Metadata.GetMetadata<RequiredPermission>()
        // From this machine, which this test runs on, metrics are open to everybody: tests/Acceptance/ObservabilityTests.cs
        where required is not null && endpoint.RoutePattern.RawText != "/metrics"
        from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        let path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
        let real = path.Replace("{id}", "x", StringComparison.Ordinal).Replace("{sequence}", "1", StringComparison.Ordinal)
        select (method, filled ? real : path, required.Permission),
    ];
}
