using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>
/// Every body of the contract with every field absent, null, of the wrong type, empty, too long or not to be stored: never a 5xx, the field is named,
/// and nothing is changed; half of them in Chinese. The bodies and fields come from the OpenAPI document, so that a new operation is tested as soon
/// as it is described.
/// </summary>
public sealed class HalfFilledBodiesTests : IAsyncLifetime
{
    private const int Together = 8;
    private const string Json = "application/json";

    /// <summary>In place of the field's value, as JSON text: no serializer would write some of these.</summary>
    private static readonly (string Kind, string? Value)[] spoilt =
    [
        ("absent", null), ("null", "null"), ("number", "5"), ("large number", "1e400"), ("truth", "true"), ("empty", "\"\""), ("blank", "\" \""),
        ("U+0000", "\"a\\u0000b\""),
        ("half a character", "\"\\ud800\""), ("too long", $"\"{new string('长', 20_000)}\""), ("list", "[]"), ("object", "{}"),
        ("list of null", "[null]"), ("list of objects", "[{}]"),
        ("nested", $"{new string('[', 40)}{new string(']', 40)}"), ("nested too deeply", $"{new string('[', 200)}{new string(']', 200)}"),
        ("far off", "\"9999-12-31T23:59:59.999999999Z\""),
    ];

    private NotifyHost host = null!;
    private Contract contract = null!;
    private Dictionary<string, string> ids = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        var example = await Example.MakeAsync(host);
        contract = await Contract.LoadAsync(host.Url);
        var alarm = await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot", ackMode = "manualWithNote" } } });
        ids = new(StringComparer.Ordinal)
        {
            ["services"] = example.ServiceId,
            ["messages"] = example.MessageId,
            ["schedules"] = example.ScheduleId,
            ["rules"] = example.RuleId,
            ["alarms"] = (string)alarm["accepted"]![0]!["alarmId"]!,
        };
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_spoilt_field_is_named_and_nothing_changes()
    {
        var requests = contract.Operations.SelectMany(Spoil).ToList();
        requests.Should().HaveCountGreaterThan(1000);
        var (refused, english) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var some in requests.Index().Chunk(Together))
        {
            var answers = await Task.WhenAll(some.Select(x => SendAsync(x.Item, x.Index)));
            foreach (var ((index, request), answer) in some.Zip(answers))
            {
                var what = $"{request.Call} with {request.Field} {request.Kind} gave {answer.Text}".Replace("{", "{{", StringComparison.Ordinal)
                    .Replace("}", "}}", StringComparison.Ordinal);
                answer.Status.Should().BeLessThan(500, what);
                if (answer.Status < 400) continue;
                refused.Add(Correlation(index));
                if (IsChinese(index)) english.UnionWith(TextsOf(answer).Where(x => !x.Any(c => c is >= '\u4E00' and <= '\u9FFF')));
                else ((string)answer.Body["title"]!).Should().MatchRegex("^[A-Z][a-z ]+\\.$", what);
                if (answer.Status != 400) continue;
                answer.Body["title"].Should().NotBeNull(what);
                // What is nested too deeply is no JSON to us, and has a line and column in place of a field.
                if (request.Kind != "nested too deeply") answer.Faults.Should().Contain(x => IsAbout(x, request), what);
            }
        }

        refused.Should().HaveCountGreaterThan(requests.Count / 2);
        english.Should().BeEmpty("who asks for Chinese reads Chinese: give each text a line in the table of its module (…ProblemTexts.cs)");
        (await ChangedByAsync(refused)).Should().BeEmpty("what was refused has changed nothing");
    }

    private static IEnumerable<string> TextsOf(RestAnswer answer) =>
        new[] { answer.Body["title"], answer.Body["detail"] }.Concat(answer.Body["errors"]?.AsObject().SelectMany(x => x.Value!.AsArray()) ?? [])
            .OfType<JsonNode>().Select(x => x.GetValue<string>());

    /// <summary>Or a field beside it, which could have been given instead.</summary>
    private static bool IsAbout(string path, Request request) => path.Length > 0 && request.Fields.Contains(First(path));

    private static string First(string path) => path.Split('.', '[')[0];

    private static bool IsChinese(int index) => index % 2 == 0;

    private static string Correlation(int index) => string.Create(CultureInfo.InvariantCulture, $"spoilt-{index}");

    private sealed record Request(string Call, string Method, string Path, string Field, string Kind, string Body, HashSet<string> Fields);

    private IEnumerable<Request> Spoil(Operation operation)
    {
        if (operation.Node["requestBody"]?["content"]?[Json] is not JsonObject media) yield break;
        var example = FillIn(media["example"] as JsonObject ?? []);
        var fields = example.Select(x => x.Key).Concat(PropertiesOf(media["schema"])).ToHashSet(StringComparer.Ordinal);
        foreach (var name in fields) example.TryAdd(name, null);
        var path = operation.Template.Split('/') is [_, _, _, var kind, ..] && ids.TryGetValue(kind, out var id)
            ? operation.Template.Replace("{id}", id, StringComparison.Ordinal) : operation.Template;
        foreach (var field in PathsOf(example, ""))
        {
            foreach (var (how, value) in spoilt)
            {
                yield return new(operation.Call, operation.Method, path, field, how, With(example, field, value), fields);
            }
        }
    }

    private IEnumerable<string> PropertiesOf(JsonNode? schema) => contract.Follow(schema) switch
    {
        JsonObject all when all["allOf"] is JsonArray parts => parts.SelectMany(PropertiesOf),
        JsonObject one when one["properties"] is JsonObject properties => properties.Select(x => x.Key),
        _ => [],
    };

    private JsonObject FillIn(JsonObject example)
    {
        var text = example.ToJsonString();
        foreach (var (kind, id) in ids) text = text.Replace($"{kind[..^1]}-\\u2026", id, StringComparison.Ordinal)
            .Replace($"{kind[..^1]}-…", id, StringComparison.Ordinal);
        return JsonNode.Parse(text)!.AsObject();
    }

    private static IEnumerable<string> PathsOf(JsonNode? node, string path) => node switch
    {
        JsonObject fields => fields.SelectMany(x => PathsOf(x.Value, $"{path}/{x.Key}").Prepend($"{path}/{x.Key}")),
        JsonArray { Count: > 0 } items => PathsOf(items[0], $"{path}/0").Prepend($"{path}/0"),
        _ => [],
    };

    /// <param name="value">Null: the field is taken out.</param>
    private static string With(JsonObject example, string path, string? value)
    {
        var root = example.DeepClone();
        var parts = path.TrimStart('/').Split('/');
        JsonNode owner = root;
        foreach (var part in parts[..^1]) owner = owner is JsonArray list ? list[0]! : owner[part]!;
        if (owner is JsonArray items)
        {
            if (value is null) items.RemoveAt(0);
            else items[0] = "\u0001";
        }
        else if (value is null) owner.AsObject().Remove(parts[^1]);
        else owner[parts[^1]] = "\u0001";
        return value is null ? root.ToJsonString() : root.ToJsonString().Replace("\"\\u0001\"", value, StringComparison.Ordinal);
    }

    private async Task<RestAnswer> SendAsync(Request request, int index)
    {
        using var content = new StringContent(request.Body, Encoding.UTF8, Json);
        return await host.SendAsync(request.Method, request.Path["/api/v1/".Length..], content, "X-Correlation-Id", Correlation(index), "If-Match",
            "*", "Accept-Language", IsChinese(index) ? "zh-CN,zh;q=0.9,en;q=0.8" : "en");
    }

    private async Task<List<string>> ChangedByAsync(List<string> correlations)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = source.CreateCommand(
            "select distinct correlation_id || ' ' || type from notify.mt_events where correlation_id = any($1) and type not like 'access.%'");
        command.Parameters.AddWithValue(correlations.ToArray());
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }
}
