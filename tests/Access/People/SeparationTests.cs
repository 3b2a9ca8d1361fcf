using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Access.People;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Access.Tests.People;

/// <summary>System, security and audit administrator: nobody is two of them.</summary>
public sealed class SeparationTests(SeparationTests.SeparatedHost shared) : IClassFixture<SeparationTests.SeparatedHost>
{
    private const string Next = "marble lantern oyster quiet";

    private static readonly object set = new { password = SigningIn.Password };

    private NotifyHost Host => shared.Host;

    /// <summary>The security administrator was made by the set-up, and has made the other two, who have passwords of their own.</summary>
    public sealed class SeparatedHost : IAsyncLifetime
    {
        public NotifyHost Host { get; private set; } = null!;
        public Browser System { get; private set; } = null!;
        public Browser Security { get; private set; } = null!;
        public Browser Audit { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync(["Notify:SeparateAdministrators=true"]);
            Security = Browser.Of(Host);
            var made = await Security.SendAsync(
                "POST", "session/set-up", new { userName = "security", name = "Security", password = SigningIn.Password });
            made.Status.Should().Be(200, made.Text);
            await Security.SignInAsync("security", SigningIn.Password);
            System = await NewAsync("system", "system-administrator");
            Audit = await NewAsync("audit", "audit-administrator");
        }

        public async Task DisposeAsync()
        {
            foreach (var browser in new[] { System, Security, Audit }) browser.Dispose();
            await Host.DisposeAsync();
        }

        /// <summary>Made by the security administrator, with a password that they have chosen themselves.</summary>
        public async Task<Browser> NewAsync(string userName, params string[] roles)
        {
            var user = await Security.SendAsync("POST", "users", new { userName, name = userName, roles, signIn = "password" });
            user.Status.Should().Be(201, user.Text);
            (await Security.SendAsync("POST", $"users/{user.Body["id"]}/password", set)).Status.Should().Be(204);
            var browser = Browser.Of(Host);
            await browser.SignInAsync(userName, SigningIn.Password);
            var changed = await browser.SendAsync("POST", "session/password", new { password = SigningIn.Password, newPassword = Next });
            changed.Status.Should().BeOneOf([200, 204], changed.Text);
            return browser;
        }
    }

    [Fact]
    public void each_permission_that_changes_something_or_takes_the_history_out_is_of_one_administrator_or_an_operators_work()
    {
        var open = Permission.All.Where(x => AdministratorDomain.Of(x) is null).Select(x => x.Name);
        open.Should().BeEquivalentTo(
            "alarms.read", "configuration.read", "notifications.read", "history.read", "people.read", "operation.read", "replays.run",
            "alarms.report", "alarms.acknowledge", "alarms.shelve", "notifications.resend", "configuration.approve");
        AdministratorDomain.All.SelectMany(x => x.Permissions).Should().OnlyHaveUniqueItems();
        foreach (var (role, own) in new[] { (BuiltInRoles.SystemAdministrator, AdministratorDomain.System),
            (BuiltInRoles.SecurityAdministrator, AdministratorDomain.Security), (BuiltInRoles.AuditAdministrator, AdministratorDomain.Audit) })
            role.Grants().Where(x => AdministratorDomain.Of(x) is not null).Should().BeEquivalentTo(own.Permissions, role.Name);
    }

    /// <summary>Every endpoint, by each of the three: what is of one of them is closed to the other two.</summary>
    [Fact]
    public async Task each_of_the_three_gets_through_to_what_is_theirs_and_to_nothing_of_the_other_two()
    {
        (Browser, Role, AdministratorDomain)[] three =
        [
            (shared.System, BuiltInRoles.SystemAdministrator, AdministratorDomain.System),
            (shared.Security, BuiltInRoles.SecurityAdministrator, AdministratorDomain.Security),
            (shared.Audit, BuiltInRoles.AuditAdministrator, AdministratorDomain.Audit),
        ];
        var (faults, walked) = (new List<string>(), 0);
        foreach (var endpoint in Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<RequiredPermission>()?.Permission is not { } required || endpoint.RoutePattern.RawText == "/metrics") continue;
            var path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}".Replace("{id}", "x", StringComparison.Ordinal)
                .Replace("{sequence}", "1", StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods)
                foreach (var (browser, role, own) in three)
                {
                    // A key ring that is rotated, or sessions that end, would end this test.
                    if (path.EndsWith("/keys/rotate", StringComparison.Ordinal) && own.Permissions.Contains(required)) continue;
                    var answer = await browser.SendRawAsync(method, path, null, "Origin", browser.Origin, "Sec-Fetch-Site", "same-origin");
                    var may = AdministratorDomain.Of(required) is { } domain ? domain == own : role.Grants().Contains(required);
                    var isRefused = answer.Status == 403 && answer.Text.Contains($"This requires the permission {required}.", StringComparison.Ordinal);
                    if (answer.Status == 401 || isRefused == may) faults.Add($"{method} {path} answers {answer.Status} to {role.Name}");
                    walked++;
                }
        }

        faults.Should().BeEmpty();
        walked.Should().BeGreaterThan(3 * 95);
    }

    [Theory]
    [InlineData("administrator", "administrator (configuration.change, history.export, people.manage)")]
    [InlineData("engineer,auditor", "engineer (configuration.change), auditor (history.export)")]
    [InlineData("security-administrator,system-administrator", "security-administrator (people.manage), system-administrator (configuration.change)")]
    public async Task nobody_is_given_a_mixture(string roles, string mixture)
    {
        var names = roles.Split(',');
        var name = SharedHost.NewName();
        foreach (var path in (string[])["users", "users/check"])
        {
            var answer = await shared.Security.SendAsync("POST", path, new { userName = name, name, roles = names, signIn = "password" });
            answer.Status.Should().Be(400, answer.Text);
            answer.Faults.Should().Equal("roles");
            answer.Text.Should().Contain($"exclude each other. This mixes them: {mixture}.");
        }

        (await shared.Security.SendAsync("POST", "groups", new { name, roles = names })).Faults.Should().Equal("roles");
        (await shared.Security.SendAsync("POST", "api-keys", new { name, roles = names })).Faults.Should().Equal("roles");
        (await Host.SendAsync("POST", "users", new { userName = name, name, roles = names })).Faults.Should().Equal(["roles"], "the bootstrap key is no exception");
        var chinese = await shared.Security.SendAsync("POST", "users", new { userName = name, name, roles = names }, "Accept-Language", "zh-CN");
        chinese.Text.Should().Contain($"系统管理员、安全管理员与审计管理员的权限互斥，此处将其混用：{mixture}。");
    }

    [Fact]
    public async Task nor_does_anybody_come_to_one_by_a_group_a_role_a_key_or_a_file()
    {
        var (engineer, keeper) = (SharedHost.NewName(), SharedHost.NewName());
        var user = (await shared.Security.SendAsync("POST", "users", new { userName = engineer, name = engineer, roles = new[] { "engineer" } })).Body;
        var role = new { name = keeper, permissions = new[] { "people.read", "alarms.read" } };
        var own = (await shared.Security.SendAsync("POST", "roles", role)).Body;
        var group = new { name = keeper, roles = new[] { keeper }, members = new[] { (string?)user["id"] } };
        var made = await shared.Security.SendAsync("POST", "groups", group);
        made.Status.Should().Be(201, made.Text);

        var mixed = new { name = keeper, permissions = new[] { "people.manage", "history.verify" } };
        var answer = await shared.Security.SendAsync("PUT", $"roles/{own["id"]}", mixed, "If-Match", "*");
        answer.Faults.Should().Equal("permissions");
        answer.Text.Should().Contain("This mixes them: people.manage, history.verify.");
        answer = await shared.Security.SendAsync(
            "PUT", $"roles/{own["id"]}", new { name = keeper, permissions = new[] { "history.verify" } }, "If-Match", "*");
        answer.Faults.Should().Equal("permissions");
        answer.Text.Should().Contain($"'{engineer}' would mix them: engineer (configuration.change), {keeper} (history.verify).");
        var audit = new { name = $"{keeper}2", roles = new[] { "auditor" }, members = new[] { (string?)user["id"] } };
        (await shared.Security.SendAsync("POST", "groups", audit)).Faults.Should().Equal("members");
        var changed = new { name = keeper, roles = new[] { "auditor" }, members = new[] { (string?)user["id"] } };
        (await shared.Security.SendAsync("PUT", $"groups/{made.Body["id"]}", changed, "If-Match", "*")).Faults.Should().Equal("roles");
        answer = await shared.Security.SendAsync(
            "POST", "api-keys", new { name = keeper, permissions = new[] { "people.manage", "operation.manage" } });
        answer.Faults.Should().Equal("permissions");

        foreach (var mode in (string[])["preview", "merge"])
        {
            using var file = new MultipartFormDataContent { { new StringContent($"userName,roles\n{engineer},engineer;auditor\n"), "file", "people.csv" } };
            var imported = await Host.SendAsync("POST", $"users/import?mode={mode}", file);
            imported.Body["skipped"]![0]!["reason"]!.GetValue<string>().Should().Contain("exclude each other");
        }
    }

    [Fact]
    public async Task the_security_administrator_gives_others_what_they_lack_and_themselves_nothing()
    {
        using var operators = await shared.NewAsync(SharedHost.NewName(), "operator", "engineer");
        (await operators.SendAsync("GET", "alarms")).Status.Should().Be(200);

        var self = (await shared.Security.SendAsync("GET", "users?search=security")).Body["items"]![0]!.AsObject();
        foreach (var (role, status, text) in new[] { ("operator", 403, "nobody gives themselves permissions. These would be new: alarms.read, alarms.acknowledge"),
            ("system-administrator", 400, "exclude each other") })
        {
            self["roles"] = new System.Text.Json.Nodes.JsonArray("security-administrator", role);
            var refused = await shared.Security.SendAsync("PUT", $"users/{self["id"]}", self, "If-Match", "*");
            Refused(refused, status, text);
        }

        var group = new { name = SharedHost.NewName(), roles = new[] { "operator" }, members = new[] { (string?)self["id"] } };
        (await shared.Security.SendAsync("POST", "groups", group)).Status.Should().Be(403);
    }

    [Fact]
    public async Task a_key_has_nothing_of_another_administrator_than_who_makes_it_and_sees_it()
    {
        var (name, other) = (SharedHost.NewName(), SharedHost.NewName());
        var refused = await shared.Security.SendAsync("POST", "api-keys", new { name, roles = new[] { "engineer" } });
        Refused(refused, 403, "nothing of another administrator: configuration.change, configuration.secrets.");
        (await shared.Security.SendAsync("POST", "api-keys", new { name, roles = new[] { "intake" } })).Status.Should().Be(201);
        (await shared.Security.SendAsync("POST", "api-keys", new { name = other, roles = new[] { "security-administrator" } })).Status.Should().Be(201);
    }

    [Fact]
    public async Task a_password_that_the_security_administrator_has_set_must_be_changed()
    {
        var name = SharedHost.NewName();
        var user = (await shared.Security.SendAsync("POST", "users", new { userName = name, name, roles = new[] { "engineer" }, signIn = "password" })).Body;
        var kept = await shared.Security.SendAsync("POST", $"users/{user["id"]}/password", new { password = SigningIn.Password, mustChange = false });
        kept.Faults.Should().Equal("mustChange");
    }

    [Fact]
    public async Task the_security_administrator_decides_on_the_configuration_and_the_audit_administrator_on_the_audit()
    {
        var message = new { type = "wecom", name = SharedHost.NewName(), content = "x" };
        using var engineer = await shared.NewAsync(SharedHost.NewName(), "engineer");
        using var second = await shared.NewAsync(SharedHost.NewName(), "audit-administrator");
        using var keeper = await shared.NewAsync(SharedHost.NewName(), "security-administrator");
        var policy = await shared.Security.SendAsync("PUT", "approval-policy", new { kinds = new[] { "message", "hold" } }, "If-Match", "*");
        policy.Status.Should().Be(200, policy.Text);
        var proposed = await engineer.SendAsync("POST", "messages", message);
        proposed.Status.Should().Be(202, proposed.Text);
        var refused = await shared.Audit.SendAsync("POST", $"proposals/{proposed.Body["id"]}/approve");
        Refused(refused, 403, "The audit administrator does not decide");
        (await shared.Audit.SendAsync("POST", $"proposals/{proposed.Body["id"]}/reject")).Status.Should().Be(403);
        (await shared.Security.SendAsync("POST", $"proposals/{proposed.Body["id"]}/approve")).Status.Should().Be(200);

        var hold = await shared.Audit.SendAsync("POST", "audit/holds", new { name = "Case 1", reason = "Asked for", resource = "notification" });
        hold.Status.Should().Be(202, hold.Text);
        (await shared.Security.SendAsync("POST", $"proposals/{hold.Body["id"]}/approve")).Text.Should().Contain("This requires the permission retention.manage.");
        (await second.SendAsync("POST", $"proposals/{hold.Body["id"]}/approve")).Status.Should().Be(200);

        var end = await shared.Security.SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "*");
        (await keeper.SendAsync("POST", $"proposals/{end.Body["id"]}/approve")).Status.Should().Be(200);
    }

    private static void Refused(RestAnswer answer, int status, string text)
    {
        answer.Status.Should().Be(status, answer.Text);
        answer.Detail.Should().Contain(text);
    }

    /// <summary>The setting is made where somebody is an administrator of everything.</summary>
    [Fact]
    public async Task of_a_mixture_from_before_only_the_security_administrator_counts_and_the_start_says_so()
    {
        await using var before = await NotifyHost.StartAsync();
        await before.MakePersonAsync("boss", "administrator");
        await before.PostAsync("roles", new { name = "both", permissions = new[] { "configuration.change", "history.export", "alarms.read" } });
        await before.MakePersonAsync("li.na", "both");
        var lines = new LogLines();
        await using var host = await NotifyHost.StartAsync(
            ["Notify:SeparateAdministrators=true", "Logging:LogLevel:Default=Warning"], replace: x => x.AddSingleton<ILoggerProvider>(lines),
            sameStoreAs: before);
        lines.Lines.Where(x => x.Contains("Administrators are separated")).Should().HaveCount(3)
            .And.Contain(x => x.Contains("user The boss") && x.Contains("administrator (configuration.change, history.export, people.manage)"))
            .And.Contain(x => x.Contains("user The li.na")).And.Contain(x => x.Contains("API key bootstrap"));
        using var boss = Browser.Of(host);
        var session = await boss.SignInAsync("boss", SigningIn.Password);
        var permissions = session["permissions"]!.AsArray().Select(x => (string?)x);
        permissions.Should().Contain("people.manage").And.NotContain("configuration.change").And.NotContain("history.export");
        using var other = Browser.Of(host);
        (await other.SignInAsync("li.na", SigningIn.Password))["permissions"]!.AsArray().Select(x => (string?)x).Should().Equal("alarms.read");

        // Who has a mixture can be given another address, and one of the three roles, but no other mixture.
        var user = (await boss.SendAsync("GET", "users?search=li.na")).Body["items"]![0]!.AsObject();
        user["email"] = "li.na@example.com";
        (await boss.SendAsync("PUT", $"users/{user["id"]}", user, "If-Match", "*")).Status.Should().Be(200);
        user["roles"] = new System.Text.Json.Nodes.JsonArray("both", "engineer");
        (await boss.SendAsync("PUT", $"users/{user["id"]}", user, "If-Match", "*")).Faults.Should().Equal("roles");
        user["roles"] = new System.Text.Json.Nodes.JsonArray("audit-administrator");
        (await boss.SendAsync("PUT", $"users/{user["id"]}", user, "If-Match", "*")).Status.Should().Be(200);
    }
}
