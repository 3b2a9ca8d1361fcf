using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.People;
using Notify.Kernel.Http;
using Notify.Testing;
using Xunit.Abstractions;

namespace Notify.Access.Tests;

/// <summary>
/// Requests that nobody would write, to every endpoint, as each role and as nobody: none is answered by a fault of Notify's own, none succeeds
/// without the permission, and no answer holds a secret. NOTIFY_FUZZ_REQUESTS says how many for each role; NOTIFY_TEST_SEED repeats a run.
/// </summary>
public sealed class FuzzTests(FuzzTests.FuzzedHost shared, ITestOutputHelper output) : IClassFixture<FuzzTests.FuzzedHost>
{
    private const int Usual = 150;

    /// <summary>Their end is the end of the test's own keys, or of the host.</summary>
    private static readonly string[] spared = ["POST /api/v1/operation/keys/rotate", "POST /api/v1/audit/keys/rotate"];

    private static readonly string[] odd =
    [
        "", " ", "null", "0", "-1", "1e309", "9223372036854775808", "true", "[]", "{}", "%00", "%", "%zz", "..", "../../etc/passwd", "*", "' or 1=1 --",
        "\"", "\\", "\u0000", "\ud800", "\u202e", "张三", "😀", "2026-13-45", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "{name", "{{{{",
        "Site1/***", "@all", "a:b:c", "😀\ufffd", "\r\nX-Injected: 1",
    ];

    private readonly Random random = TestRandom.New(output.WriteLine);
    private readonly string[] ids = shared.Ids;

    public static TheoryData<string?> Callers => [.. BuiltInRoles.All.Select(x => x.Name), null];

    /// <summary>One for all callers: each key is made before anything is sent, since an administrator may end on it what makes more.</summary>
    public sealed class FuzzedHost : SharedHost
    {
        public string[] Ids { get; private set; } = null!;
        public string[] Secrets { get; private set; } = null!;
        public Dictionary<string, (string Id, string Key)> Keys { get; } = new(StringComparer.Ordinal);
        public List<RouteEndpoint> Endpoints { get; private set; } = null!;

        protected override string[] Settings => ["Notify:Access:IntakeRate=100000"];

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            var example = await Example.MakeAsync(Host);
            await Host.MakePersonAsync("li.na", "administrator");
            foreach (var role in BuiltInRoles.All.Select(x => x.Name))
            {
                var key = await Host.PostAsync("api-keys", new { name = $"fuzzing {role}", roles = new[] { role } });
                Keys.Add(role, ((string)key["id"]!, (string)key["key"]!));
            }

            var accepted = await Host.PostAsync("alarms", new { alarms = new[] { new { name = "Pump", path = "Site1/Pump", level = "High" } } });
            var sent = await Eventually.GetAsync(() => Host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count > 0);
            Ids =
            [
                example.ServiceId, example.MessageId, example.ScheduleId, example.RuleId, (string)accepted["accepted"]![0]!["alarmId"]!,
                (string)sent["items"]![0]!["id"]!, (string)(await Host.GetAsync("users"))["items"]![0]!["id"]!, "role-viewer", "1", "proposal-1",
            ];
            Secrets =
            [
                NotifyHost.AdminKey, Example.RobotKey, Example.SecondRobotKey, Example.AppSecret, SigningIn.Password,
                .. Keys.Values.Select(x => x.Key),
            ];
            Endpoints =
            [
                .. Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                    .Where(x => x.RoutePattern.RawText is { } path && (path.StartsWith("/api/", StringComparison.Ordinal)
                        || path.StartsWith("api/", StringComparison.Ordinal) || path.StartsWith("/a/", StringComparison.Ordinal)))
                    .Where(x => !spared.Contains(EndpointPermissions.NameOf(x), StringComparer.Ordinal)),
            ];
            Endpoints.Should().HaveCountGreaterThan(120);
        }
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task nothing_that_anybody_sends_is_a_fault_of_notify_s_own_or_more_than_they_may(string? role)
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("NOTIFY_FUZZ_REQUESTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? n : Usual;
        var (id, key) = role is null ? (null, null) : shared.Keys[role];
        var granted = BuiltInRoles.All.SingleOrDefault(x => x.Name == role)?.Grants().ToHashSet() ?? [];
        using var client = new HttpClient { BaseAddress = new Uri(shared.Host.Url) };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var (faults, statuses) = (new List<string>(), new SortedDictionary<int, int>());
        for (var i = 0; i < count; i++)
        {
            var endpoint = shared.Endpoints[random.Next(shared.Endpoints.Count)];
            using var request = RequestTo(endpoint);
            // Who may manage keys may revoke the one that is used here: that is no part of the question.
            if (id is not null && request.RequestUri!.OriginalString.Contains(id, StringComparison.Ordinal)) continue;
            var call = $"{request.Method} {request.RequestUri} {await TextOf(request)}";
            using var response = await client.SendAsync(request);
            var (status, text) = ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            var required = endpoint.Metadata.GetMetadata<RequiredPermission>()?.Permission;
            var isForAll = endpoint.Metadata.GetMetadata<OpenEndpoint>() is not null
                || (role is not null && endpoint.Metadata.GetMetadata<OwnEndpoint>() is not null);
            if (status >= 500) faults.Add($"{status} {call}: {text}");
            else if (status < 400 && !isForAll && (required is null || !granted.Contains(required))) faults.Add($"not allowed, {status} {call}");
            if (Array.Find(shared.Secrets, x => text.Contains(x, StringComparison.Ordinal) && !call.Contains(x, StringComparison.Ordinal))
                is { } secret) faults.Add($"{secret} in the answer of {call}");
        }

        output.WriteLine($"{role ?? "nobody"}: {string.Join(", ", statuses.Select(x => $"{x.Key}: {x.Value}"))}");
        faults.Should().BeEmpty();
        if (role is null) return;
        // A sign-in with a wrong password is answered 401 to anybody: whether the key still counts is asked of it.
        using var last = await client.GetAsync(new Uri("/api/v1/session", UriKind.Relative));
        last.StatusCode.Should().Be(HttpStatusCode.OK, "else the key has not counted all the time, and this has asked nothing");
    }

    private HttpRequestMessage RequestTo(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"];
        var path = new StringBuilder();
        foreach (var segment in endpoint.RoutePattern.RawText!.Trim('/').Split('/'))
        {
            var given = random.Next(4) > 0 ? Pick(ids) : Odd();
            var value = segment.Contains('{', StringComparison.Ordinal) ? Uri.EscapeDataString(Safe(given)) : segment;
            path.Append('/').Append(value);
        }

        var names = QueryParameters.Of(endpoint.Metadata).All.Select(x => x.Name).ToList();
        var query = names.Where(_ => random.Next(3) == 0).Concat(random.Next(10) == 0 ? ["unknown"] : [])
            .Select(x => $"{x}={Uri.EscapeDataString(Safe(random.Next(3) == 0 ? Pick(ids) : Odd()))}").ToList();
        if (query.Count > 0) path.Append('?').AppendJoin('&', query);
        var request = new HttpRequestMessage(new HttpMethod(Pick([.. methods])), new Uri(path.ToString(), UriKind.Relative));
        if (request.Method != HttpMethod.Get && random.Next(8) > 0) request.Content = ContentFor(endpoint);
        if (random.Next(2) == 0) request.Headers.TryAddWithoutValidation("If-Match", Pick(["*", "\"1\"", "W/\"1\"", "1", "\"\"", "\"x\"", "\"1\", \"2\""]));
        if (random.Next(4) == 0) request.Headers.TryAddWithoutValidation("X-Change-Reason", Uri.EscapeDataString(Safe(Odd())));
        if (random.Next(4) == 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", Uri.EscapeDataString(Safe(Odd())));
        if (random.Next(4) == 0) request.Headers.TryAddWithoutValidation("Accept-Language", Pick(["zh", "en;q=0", "*", ";;;", "x-y-z"]));
        return request;
    }

    private ByteArrayContent ContentFor(RouteEndpoint endpoint)
    {
        var example = endpoint.Metadata.GetOrderedMetadata<DocumentedBody>().FirstOrDefault(x => x.Example is not null)?.Example;
        var node = Parse(example) ?? new JsonObject { ["name"] = "x", ["ids"] = new JsonArray("1"), ["reason"] = "x" };
        for (var changes = random.Next(4); changes > 0; changes--) Spoil(node);
        var text = random.Next(12) switch
        {
            0 => "null",
            1 => "",
            2 => node.ToJsonString()[..^1],
            3 => Odd(),
            _ => node.ToJsonString(),
        };
        var type = random.Next(12) == 0 ? Pick(["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16"])
            : "application/json";
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Safe(text)));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    /// <summary>Takes something out, or puts something in its place that does not belong there.</summary>
    private void Spoil(JsonNode node)
    {
        while (true)
        {
            JsonNode? child;
            switch (node)
            {
                case JsonObject { Count: > 0 } members:
                    var name = members.ElementAt(random.Next(members.Count)).Key;
                    child = members[name];
                    if (child is JsonObject or JsonArray && random.Next(3) > 0) break;
                    if (random.Next(3) == 0) members.Remove(name);
                    else members[random.Next(10) == 0 ? Safe(Odd()) : name] = Value();
                    return;
                case JsonArray { Count: > 0 } items:
                    var index = random.Next(items.Count);
                    child = items[index];
                    if (child is JsonObject or JsonArray && random.Next(3) > 0) break;
                    if (random.Next(3) == 0) items.RemoveAt(index);
                    else items[index] = Value();
                    return;
                default:
                    return;
            }

            node = child!;
        }
    }

    private JsonNode? Value() => random.Next(10) switch
    {
        0 => null,
        1 => new JsonArray(),
        2 => new JsonObject(),
        3 => JsonValue.Create(random.Next(2) == 0),
        4 => JsonValue.Create(Pick([0L, -1L, 1L, int.MaxValue, long.MaxValue, long.MinValue])),
        5 => JsonValue.Create(1.5e300),
        6 => JsonValue.Create(new string('x', 5000)),
        7 => JsonValue.Create(Pick(ids)),
        8 => new JsonArray(null, 1, "x", new JsonObject()),
        _ => JsonValue.Create(Safe(Odd())),
    };

    private string Odd() => odd[random.Next(odd.Length)];

    private T Pick<T>(T[] items) => items[random.Next(items.Length)];

    private static JsonNode? Parse(string? json) => json is null || json.TrimStart() is not ['{' or '[', ..] ? null : JsonNode.Parse(json);

    /// <summary>A half of a surrogate pair cannot be sent as UTF-8.</summary>
    private static string Safe(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static async Task<string> TextOf(HttpRequestMessage request)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync();
        var headers = string.Join(" ", request.Headers.Select(x => $"{x.Key}: {string.Join(',', x.Value)}"));
        return $"{headers} {request.Content?.Headers.ContentType} {(body.Length > 2000 ? body[..2000] : body)}";
    }
}
