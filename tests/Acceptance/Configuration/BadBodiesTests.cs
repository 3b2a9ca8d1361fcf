using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Configuration;

/// <summary>Whatever is sent instead of a good body, Notify says what is wrong with it and changes nothing.</summary>
public sealed class BadBodiesTests : IAsyncLifetime
{
    private const int Bodies = 2000;
    private const int Together = 8;

    private static readonly string[] kinds = ["services", "messages", "schedules", "rules"];

    /// <summary>JSON that is right by itself and wrong in most places.</summary>
    private static readonly string[] oddValues =
    [
        "null", "true", "0", "-1", "1.5", "1e400", "-99999999999999999999999", "2147483648", "\"\"", "\" \"", "[]", "{}", "[[]]", "[null]", "[{}]",
        "{\"\":null}",
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00x\"", "{\"\\ud800\":1}", "{\"a\\u0000\":1}", "\"\\u202e\\ufeff\"",
        "\"' or 1=1; --\"", "\"{\"", "\"{{name}\"", "\"{nope}\"", "\"https://example.com/x?key=1\"",
        "\"9999-99-99\"", "\"Mars/Phobos\"", "\"25:61:00\"", "\"wecom\"", "[1,\"a\",null,{}]", "\"👩‍👩‍👧‍👦\"",
    ];

    private static readonly string[] contentTypes = ["text/plain", "application/xml", "application/x-www-form-urlencoded",
        "application/json; charset=utf-16", "multipart/form-data; boundary=x", "nonsense"];

    private NotifyHost host = null!;
    private Dictionary<string, string> good = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host);
        good = new(StringComparer.Ordinal)
        {
            ["services"] = $$"""
                {"type":"wecom","name":"NAME","description":"d","wecom":{"sendTo":["bot","account"],"bots":[{"alias":"Line 1","webhookUrl":"{{host.WeCom.RobotUrl(Example.RobotKey)}}"}],
                "app":{"corpId":"{{Example.CorpId}}","agentId":{{Example.AgentId}},"secret":"{{Example.AppSecret}}"},"accounts":[{"account":"zhangsan","name":"张三"}] } }
                """,
            ["messages"] = """{"type":"wecom","name":"NAME","description":"d","format":"text","content":"{level} {name}","mentions":{"accounts":["zhangsan"],"mobiles":["13800000000"]},"timeZone":"Asia/Shanghai"}""",
            ["schedules"] = """
                {"name":"NAME","description":"d","kind":"standard","timeZone":"Asia/Shanghai","ignoreHolidays":true,"start":"2026-01-01","end":"2026-12-31",
                "weekly":{"monday":[{"from":"08:00:00","to":"17:29:59"}],"sunday":[]}}
                """,
            ["rules"] = $$"""
                {"name":"NAME","description":"d","criteria":{"states":["ActiveUnacked"],"levels":["Critical"]},
                "actions":[{"type":"wecom","serviceId":"{{example.ServiceId}}","messageId":"{{example.MessageId}}","scheduleId":"{{example.ScheduleId}}",
                "receivers":[{"kind":"bot","alias":"Line 1"},{"kind":"account","account":"zhangsan"}]}]}
                """,
        };
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_bodies_that_are_spoiled_here_are_good()
    {
        foreach (var kind in kinds)
            (await PostAsync(kind, good[kind].Replace("NAME", kind, StringComparison.Ordinal), "application/json")).Status.Should().Be(201, kind);
    }

    [Fact]
    public async Task a_bad_body_is_refused_with_its_reason_and_changes_nothing()
    {
        var before = await CountEventsAsync();
        var random = new Random(20260930);
        var requests = Enumerable.Range(0, Bodies).Select(i => Spoil(random, i)).ToList();
        var answers = new List<(int Status, string? ContentType, string Text)>();
        foreach (var some in requests.Chunk(Together)) answers.AddRange(
            await Task.WhenAll(some.Select(x => PostAsync(x.Kind, x.Body, x.ContentType))));

        foreach (var (answer, (kind, body, contentType)) in answers.Zip(requests))
        {
            var what = $"POST {kind} as {contentType}: {(body.Length > 500 ? body[..500] + "…" : body)} gave {answer.Text}".Replace(
                "{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
            answer.Status.Should().Match(x => x == 201 || (x >= 400 && x < 500), what);
            if (answer.Status == 201) continue;
            answer.ContentType.Should().Be("application/problem+json", what);
            var problem = JsonNode.Parse(answer.Text)!;
            problem["status"]!.GetValue<int>().Should().Be(answer.Status, what);
            problem["title"]!.GetValue<string>().Should().NotBeEmpty(what);
        }

        answers.Count(x => x.Status == 400).Should().BeGreaterThan(Bodies / 2);
        answers.Should().Contain(x => x.Status == 415);
        (await CountEventsAsync() - before).Should().Be(answers.Count(x => x.Status == 201), "only what was created is recorded");
    }

    [Fact]
    public async Task a_part_that_is_null_or_left_out_has_its_default_or_is_asked_for()
    {
        foreach (var kind in kinds)
        {
            foreach (var i in Enumerable.Range(0, Fields(JsonNode.Parse(good[kind])).Count()))
            {
                var (withoutBody, withNull) = (JsonNode.Parse(good[kind].Replace("NAME", $"{kind} {i} a", StringComparison.Ordinal))!,
                    JsonNode.Parse(good[kind].Replace("NAME", $"{kind} {i} b", StringComparison.Ordinal))!);
                var (owner, name) = Fields(withoutBody).ElementAt(i);
                owner.Remove(name);
                Fields(withNull).ElementAt(i).Owner[name] = null;
                var (left, nulled) = (await PostAsync(kind, withoutBody.ToJsonString(), "application/json"),
                    await PostAsync(kind, withNull.ToJsonString(), "application/json"));
                var what = $"{kind} without {name} gave {left.Text}, with null {nulled.Text}".Replace("{", "{{", StringComparison.Ordinal)
                    .Replace("}", "}}", StringComparison.Ordinal);
                left.Status.Should().BeOneOf([201, 400], what);
                nulled.Status.Should().Be(left.Status, what);
                if (left.Status == 400) Problem(nulled.Text).Should().Be(Problem(left.Text), what);
                else Settings(nulled.Text).Should().Be(Settings(left.Text), what);
            }
        }

        static string Problem(string text) => JsonNode.Parse(text)!["errors"]?.ToJsonString() ?? throw new InvalidOperationException(text);

        static string Settings(string text)
        {
            var body = JsonNode.Parse(text)!.AsObject();
            foreach (var field in (string[])["id", "name", "createdAt", "updatedAt"]) body.Remove(field);
            return body.ToJsonString();
        }
    }

    [Fact]
    public async Task half_of_the_mentions_is_enough_for_a_message_that_is_shown_and_sent()
    {
        foreach (var (i, mentions) in ((string[])["""{"accounts":["zhangsan"]}""", """{"mobiles":["13800000000"]}""", """{"accounts":null,"mobiles":["@all"]}""", "{}", "null"]).Index())
        {
            var body = $$"""{"type":"wecom","name":"Half {{i}}","format":"text","content":"{name}","mentions":{{mentions}}}""";
            var created = await PostAsync("messages", body, "application/json");
            created.Status.Should().Be(201, created.Text);
            var message = JsonNode.Parse(created.Text)!;
            message["mentions"]!.AsObject().Select(x => x.Value!.GetValueKind()).Should()
                .Equal(System.Text.Json.JsonValueKind.Array, System.Text.Json.JsonValueKind.Array);
            var preview = await PostAsync(
                "messages/preview", body.Replace($"\"name\":\"Half {i}\",", "", StringComparison.Ordinal), "application/json");
            preview.Status.Should().Be(200, preview.Text);
            await TestAsync(message["id"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task a_message_that_was_stored_by_half_is_read_with_its_defaults()
    {
        await host.ExecuteAsync("update notify.mt_doc_message set data = data #- '{settings,mentions,mobiles}'");
        await host.ExecuteAsync("update notify.mt_events set data = data #- '{settings,mentions,mobiles}' where type = 'rules.message_created.v1'");
        await TestAsync(example.MessageId);
        (await host.GetAsync($"messages/{example.MessageId}?version=1"))["mentions"]!["mobiles"]!.AsArray().Should().BeEmpty();
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Half", path = "Site1" } } });
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 3);
    }

    private async Task TestAsync(string messageId)
    {
        var test = await host.PostAsync(
            $"messages/{messageId}/test", new { serviceId = example.ServiceId, receivers = new[] { new { kind = "bot", alias = "Line 1" } } });
        test["results"]![0]!["outcome"]!.GetValue<string>().Should().Be("delivered");
    }

    private (string Kind, string Body, string ContentType) Spoil(Random random, int i)
    {
        var kind = kinds[i % kinds.Length];
        var body = good[kind].Replace("NAME", string.Create(CultureInfo.InvariantCulture, $"{kind} {i}"), StringComparison.Ordinal);
        var contentType = "application/json";
        switch (random.Next(10))
        {
            case 0:
                body = body[..random.Next(body.Length)];
                break;
            case 1:
                contentType = contentTypes[random.Next(contentTypes.Length)];
                break;
            case 2:
                var at = random.Next(body.Length);
                body = body.Remove(at, 1).Insert(at, ((char)random.Next(1, 127)).ToString());
                break;
            case 3:
                body = random.Next(3) switch { 0 => $"[{body}]", 1 => oddValues[random.Next(oddValues.Length)], _ => body + body };
                break;
            default:
                body = SpoilFields(random, body);
                break;
        }

        return (kind, body, contentType);
    }

    /// <summary>Edits one to three places of the text of a body, each a field with its value.</summary>
    private static string SpoilFields(Random random, string body)
    {
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            // A mark that no text holds stands for the value, so that also what no serializer would write can be put there.
            var root = JsonNode.Parse(body)!;
            var places = Fields(root).ToList();
            var (owner, name) = places[random.Next(places.Count)];
            var value = owner[name]?.ToJsonString() ?? "null";
            owner[name] = "\u0001";
            var field = $"{JsonValue.Create(name)!.ToJsonString()}:\"\\u0001\"";
            var text = root.ToJsonString();
            string replacement;
            switch (random.Next(6))
            {
                case 0:
                    owner.Remove(name);
                    body = root.ToJsonString();
                    continue;
                case 1:
                    replacement = $"\"{name}X\":{value}";
                    break;
                case 2:
                    replacement = $"\"{name}\":{value},\"{name}\":{value}";
                    break;
                case 3:
                    replacement = $"\"{name}\":\"{new string("x长"[random.Next(2)], random.Next(1, 5) * 9_000)}\"";
                    break;
                case 4:
                    var depth = random.Next(2) == 0 ? 20 : 2000;
                    replacement = $"\"{name}\":{new string('[', depth)}{new string(']', depth)}";
                    break;
                default:
                    replacement = $"\"{name}\":{oddValues[random.Next(oddValues.Length)]}";
                    break;
            }

            body = text.Replace(field, replacement, StringComparison.Ordinal);
            if (!IsReadable(body)) break;
        }

        return body;
    }

    private static bool IsReadable(string body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false }) is { } node && node.ToJsonString().Length > 0
                && !body.Contains("\\ud", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<(JsonObject Owner, string Name)> Fields(JsonNode? node) => node switch
    {
        JsonObject value => value.SelectMany(x => Fields(x.Value).Prepend((value, x.Key))),
        JsonArray values => values.SelectMany(Fields),
        _ => [],
    };

    private async Task<(int Status, string? ContentType, string Text)> PostAsync(string kind, string body, string contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await host.Client.PostAsync(new Uri($"/api/v1/{kind}", UriKind.Relative), content);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private async Task<long> CountEventsAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = source.CreateCommand(
            "select count(*) from notify.mt_events where type not like 'access.%' and type not like 'node.%' and type not like 'kernel.node%'");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
