using System.Net;
using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Testing;
using Xunit;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>The document by itself: whole, and open to anyone who looks for it.</summary>
public sealed class DocumentTests(DocumentTests.Served served) : IClassFixture<DocumentTests.Served>
{
    private readonly NotifyHost host = served.Host;
    private readonly JsonObject document = served.Document;

    [Fact]
    public void it_is_an_openapi_3_1_document() => ((string?)document["openapi"]).Should().StartWith("3.1.");

    [Fact]
    public void it_names_every_endpoint_that_is_mapped_and_no_other()
    {
        var mapped = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(x => (x.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
                .Select(method => $"{method} {Normal(x.RoutePattern.RawText!)}"))
            .Distinct().ToList();
        var described = Operations().Select(x => x.Call).ToList();
        // A browser is sent through it to the identity provider: no client calls it.
        var called = mapped.Where(x => x.Contains(" /api/v1/", StringComparison.Ordinal) && x != "GET /api/v1/session/oidc/start");
        called.Should().HaveCountGreaterThan(40).And.BeSubsetOf(described);
        described.Should().BeSubsetOf(mapped).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void every_operation_has_an_answer_with_a_schema_or_none_to_give()
    {
        foreach (var (call, operation) in OwnOperations())
        {
            var answers = operation["responses"]!.AsObject().Where(x => x.Key.StartsWith('2')).ToList();
            answers.Should().NotBeEmpty($"{call} succeeds with something");
            foreach (var (status, answer) in answers.Where(x => x.Key != "204"))
                answer!["content"]?.AsObject().Select(x => x.Value!["schema"]).Should()
                    .NotBeNullOrEmpty($"{call} {status} has a body").And.NotContainNulls();
        }
    }

    [Fact]
    public void every_operation_lists_its_problems()
    {
        foreach (var (call, operation) in OwnOperations())
        {
            string[] expected =
            [
                "400", "503", "default",
                .. IsOpen(call) ? Array.Empty<string>() : ["401", "403", "429"],
                .. call.Contains('{', StringComparison.Ordinal) ? ["404"] : Array.Empty<string>(),
                .. call.StartsWith("PUT /api/v1/", StringComparison.Ordinal) && call.EndsWith("{id}", StringComparison.Ordinal)
                ? ["409", "412", "413", "415", "428"] : Array.Empty<string>(),
                // Sessions and what signs in have no versions.
                .. call.StartsWith("DELETE", StringComparison.Ordinal) && !call.Contains("/audit/", StringComparison.Ordinal)
                && !call.Contains("/session", StringComparison.Ordinal) && !call.EndsWith("/second-factor", StringComparison.Ordinal)
                ? ["409", "412", "428"] : Array.Empty<string>(),
            ];
            operation["responses"]!.AsObject().Select(x => x.Key).Should().Contain(expected, call);
        }
    }

    [Fact]
    public void it_says_where_it_is_and_what_each_call_is_named()
    {
        document["servers"]!.AsArray().Select(x => (string)x!["url"]!).Should().Equal(host.Url);
        var names = Operations().Select(x => (string?)x.Operation["operationId"]).ToList();
        names.Should().OnlyHaveUniqueItems().And.OnlyContain(
            x => x != null && x.Length > 3 && char.IsAsciiLetterLower(x[0]) && x.All(char.IsAsciiLetter));
        names.Should().Contain(
            ["reportAlarms", "createRule", "listServices", "getMessageHistory", "replaceSchedule"], "clients are generated from these names");
        document["tags"]!.AsArray().Should().OnlyContain(x => x!["description"] != null);
    }

    [Fact]
    public void every_schema_means_what_it_says()
    {
        foreach (var schema in Schemas(document))
        {
            var types = schema["type"] switch
            {
                JsonArray several => several.Select(x => (string)x!).ToList(),
                JsonValue one => [one.GetValue<string>()],
                _ => []
            };
            if (schema["enum"] is JsonArray values && types.Count > 0)
                values.Select(x => x is null ? "null" : "string").Should().OnlyContain(x => types.Contains(x), schema.ToJsonString());
            if (types.Contains("array")) schema.Should().ContainKey("items", schema.ToJsonString());
            (schema["oneOf"]?.AsArray() ?? []).Should()
                .NotContain(x => Follow(x) is JsonObject && Follow(x)!.AsObject().Count == 0,
                "what takes anything takes null too, and one of two is then both");
        }

        var used = References(document).ToHashSet();
        document["components"]!["schemas"]!.AsObject().Select(x => $"#/components/schemas/{x.Key}").Should().BeSubsetOf(used);
    }

    [Fact]
    public async Task a_call_is_refused_for_what_it_requires_and_for_nothing_else()
    {
        foreach (var (call, operation) in Operations().Where(x => x.Call.StartsWith("GET ", StringComparison.Ordinal)))
        {
            var path = call[4..].Replace("{id}", "x", StringComparison.Ordinal).Replace("{sequence}", "1", StringComparison.Ordinal);
            string[] required = [.. operation["parameters"]!.AsArray().Where(x => (string?)x!["in"] == "query" && (bool?)x["required"] == true)
                .Select(x => (string)x!["name"]!)];
            using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
            if (required.Length == 0)
            {
                response.StatusCode.Should().NotBe(HttpStatusCode.BadRequest, call);
                continue;
            }

            response.StatusCode.Should().Be(HttpStatusCode.BadRequest, call);
            var errors = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["errors"]!.AsObject();
            errors.Select(x => x.Key).Should().BeEquivalentTo(required, call);
        }
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json, application/problem+json;q=0.9", "application/yaml")]
    [InlineData("application/json;q=0.9", "application/json")]
    [InlineData("*/*", "application/yaml")]
    [InlineData("nonsense", "application/yaml")]
    public async Task a_client_that_knows_only_json_gets_the_configuration_so(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/configuration/export", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await host.Client.SendAsync(request);
        (response.StatusCode, response.Content.Headers.ContentType?.MediaType).Should().Be((HttpStatusCode.OK, type));
    }

    [Fact]
    public void who_sends_from_other_systems_may_give_the_key_as_a_password()
    {
        foreach (var (call, operation) in OwnOperations())
        {
            var schemes = operation["security"]!.AsArray().Select(x => x!.AsObject().Single().Key);
            if (IsOpen(call)) schemes.Should().BeEmpty();
            else if (call == "POST /api/v1/alarms" || call.Contains("/intake/", StringComparison.Ordinal))
                schemes.Should().Equal("bearer", "session", "basic");
            else schemes.Should().Equal(["bearer", "session"], call);
        }
    }

    /// <summary>Whoever has nothing to show may call it.</summary>
    private static bool IsOpen(string call) =>
        call.StartsWith("OPTIONS", StringComparison.Ordinal)
        || call is "POST /api/v1/session" or "POST /api/v1/session/passkey" or "POST /api/v1/session/passkey/options" or "GET /api/v1/session/set-up"
            or "POST /api/v1/session/set-up" or "POST /api/v1/reports/{serviceId}";

    [Fact]
    public void every_reference_leads_somewhere()
    {
        var references = References(document).Distinct().ToList();
        references.Should().NotBeEmpty();
        references.Where(x => Follow(x) is null).Should().BeEmpty();
        document["components"]!["schemas"]!.AsObject().Select(x => x.Key).Should()
            .OnlyContain(x => x.All(c => char.IsAsciiLetterOrDigit(c) || ".-_".Contains(c)), "3.1 allows no other names");
    }

    [Fact]
    public async Task what_it_shows_as_examples_is_accepted()
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var kind in (string[])["services", "messages", "schedules", "rules"])
        {
            var example = document["paths"]![$"/api/v1/{kind}"]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"]!.DeepClone();
            foreach (var action in example["actions"]?.AsArray() ?? [])
                foreach (var name in (string[])["service", "message", "schedule"]) action![$"{name}Id"] = ids[$"{name}s"];
            var answer = await host.SendAsync("POST", kind, example);
            answer.Status.Should().Be(201, answer.Text);
            ids[kind] = answer.Id;
        }
    }

    [Fact]
    public async Task its_page_is_open_and_brings_all_it_needs()
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(host.Url) };
        var page = await anonymous.GetStringAsync(new Uri("/docs/", UriKind.Relative));
        var scripts = System.Text.RegularExpressions.Regex.Matches(page, "(src|href)=\"(?<address>[^\"]+)\"",
            System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(x => x.Groups["address"].Value).ToList();
        scripts.Should().NotBeEmpty().And.NotContain(x => x.StartsWith("http", StringComparison.Ordinal)
            || x.StartsWith("//", StringComparison.Ordinal), "it must work without Internet access");
        foreach (var script in scripts.Where(x => x.EndsWith(".js", StringComparison.Ordinal)))
        {
            using var response = await anonymous.GetAsync(new Uri(new Uri(host.Url + "/docs/"), script));
            response.StatusCode.Should().Be(HttpStatusCode.OK, script);
        }
    }

    private IEnumerable<(string Call, JsonObject Operation)> Operations() =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
            .Where(x => x.Key is "get" or "post" or "put" or "delete" or "patch" or "options")
            .Select(x => ($"{x.Key.ToUpperInvariant()} {path.Key}", x.Value!.AsObject())));

    private IEnumerable<(string Call, JsonObject Operation)> OwnOperations() =>
        Operations().Where(x => x.Call.Contains(" /api/v1/", StringComparison.Ordinal));

    private static string Normal(string pattern)
    {
        var plain = pattern.TrimEnd('/');
        return plain.StartsWith('/') ? plain : "/" + plain;
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(x => x.Key == "$ref" && x.Value is JsonValue value ? [value.GetValue<string>()] : References(x.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static IEnumerable<JsonObject> Schemas(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(x => x.Key switch
        {
            "example" => [],
            "schema" or "items" or "additionalProperties" when x.Value is JsonObject schema => Schemas(schema).Append(schema),
            "schemas" or "properties" when x.Value is JsonObject named => named.SelectMany(y => Schemas(y.Value).Append(y.Value!.AsObject())),
            _ => Schemas(x.Value),
        }),
        JsonArray list => list.SelectMany(Schemas),
        _ => [],
    };

    private JsonNode? Follow(JsonNode? node) => (string?)(node as JsonObject)?["$ref"] is { } reference ? Follow(reference) : node;

    private JsonNode? Follow(string reference)
    {
        JsonNode? node = document;
        foreach (var part in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node switch
            {
                JsonObject item => item[part],
                JsonArray list when int.TryParse(part, out var i) && i < list.Count => list[i],
                _ => null
            };
        return node;
    }

    public sealed class Served : IAsyncLifetime
    {
        public NotifyHost Host { get; private set; } = null!;

        public JsonObject Document { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync(["Notify:WeCom:AllowedOrigins:1=https://qyapi.weixin.qq.com"]);
            using var anonymous = new HttpClient { BaseAddress = new Uri(Host.Url) };
            Document = JsonNode.Parse(await anonymous.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.AsObject();
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
