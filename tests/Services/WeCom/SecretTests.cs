using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Testing;

namespace Notify.Services.Tests.WeCom;

public sealed class SecretTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NotifyHost host = fixture.Host;

    private Task<List<long>> CountSecretsAsync() => fixture.QueryAsync<long>("select count(*) from notify.secret");

    private static JsonObject WeCom(JsonObject body) => body["wecom"]!.AsObject();

    [Fact]
    public async Task what_is_left_out_or_comes_back_masked_is_kept()
    {
        var created = await fixture.CreateServiceAsync();
        var secrets = await fixture.QueryAsync<string>("select ref from notify.secret order by ref");
        var (robot, app) = (WeCom(created.Body)["bots"]![0]!.AsObject(), WeCom(created.Body)["app"]!.AsObject());

        created.Body["description"] = "masked";
        (await host.PutAsync($"services/{created.Id}", 1, created.Body)).Status.Should().Be(200);
        robot.Remove("webhookUrl");
        robot["alias"] = "LINE 1";
        app.Remove("secret");
        (await host.PutAsync($"services/{created.Id}", 2, created.Body)).Status.Should().Be(200);
        robot["webhookUrl"] = null;
        app["secret"] = new JsonObject { ["set"] = true };
        created.Body["description"] = "null";
        (await host.PutAsync($"services/{created.Id}", 3, created.Body)).Status.Should().Be(200);
        (await fixture.QueryAsync<string>("select ref from notify.secret order by ref")).Should().Equal(secrets);
    }

    [Fact]
    public async Task a_new_secret_is_seen_by_its_fingerprint_and_the_old_one_is_destroyed()
    {
        var (name, key) = (HostFixture.Unique("Rotated"), HostFixture.NewKey());
        var created = await host.SendAsync("POST", "services", fixture.Service(name, key));
        var before = await CountSecretsAsync();
        (await host.PutAsync($"services/{created.Id}", 1, fixture.Service(name, HostFixture.NewKey()))).Status.Should().Be(200);
        (await CountSecretsAsync()).Should().Equal(before);

        var changes = (await host.GetAsync($"services/{created.Id}/history"))["items"]![0]!["changes"]!.AsArray();
        var change = changes.Single(x => (string?)x!["path"] == "wecom.bots[0].fingerprint")!;
        change["from"]!.GetValue<string>().Should().HaveLength(16).And.NotBe(change["to"]!.GetValue<string>());
        changes.Select(x => (string?)x!["path"]).Should().BeSubsetOf(["wecom.bots[0].fingerprint", "wecom.bots[0].webhookUrl"]);

        (await host.SendAsync("DELETE", $"services/{created.Id}", null, "If-Match", "*")).Status.Should().Be(204);
        (await CountSecretsAsync()).Single().Should().Be(before.Single() - 2);
    }

    [Theory]
    [InlineData(2_147_483_648)]
    [InlineData(4_294_967_297)]
    public async Task an_agent_id_that_the_platform_cannot_have_is_refused(long agentId)
    {
        var answer = await host.SendAsync("POST", "services", new
        {
            type = "wecom",
            name = HostFixture.Unique("Service"),
            wecom = new
            {
                sendTo = new[] { "account" },
                app = new { corpId = "ww1234567890abcdef", agentId, secret = HostFixture.AppSecret },
                accounts = new[] { new { account = "zhangsan" } },
            },
        });
        answer.Faults.Should().Equal("wecom.app.agentId");
    }

    [Theory]
    [InlineData("""{ "set": true, "fingerprint": "0000000000000000" }""")]
    [InlineData("""{ "set": false }""")]
    [InlineData("""{ "set": true, "value": "x" }""")]
    [InlineData("\"two words\"")]
    [InlineData("\"\"")]
    [InlineData("7")]
    public async Task what_is_no_secret_is_refused(string secret)
    {
        var created = await fixture.CreateServiceAsync();
        WeCom(created.Body)["app"]!["secret"] = JsonNode.Parse(secret);
        var answer = await host.PutAsync($"services/{created.Id}", 1, created.Body);
        (answer.Status, answer.Faults.Single()).Should().Be((400, "wecom.app.secret"));
    }

    [Fact]
    public async Task a_secret_that_is_too_long_is_called_that()
    {
        var created = await fixture.CreateServiceAsync();
        WeCom(created.Body)["app"]!["secret"] = new string('x', 513);
        var answer = await host.PutAsync($"services/{created.Id}", 1, created.Body);
        answer.Status.Should().Be(400);
        answer.Body["errors"]!["wecom.app.secret"]!.AsArray().Select(x => (string?)x).Should().Equal("The Secret has at most 512 characters.");
    }

    [Fact]
    public async Task a_masked_address_under_another_alias_is_refused()
    {
        var created = await fixture.CreateServiceAsync();
        WeCom(created.Body)["bots"]![0]!["alias"] = "Line 2";
        (await host.PutAsync($"services/{created.Id}", 1, created.Body)).Faults.Should().Equal("wecom.bots[0].webhookUrl");
    }

    [Theory]
    [InlineData("ＬINE  1", "is used twice")]
    [InlineData("Line 1\u3164", "U+3164 is character 7")]
    [InlineData("Line\u202e 1", "U+202E is character 5")]
    [InlineData("L\nine", "U+000A is character 2")]
    public async Task no_robot_has_a_name_that_looks_like_anothers(string alias, string fault)
    {
        var created = await fixture.CreateServiceAsync();
        WeCom(created.Body)["bots"]!.AsArray().Add(new JsonObject { ["alias"] = alias, ["webhookUrl"] = host.WeCom.RobotUrl(HostFixture.NewKey()) });
        var answer = await host.PutAsync($"services/{created.Id}", 1, created.Body);
        (answer.Status, answer.Faults.Single()).Should().Be((400, "wecom.bots[1].alias"));
        answer.Text.Should().Contain(fault);
    }

    [Fact]
    public async Task a_refused_change_leaves_no_sealed_secret_behind()
    {
        var created = await fixture.CreateServiceAsync();
        var other = await fixture.CreateServiceAsync();
        var before = await CountSecretsAsync();
        var taken = other.Body["name"]!.GetValue<string>();
        (await host.PutAsync($"services/{created.Id}", 1, fixture.Service(taken, HostFixture.NewKey()))).Status.Should().Be(409);
        (await host.PutAsync($"services/{created.Id}", 1, fixture.Service("", HostFixture.NewKey()))).Status.Should().Be(400);
        (await host.PutAsync($"services/{created.Id}", 7, fixture.Service("x", HostFixture.NewKey()))).Status.Should().Be(412);
        (await host.SendAsync("POST", "services", fixture.Service(taken, HostFixture.NewKey()))).Status.Should().Be(409);
        (await CountSecretsAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task no_secret_is_ever_in_the_database_but_sealed_nor_in_log_answers_or_problems()
    {
        var log = new LogLines();
        await using var own = await NotifyHost.StartAsync(
            ["Logging:LogLevel:Default=Trace"], replace: services => services.AddSingleton<ILoggerProvider>(log));
        var fresh = new HostFixtureOn(own);
        var (key, second, refused) = (HostFixture.NewKey(), HostFixture.NewKey(), HostFixture.NewKey());
        var answers = new List<RestAnswer>();
        var created = await own.SendAsync("POST", "services", fresh.Service("Secret", key), "Idempotency-Key", "once");
        answers.Add(created);
        answers.Add(await own.PutAsync($"services/{created.Id}", 1, fresh.Service("Secret", second)));
        answers.Add(await own.PutAsync($"services/{created.Id}", 2, fresh.Service("", refused)));
        answers.Add(await own.SendAsync("POST", "services", fresh.Service("Bad", $"{refused}&x=1")));
        foreach (var path in new[] { "services", $"services/{created.Id}", $"services/{created.Id}?version=1", $"services/{created.Id}/history",
            "audit" })
            answers.Add(await own.SendAsync("GET", path));
        answers.Select(x => x.Status).Should().Equal(201, 200, 400, 400, 200, 200, 200, 200, 200);

        string[] secrets = [key, second, refused, HostFixture.AppSecret, NotifyHost.AdminKey];
        foreach (var secret in secrets)
        {
            answers.Should().NotContain(x => x.Text.Contains(secret));
            log.Lines.Should().NotContain(x => x.Contains(secret));
        }

        var tables = await fresh.QueryAsync<string>(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables where table_schema in ('notify', 'wolverine', 'public') and table_type = 'BASE TABLE'");
        tables.Should().Contain("notify.mt_events").And.Contain("notify.secret");
        foreach (var table in tables)
        {
            var rows = await fresh.QueryAsync<string>($"select t::text from {table} t");
            var bytes = secrets.Select(x => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(x)));
            foreach (var secret in secrets.Concat(bytes)) rows.Should().NotContain(x => x.Contains(secret), "of {0}", table);
        }
    }
}
