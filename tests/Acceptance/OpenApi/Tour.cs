using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>Goes to every address of the API, with good requests and with each kind of bad one.</summary>
internal sealed class Tour(HttpClient http, HttpClient browser, NotifyHost host)
{
    public async Task WalkAsync()
    {
        var example = await Example.MakeAsync(http, host.WeCom);
        await ConfigurationAsync(example);
        await DrillsAsync(example);
        await SessionAsync();
        await PeopleAsync();
        await RefusalsAsync(example);
        await TransferAsync();
        await AlarmsAsync();
        await NotificationsAsync(example);
        await AuditAsync();
        await ReplaysAsync(example);
        await ProofsAsync();
        await OperationAsync();
        await ApprovalsAsync(example);
    }

    private async Task ConfigurationAsync(Example example)
    {
        await GetAsync("channels");
        var source = JsonNode.Parse(await SendAsync("POST", "expected-sources", new { name = "Line 2", path = "Site1/Line2/**", expectEvery = 30 }))!;
        await Eventually.GetAsync(() => host.GetAsync("expected-sources/states"), x => x["items"]!.AsArray().Count > 0);
        await GetAsync("expected-sources/states");
        foreach (var path in new[] { $"services/{example.ServiceId}", $"messages/{example.MessageId}", $"schedules/{example.ScheduleId}",
            $"rules/{example.RuleId}", $"expected-sources/{source["id"]}" })
        {
            var kind = path[..path.IndexOf('/', StringComparison.Ordinal)];
            await GetAsync(kind);
            var resource = JsonNode.Parse(await GetAsync(path))!;
            resource["description"] = "Read, changed and sent back";
            await SendAsync("PUT", path, resource, ifMatch: "*");
            await SendAsync("POST", $"{path}/disable{(kind == "services" ? "?confirm=1" : "")}", ifMatch: "*");
            await SendAsync("POST", $"{path}/enable", ifMatch: "*");
            await GetAsync($"{path}/history");
            await GetAsync($"{path}/references");
            await GetAsync($"{path}?version=1");
            resource["name"] = "Only for a moment";
            // A masked secret is good only where it was read.
            if (kind == "services") resource["wecom"] = JsonNode.Parse($$"""{ "bots": [ { "alias": "Line 1", "webhookUrl": "{{host.WeCom.RobotUrl(Example.RobotKey)}}" } ] }""");
            await SendAsync("POST", $"{kind}/check", resource);
            var copy = await SendAsync("POST", kind, resource);
            await SendAsync("DELETE", $"{kind}/{JsonNode.Parse(copy)!["id"]}", ifMatch: "*");
        }

        object[] receivers = [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" },
            new { kind = "account", account = "lisi" }];
        await SendAsync("POST", $"services/{example.ServiceId}/test", new { receivers, text = "A test" });
        await SendAsync("POST", $"services/{example.ServiceId}/connection-test", new { });
        await SendAsync("POST", $"messages/{example.MessageId}/test", new { serviceId = example.ServiceId, receivers });
        await SendAsync("POST", "messages/test",
            new { serviceId = example.ServiceId, receivers, message = new { type = "wecom", format = "text", content = "{level} {name}" } });
        foreach (var format in new[] { "text", "markdown", "markdown_v2", "template_card" })
            await SendAsync("POST", "messages/preview",
                new
                {
                    type = "wecom",
                    format,
                    content = "{level} {name}\n{description}",
                    mentions = new { accounts = new[] { "zhangsan" }, mobiles = Array.Empty<string>() }
                });
        await SendAsync("POST", "schedules", new
        {
            name = "National Day",
            kind = "holiday",
            timeZone = "Asia/Shanghai",
            from = "2026-10-01",
            to = "2026-10-07",
            workedDays = new[] { new { date = "2026-10-10", @as = "friday" } }
        });
        await GetAsync($"schedules/{example.ScheduleId}/calendar?from=2026-09-28&to=2026-10-12");
        var office = new
        {
            kind = "standard",
            timeZone = "Asia/Shanghai",
            ignoreHolidays = true,
            weekly = new { thursday = new[] { new { from = "08:00:00", to = "17:30:00" } } }
        };
        await SendAsync("POST", "schedules/calendar", new { schedule = office, from = "2026-10-01", to = "2026-10-31" });
        await SendAsync("POST", "rules/explain", new { alarm = new { name = "Motor too hot", level = "Critical" }, at = "2026-10-01T08:00:00Z" });
        await SendAsync("POST", $"rules/{example.RuleId}/explain", new { });
        await GetAsync("configuration/check?days=7&path=Site1/**&level=Critical");

        foreach (var import in new[] { "accounts/import/preview?type=wecom", $"{example.ServiceId}/accounts/import?mode=preview",
            $"{example.ServiceId}/accounts/import?mode=preview&as=replace", $"{example.ServiceId}/accounts/import?mode=merge" })
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes("姓名,账号\n王五,wangwu\n,nobody\n")), "file",
                "members.csv" } };
            await SendAsync("POST", $"services/{import}", form, ifMatch: "*");
        }
    }

    private async Task SessionAsync()
    {
        const string Password = SigningIn.Password;
        await AsPersonAsync("GET", "session/set-up");
        var done = JsonNode.Parse(await AsPersonAsync("POST", "session/set-up", new { userName = "boss", name = "The Boss", password = Password }))!;
        await AsPersonAsync("POST", "session", new { userName = "boss", password = "not this one at all" }, 401);
        await AsPersonAsync("POST", "session", new { userName = "boss", password = Password });
        await AsPersonAsync("GET", "session");
        await AsPersonAsync("GET", "sessions");
        await SendAsync("GET", $"users/{done["userId"]}/sessions");
        await AsPersonAsync("POST", "session/password", new { password = Password, newPassword = "marble onion window forest" });
        await AsPersonAsync("POST", "session/password", new { password = "marble onion window forest", newPassword = Password });

        var begun = JsonNode.Parse(await AsPersonAsync("POST", "session/second-factor", new { password = Password }))!;
        var code = AuthenticatorApp.CodeOf((string)begun["secret"]!);
        await AsPersonAsync("POST", "session/second-factor", new { state = (string)begun["state"]!, code });
        await AsPersonAsync("DELETE", "session/second-factor", new { password = Password });
        await SendAsync("DELETE", $"users/{done["userId"]}/second-factor", refused: 409);

        using var device = new PasskeyDevice(host.Url);
        var creation = JsonNode.Parse(await AsPersonAsync("POST", "session/passkeys/options", new { password = Password }))!;
        var added = JsonNode.Parse(await AsPersonAsync(
            "POST", "session/passkeys", new { name = "Laptop", state = (string)creation["state"]!, credential = device.Create(creation["options"]!) }))!;
        await AsPersonAsync("GET", "session/passkeys");
        var challenge = JsonNode.Parse(await AsPersonAsync("POST", "session/passkey/options"))!;
        await AsPersonAsync("POST", "session/passkey", new { state = (string)challenge["state"]!, credential = device.Get(challenge["options"]!) });
        await AsPersonAsync("DELETE", $"session/passkeys/{added["id"]}", new { password = Password });

        // A sign-in ends the session that the same browser had: another one has one, too.
        using var elsewhere = Browser.Of(host);
        await elsewhere.SignInAsync("boss", Password);
        var first = JsonNode.Parse(await AsPersonAsync("GET", "sessions"))!["items"]!.AsArray().First(x => !x!["isCurrent"]!.GetValue<bool>())!;
        await AsPersonAsync("DELETE", $"sessions/{first["id"]}");
        await AsPersonAsync("DELETE", "session");
        await AsPersonAsync("POST", "session", new { userName = "boss", password = Password });
        await AsPersonAsync("DELETE", "sessions");
        var other = JsonNode.Parse(await SendAsync(
            "POST", "users", new { userName = "li.na", name = "Li Na", roles = new[] { "viewer" }, signIn = "password" }))!;
        await SendAsync("POST", $"users/{other["id"]}/password", new { password = Password });
        await AsPersonAsync("POST", "session", new { userName = "li.na", password = Password });
        var app = JsonNode.Parse(await AsPersonAsync("POST", "session/second-factor", new { password = Password }))!;
        await AsPersonAsync(
            "POST", "session/second-factor", new { state = (string)app["state"]!, code = AuthenticatorApp.CodeOf((string)app["secret"]!) });
        await SendAsync("DELETE", $"users/{other["id"]}/second-factor");
        await SendAsync("DELETE", $"users/{other["id"]}/sessions");
    }

    /// <summary>With the cookie in place of a key, as one of Notify's own pages.</summary>
    private Task<string> AsPersonAsync(string method, string path, object? body = null, int? refused = null, string? ifMatch = null) =>
        SendAsync(browser, method, path, body, refused, ifMatch, null);

    private async Task PeopleAsync()
    {
        await GetAsync("permissions");
        var role = JsonNode.Parse(await SendAsync(
            "POST", "roles", new { name = "shift leader", description = "", permissions = new[] { "alarms.read", "alarms.acknowledge" } }))!;
        var user = JsonNode.Parse(await SendAsync("POST", "users", new
        {
            userName = "zhang.san",
            name = "张三",
            email = "zhang.san@example.com",
            mobile = "+8613800138000",
            wecomAccount = "zhangsan",
            language = "zh",
            timeZone = "Asia/Shanghai",
            roles = new[] { "shift leader" },
            paths = new[] { "Site1/**" },
            signIn = "password",
        }))!;
        var group = JsonNode.Parse(await SendAsync(
            "POST", "groups", new { name = "Night shift", members = new[] { user["id"] }, roles = new[] { "viewer" }, oidcGroup = "night" }))!;
        await SendAsync("DELETE", $"users/{user["id"]}", null, 409, "*");
        await GetAsync("directory");
        await SendAsync("PUT", "roles/role-viewer", new { name = "viewer", permissions = new[] { "alarms.read" } }, 409, "*");
        foreach (var (kind, resource) in ((string, JsonNode)[])[("groups", group), ("users", user), ("roles", role)])
        {
            var path = $"{kind}/{resource["id"]}";
            await GetAsync(kind);
            resource["description"] = "Read, changed and sent back";
            await SendAsync("POST", $"{kind}/check?id={resource["id"]}", resource);
            await SendAsync("PUT", path, resource, ifMatch: "*");
            await SendAsync("POST", $"{path}/disable", ifMatch: "*");
            await SendAsync("POST", $"{path}/enable", ifMatch: "*");
            await GetAsync(path);
            await GetAsync($"{path}/history");
            await GetAsync($"{path}/references");
            await SendAsync("DELETE", path, ifMatch: "*");
        }

        foreach (var mode in new[] { "preview", "merge" })
        {
            var rows = Encoding.UTF8.GetBytes("用户名,姓名,角色\nwang.wu,王五,viewer\nx,nobody,\n");
            using var form = new MultipartFormDataContent { { new ByteArrayContent(rows), "file", "people.csv" } };
            await SendAsync("POST", $"users/import?mode={mode}", form);
        }

        await GetAsync("users/export");
        var key = JsonNode.Parse(await SendAsync("POST", "api-keys", new
        {
            name = "SCADA line 1",
            description = "Reports alarms of line 1",
            roles = new[] { "intake" },
            permissions = new[] { "alarms.read" },
            paths = new[] { "Site1/Line1/**" },
            expiresAt = "2100-01-01T00:00:00Z",
            expectEvery = 15,
        }))!;
        var keyPath = $"api-keys/{key["id"]}";
        key.AsObject().Remove("key");
        key["description"] = "Read, changed and sent back";
        await SendAsync("POST", $"api-keys/check?id={key["id"]}", key);
        await SendAsync("PUT", keyPath, key, ifMatch: "*");
        await SendAsync("POST", $"{keyPath}/rotate", new { overlapHours = 24 });
        await GetAsync("api-keys");
        await GetAsync(keyPath);
        await GetAsync($"{keyPath}/history");
        await GetAsync($"{keyPath}/references");
        await SendAsync("POST", $"{keyPath}/revoke");
        await SendAsync("POST", $"{keyPath}/rotate", new { overlapHours = 24 }, 409);
    }

    private async Task DrillsAsync(Example example)
    {
        var body = new JsonObject
        {
            ["name"] = "Line 1 is reached",
            ["serviceId"] = example.ServiceId,
            ["messageId"] = example.MessageId,
            ["receivers"] = new JsonArray(new JsonObject { ["kind"] = "bot", ["alias"] = "Line 1" }),
            ["at"] = JsonNode.Parse("""{ "weekdays": ["monday", "thursday"], "time": "08:00:00", "timeZone": "Asia/Shanghai" }"""),
            ["confirmWithinMinutes"] = 30,
            ["provenEveryHours"] = 168,
        };
        await SendAsync("POST", "drills/check", body);
        var path = $"drills/{JsonNode.Parse(await SendAsync("POST", "drills", body))!["id"]}";
        await SendAsync("POST", $"{path}/run");
        await GetAsync("drills");
        await SendAsync("PUT", path, JsonNode.Parse(await GetAsync(path))!, ifMatch: "*");
        await GetAsync($"{path}/runs");
        await SendAsync("POST", $"{path}/disable", ifMatch: "*");
        await SendAsync("POST", $"{path}/enable", ifMatch: "*");
        await GetAsync($"{path}/history");
        await GetAsync($"{path}/references");
        await SendAsync("DELETE", path, ifMatch: "*");
    }

    private async Task RefusalsAsync(Example example)
    {
        await SendAsync("POST", "rules", new { name = "" }, 400);
        await SendAsync("GET", "rules?sort=secret", null, 400);
        await SendAsync("GET", "rules/rule-none", null, 404);
        await SendAsync("POST", "messages", new { type = "wecom", name = "ALARM text", content = "x" }, 409);
        await SendAsync("DELETE", $"services/{example.ServiceId}", null, 409, "*");
        await SendAsync("PUT", $"services/{example.ServiceId}",
            new { name = "Plant WeCom", type = "wecom", wecom = new { bots = new[] { new { alias = "Line 1" } } } }, 409, "*");
        await SendAsync("POST", $"rules/{example.RuleId}/disable", null, 412, "\"99\"");
        await SendAsync("POST", $"rules/{example.RuleId}/disable", null, 428);
        await SendAsync("POST", "schedules", new StringContent("{}", Encoding.UTF8, "text/plain"), 415);
        await SendAsync("POST", "messages", new StringContent(new string(' ', 17 * 1024 * 1024), Encoding.UTF8, "application/json"), 413);
        await SendAsync("POST", "alarms", new { alarms = Array.Empty<object>() }, 400);
        var credentials = http.DefaultRequestHeaders.Authorization;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "ntf_nobody");
        await SendAsync("GET", "services", null, 401);
        http.DefaultRequestHeaders.Authorization = credentials;
    }

    private async Task TransferAsync()
    {
        await GetAsync("configuration/recipient");
        await GetAsync("configuration/export");
        var document = JsonNode.Parse(await GetAsync("configuration/export?format=json"))!;
        document["messages"]![0]!["content"] = "{level} {name}";
        await SendAsync("POST", "configuration/import?dryRun=true", document);
        await SendAsync("POST", "configuration/import", JsonNode.Parse("""{ "notify": 2 }"""), 400);
        await SendAsync("POST", "configuration/rebuild");
        await SendAsync("POST", "operation/rebuild", new { models = new[] { "alarms", "configuration" } });
        await GetAsync("operation/rebuild");
        await GetAsync("operation/keys");
        await GetAsync("operation/nodes");
        await SendAsync("POST", "operation/backup", new { note = "pg_dump to the vault" });
        await GetAsync("operation/backup");
        await SendAsync("POST", "operation/keys/rotate", refused: 409);
        new MasterKey(Path.Combine(host.DataDirectory, "master.key")).Add();
        await SendAsync("POST", "operation/keys/rotate");
    }

    private async Task AlarmsAsync()
    {
        var alarm = new
        {
            name = "Motor too hot",
            path = "Site1/Line1/Motor",
            level = "Critical",
            value = 98.5,
            ackMode = "manual",
            labels = new { team = "ops" }
        };
        var accepted = JsonNode.Parse(await SendAsync("POST", "alarms", new { alarms = new object[] { alarm, new { path = "nameless" } } }))!;
        var id = accepted["accepted"]![0]!["alarmId"]!.GetValue<string>();
        await host.WeCom.WaitForAsync(x => x.Text.Contains("Motor too hot", StringComparison.Ordinal));
        await GetAsync("alarms");
        await GetAsync("alarms?open=true&shelved=false");
        await GetAsync("alarms/summary");
        await GetAsync("alarms/at?asOf=2026-01-01T00:00:00Z");
        await GetAsync("reports/alarms?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
        await GetAsync("reports/alarms");
        await SendAsync("POST", $"alarms/{id}/shelve", new { minutes = 60, reason = "Maintenance" });
        await SendAsync("POST", $"alarms/{id}/unshelve");
        await SendAsync("POST", $"alarms/{id}/acknowledge", new { note = "Fan replaced" });
        await GetAsync("silences");
        using (var made = await host.Client.PostAsJsonAsync(
            "/api/v2/silences", new
            {
                matchers = new[] { new { name = "plant", value = "Site9" } },
                startsAt = "2099-01-01T00:00:00Z",
                endsAt = "2099-01-02T00:00:00Z",
                createdBy = "Li",
                comment = "Maintenance",
            }))
        {
            var silence = JsonNode.Parse(await made.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["silenceID"];
            await GetAsync("silences?state=pending");
            await SendAsync("POST", $"silences/{silence}/expire");
        }

        await GetAsync($"alarms/{id}");
        await GetAsync($"alarms/{id}/explain?receiver=zhangsan");
        await GetAsync("explain?receiver=bot:Line%201&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
        var alerts = JsonNode.Parse("""
            { "version": "4", "groupKey": "{}", "status": "firing", "receiver": "notify",
              "alerts": [ { "status": "firing", "labels": { "alertname": "Down" }, "annotations": {}, "startsAt": "2026-01-31T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "a" } ] }
            """)!;
        foreach (var method in new[] { "POST", "PUT" })
            foreach (var sender in new[] { "alertmanager", "grafana" }) await SendAsync(method, $"intake/{sender}", alerts.DeepClone());
        var cloudEvent = """{ "specversion": "1.0", "id": "1", "source": "/plant", "type": "alarm", "data": { "name": "Tank full" } }""";
        await SendAsync("POST", "intake/cloudevents", new StringContent(cloudEvent, Encoding.UTF8, "application/cloudevents+json"));
        await SendAsync("OPTIONS", "intake/cloudevents");
        await SendAsync("POST", "alarms", new { alarms = new[] { new { name = "Odd\u0007 name", path = "Site1" } } });
    }

    private async Task NotificationsAsync(Example example)
    {
        // What was sent as WeCom wants it ends in the list; what WeCom refuses ends in the failed list.
        var ids = JsonNode.Parse(await GetAsync($"notifications?ruleId={example.RuleId}"))!["items"]!.AsArray()
            .Select(x => x!["id"]!.GetValue<string>()).ToList();
        await GetAsync($"notifications/{ids[^1]}");
        await GetAsync($"notifications/{ids[^1]}/receipt");
        await GetAsync($"audit/receipts/{ids[^1]}");
        await GetAsync("notifications/failed");
        await GetAsync("lanes");
        await GetAsync("notifications/failed/count");
        await GetAsync("notifications/summary");
        await SendAsync("POST", "notifications/resend", new { ids = ids.Take(1) });
        await SendAsync("POST", "notifications/dismiss", new { ids = ids.Take(1), reason = "Told by telephone" });
        await SendAsync("POST", "notifications/cancel", new { ids = ids.Take(1), reason = "A test of the plant" });
        var bulk = JsonNode.Parse(await SendAsync("POST", "notifications/bulk", new { verb = "dismiss", ids, reason = "Told by telephone" }))!["id"];
        await GetAsync($"notifications/bulk/{bulk}");
        await GetAsync($"notifications/bulk/{bulk}/items");
        await ReportAsync();
    }

    /// <summary>What a platform says of a message, signed as it signs.</summary>
    private async Task ReportAsync()
    {
        const string Token = "the-auth-token-of-the-tour";
        var settings = JsonNode.Parse($$"""{ "accountSid": "AC{{new string('0', 32)}}", "authToken": "{{Token}}", "from": "+15005550006" }""");
        var service = new JsonObject { ["type"] = "sms-twilio", ["name"] = "SMS", ["sms-twilio"] = settings };
        var id = (string)JsonNode.Parse(await SendAsync("POST", "services", service))!["id"]!;
        var signed = $"{host.Services.GetRequiredService<PublicAddress>().LinkTo($"api/v1/reports/{id}")}MessageSidSM1";
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("MessageSid", "SM1")]);
#pragma warning disable CA5350 // Twilio signs with SHA-1.
        form.Headers.Add("X-Twilio-Signature", Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes(signed))));
#pragma warning restore CA5350
        await SendAsync("POST", $"reports/{id}", form);
        await SendAsync("DELETE", $"services/{id}", ifMatch: "*");
    }

    private async Task AuditAsync()
    {
        // The history follows the events.
        var page = await Eventually.GetAsync(async () => JsonNode.Parse(await GetAsync("audit?limit=20"))!, x => x["items"]!.AsArray().Count > 0);
        await GetAsync($"audit/correlations/{page["items"]![0]!["correlationId"]}");
        await GetAsync("state");
        await GetAsync("state/diff?from=2026-01-01T00:00:00Z");
        await GetAsync($"audit/histogram?from={DateTimeOffset.UtcNow.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}&to={DateTimeOffset.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}&bars=4");
        await SendAsync("POST", "audit/rebuild");
        await GetAsync("audit/rebuild");
    }

    private async Task ReplaysAsync(Example example)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow);
        var filter = new { ruleId = example.RuleId };
        foreach (var mode in new[] { "review", "whatIf" })
        {
            var id = JsonNode.Parse(await SendAsync("POST", "replays", new { mode, from, to, filter, reason = "Incident 4711" }))!["id"];
            await Eventually.GetAsync(async () =>
                JsonNode.Parse(await GetAsync($"replays/{id}"))!, x => (string?)x["status"] == "Completed", TimeSpan.FromSeconds(60));
            await GetAsync($"replays/{id}/report");
            await GetAsync($"replays/{id}/report?format=html");
        }

        var repeat = JsonNode.Parse(
            await SendAsync("POST", "replays", new { mode = "redeliver", from, to, filter, reason = "Incident 4711" }))!["id"];
        await SendAsync("POST", $"replays/{repeat}/cancel");
        await GetAsync("replays");
        await SendAsync("POST", "replays", new { mode = "guess", from, to }, 400);
    }

    private async Task ProofsAsync()
    {
        await GetAsync("audit/checkpoint");
        await GetAsync("audit/checkpoints");
        // As after a disk was lost.
        File.Delete(Path.Combine(host.DataDirectory, "checkpoints"));
        await SendAsync("POST", "audit/checkpoints/accept", new { reason = "The disk of the data directory was replaced" });
        var sequence = JsonNode.Parse(await GetAsync("audit?limit=1&order=asc"))!["items"]![0]!["sequence"];
        await GetAsync($"audit/proof/{sequence}");
        await GetAsync("audit/consistency?first=1");
        await SendAsync("POST", "audit/verify", new { });
        await GetAsync("audit/verify");
        await GetAsync("audit/keys");
        await SendAsync("POST", "audit/keys/rotate");
        foreach (var format in new[] { "ndjson", "csv" }) await GetAsync($"audit/export?format={format}");
        var hold = JsonNode.Parse(await SendAsync(
            "POST", "audit/holds", new { name = "Case 4711", reason = "Asked for by the authority", resource = "notification" }))!["id"];
        await GetAsync("audit/holds");
        await SendAsync("DELETE", $"audit/holds/{hold}", reason: "The case is closed");
        await SendAsync("POST", "audit/erasures", new { subject = "Nobody Whosoever", reason = "Asked for it" });
    }

    private async Task OperationAsync()
    {
        await GetAsync("operation/dead-letters");
        foreach (var verb in new[] { "replay", "discard" })
            await SendAsync("POST", $"operation/dead-letters/{verb}", new { ids = new[] { Guid.Empty }, reason = "Mended" });
    }

    /// <summary>The last stop: from here on changes of messages need a second person.</summary>
    private async Task ApprovalsAsync(Example example)
    {
        await GetAsync("approval-policy");
        await SendAsync("PUT", "approval-policy", new { kinds = new[] { "message" }, signature = "none", reason = "optional" }, ifMatch: "\"0\"");
        await GetAsync("approval-policy/history");
        await SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, ifMatch: "\"1\"");
        await AsPersonAsync("POST", "session", new { userName = "boss", password = SigningIn.Password });
        var own = JsonNode.Parse(await AsPersonAsync(
            "POST", "messages", new { type = "wecom", name = "Proposed text", format = "text", content = "{name}" }))!["id"];
        await AsPersonAsync("POST", $"proposals/{own}/sign", new { signature = new { password = SigningIn.Password, meaning = "proposed" } });
        using var author = await host.ClientOfRoleAsync("engineer");
        using var colleague = await host.ClientOfRoleAsync("engineer");
        foreach (var end in new[] { "reject", "withdraw", "approve" })
        {
            var proposal = JsonNode.Parse(await SendAsync("POST", $"messages/{example.MessageId}/disable", ifMatch: "*", reason: "Not used at night", by: author))!;
            await GetAsync("proposals");
            await GetAsync($"proposals/{proposal["id"]}");
            await SendAsync("POST", $"proposals/{proposal["id"]}/{end}", new { reason = "Checked" }, by: end == "withdraw" ? author : colleague);
        }

        await EmergencyAsync(example);
    }

    private async Task EmergencyAsync(Example example)
    {
        await PersonAsync("deputy", "engineer");
        await PersonAsync("auditor", "auditor");
        var signature = new { password = SigningIn.Password };
        var asked = JsonNode.Parse(await AsPersonAsync(
            "POST", "emergency", new { reason = "The gas line's rules notify nobody", minutes = 60, signature }))!["id"];
        await AsPersonAsync("POST", $"emergency/{asked}/confirm", new { signature }, 403);
        await AsPersonAsync("POST", "session", new { userName = "deputy", password = SigningIn.Password });
        await AsPersonAsync("POST", $"emergency/{asked}/confirm", new { signature });
        await AsPersonAsync("POST", $"messages/{example.MessageId}/enable", ifMatch: "*");
        await AsPersonAsync("POST", $"emergency/{asked}/end", new { reason = "The rules are mended" });
        await GetAsync("emergency");
        await AsPersonAsync("POST", "session", new { userName = "auditor", password = SigningIn.Password });
        await AsPersonAsync("POST", $"emergency/{asked}/review", new { findings = "As the shift report says", signature });
        await GetAsync($"emergency/{asked}");
        await HistoryReviewAsync();
    }

    /// <summary>By the auditor, who has done nothing but read.</summary>
    private async Task HistoryReviewAsync()
    {
        var (from, to) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        await GetAsync("history-reviews/due");
        var hash = JsonNode.Parse(await AsPersonAsync("GET", $"history-reviews/period?from={from}&to={to}"))!["hash"];
        var review = JsonNode.Parse(await AsPersonAsync(
            "POST", "history-reviews", new { from, to, hash, findings = "As expected", signature = new { password = SigningIn.Password } }))!["id"];
        await GetAsync("history-reviews");
        await GetAsync($"history-reviews/{review}");
    }

    private async Task PersonAsync(string userName, string role)
    {
        var made = JsonNode.Parse(await SendAsync(
            "POST", "users", new { userName, name = $"The {userName}", roles = new[] { role }, signIn = "password" }))!;
        await SendAsync("POST", $"users/{made["id"]}/password", new { password = SigningIn.Password, mustChange = false });
    }

    private Task<string> GetAsync(string path) => SendAsync("GET", path);

    /// <param name="refused">The status with which it must be refused; null: it must succeed.</param>
    private Task<string> SendAsync(
        string method, string path, object? body = null, int? refused = null, string? ifMatch = null, string? reason = null, HttpClient? by = null) =>
        SendAsync(http, method, path, body, refused, ifMatch, reason, by);

    private static async Task<string> SendAsync(
        HttpClient http, string method, string path, object? body, int? refused, string? ifMatch, string? reason, HttpClient? by = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"/api/v1/{path}", UriKind.Relative));
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, body.GetType()),
        };
        // Else what is too large would still be on its way when the answer comes, and the connection would break.
        request.Headers.ExpectContinue = refused == 413;
        if (reason is not null) request.Headers.TryAddWithoutValidation("X-Change-Reason", reason);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (by is not null) request.Headers.Authorization = by.DefaultRequestHeaders.Authorization;
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (refused is { } status) ((int)response.StatusCode).Should().Be(status, $"{method} {path}");
        else response.IsSuccessStatusCode.Should().BeTrue($"{method} {path} gave {(int)response.StatusCode}");
        return text;
    }
}
