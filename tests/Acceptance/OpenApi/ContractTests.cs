using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>The document at <c>/openapi/v1.json</c> and the running service say the same.</summary>
public sealed class ContractTests : IClassFixture<ContractTests.Served>, IDisposable
{
    private static readonly JsonSerializerOptions readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Contract contract;
    private readonly ContractHandler handler;
    private readonly HttpClient http;

    public ContractTests(Served served)
    {
        (contract, handler) = (served.Contract, new ContractHandler(served.Contract));
        http = ClientOf(served.Host);
    }

    public void Dispose()
    {
        http.Dispose();
        handler.Dispose();
    }

    [Fact]
    public void every_call_says_what_it_is_for_and_shows_bodies_that_fit()
    {
        var shape = new Shape(contract);
        foreach (var operation in contract.Operations)
        {
            ((string?)operation.Node["summary"]).Should()
                .NotBeNullOrEmpty($"{operation.Call} needs .Document(name, summary, description) at its endpoint");
            ((string?)operation.Node["description"]).Should()
                .NotBeNullOrEmpty($"{operation.Call} needs .Document(name, summary, description) at its endpoint");
            var bodies = operation.Node["responses"]!.AsObject().Where(x => x.Key[0] == '2').Select(x => x.Value)
                .Append(operation.Node["requestBody"]);
            foreach (var media in bodies.Select(x => x?["content"]?["application/json"])
                .Where(x => x is not null && x["schema"]!.AsObject().Count > 0))
            {
                media!["example"].Should().NotBeNull(
                    $"{operation.Call} needs an example: give it to .Takes at the endpoint (what is sent), or run every_call_answers_as_the_document_says with NOTIFY_UPDATE_OPENAPI=1 (what is answered)");
                shape.FaultsOf(media["schema"], media["example"], operation.Call).Should().BeEmpty();
            }
        }
    }

    [Fact]
    public void a_post_that_does_something_takes_an_idempotency_key()
    {
        // These change nothing, or are the same twice by their If-Match.
        string[] harmless = ["/explain", "/check", "/preview", "/calendar", "/verify", "/rebuild", "/enable", "/disable",
            // A report is a reason to ask, however often it comes.
            "/reports/{serviceId}",
            // What makes a session, a secret or a password is of who asked for it: it is asked for again, and never repeated to anybody.
            "/session", "/session/set-up", "/session/passkey", "/passkeys", "/options", "/second-factor", "/password"];
        contract.Operations.Where(x => x.Method == "POST" && !harmless.Any(x.Template.EndsWith))
            .Where(x => (x.Node["parameters"]?.AsArray() ?? []).All(p => (string?)p!["name"] != "Idempotency-Key"))
            .Select(x => x.Call).Should().BeEmpty("a caller whose answer got lost must be able to ask again: add .Idempotent() to the endpoint");
    }

    [Fact]
    public void a_body_that_may_be_left_out_is_said_to_be_optional()
    {
        contract.Operations.Where(x => x.Node["requestBody"] is { } body && (bool?)body["required"] != true).Select(x => x.Call).Should()
            .BeEquivalentTo("POST /api/v1/alarms/{id}/acknowledge", "POST /api/v1/proposals/{id}/approve", "POST /api/v1/proposals/{id}/reject",
            "POST /api/v1/proposals/{id}/withdraw", "POST /api/v1/emergency/{id}/end", "POST /api/v1/operation/backup");
    }

    [Fact]
    public void what_a_list_is_sorted_by_and_what_a_problem_holds_is_said_as_it_is()
    {
        string[] SortsOf(string kind) =>
        [
            .. contract.Operations.Single(x => x.Call == $"GET /api/v1/{kind}").Node["parameters"]!.AsArray()
                .Single(x => (string?)x!["name"] == "sort")!["schema"]!["enum"]!.AsArray().Select(x => (string)x!),
        ];
        SortsOf("services").Should().Contain(["type", "-type", "name"]);
        SortsOf("rules").Should().NotContain("type").And.NotContain("-type").And.Contain("name");
        contract.Follow(JsonNode.Parse("{ \"$ref\": \"#/components/schemas/Problem\" }"))!["properties"]!.AsObject().Should().ContainKey("errorsLeftOut");
    }

    [Fact]
    public async Task a_client_made_from_the_document_alone_sends_every_resource_there_and_back()
    {
        var client = new ContractClient(contract, http);
        var made = new List<(string Kind, string Id)>();
        foreach (var kind in (string[])["services", "messages", "schedules", "rules"])
        {
            var path = $"/api/v1/{kind}";
            var sent = client.ExampleOf($"POST {path}");
            var created = await client.CallAsync($"POST {path}", sent);
            var id = client["id"] = created["id"]!.GetValue<string>();
            // A rule's example refers to the others by these names.
            client[$"{kind[..^1]}Id"] = id;
            made.Add((kind, id));
            Lost(sent, created).Should().BeEmpty();

            var read = await client.CallAsync($"GET {path}/{{id}}");
            JsonNode.DeepEquals(read, created).Should().BeTrue();
            read["description"] = "Changed";
            var replaced = await client.CallAsync($"PUT {path}/{{id}}", read);
            Lost(read, replaced).Where(x => x is not (".version" or ".updatedAt")).Should().BeEmpty();
            ((string?)(await client.CallAsync($"POST {path}/{{id}}/disable"))["status"]).Should().Be("disabled");
            ((string?)(await client.CallAsync($"POST {path}/{{id}}/enable"))["status"]).Should().Be("enabled");
            (await client.CallAsync($"GET {path}/{{id}}/history"))["items"]!.AsArray().Should().HaveCount(4);
            (await client.CallAsync($"GET {path}/{{id}}/references"))["items"]!.AsArray().Should().BeEmpty();
            (await client.CallAsync($"GET {path}"))["items"]!.AsArray().Should().Contain(x => (string?)x!["id"] == id);
        }

        foreach (var (kind, id) in made.AsEnumerable().Reverse())
        {
            client["id"] = id;
            await client.CallAsync($"GET /api/v1/{kind}/{{id}}");
            await client.CallAsync($"DELETE /api/v1/{kind}/{{id}}");
        }

        handler.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task every_call_answers_as_the_document_says()
    {
        // With nothing in it but what the tour brings.
        await using var host = await NotifyHost.StartAsync();
        using var touring = ClientOf(host);
        using var browser = new HttpClient(handler, disposeHandler: false) { BaseAddress = new Uri(host.Url) };
        browser.DefaultRequestHeaders.Add("Origin", host.Url);
        await new Tour(touring, browser, host).WalkAsync();

        if (Environment.GetEnvironmentVariable("NOTIFY_UPDATE_OPENAPI") == "1") await KeepExamplesAsync();
        handler.Faults.Should().BeEmpty();
        var succeeded = handler.Answered.Where(x => x.Split(' ')[^1][0] == '2').Select(x => x[..x.LastIndexOf(' ')]);
        contract.Operations.Select(x => x.Call).Except(succeeded).Should().BeEmpty("the tour goes everywhere");
        handler.Answered.Select(x => x.Split(' ')[^1]).Distinct().Should().Contain(["400", "401", "404", "409", "412", "413", "415", "428"]);
    }

    private HttpClient ClientOf(NotifyHost host)
    {
        var client = new HttpClient(handler, disposeHandler: false) { BaseAddress = new Uri(host.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", NotifyHost.AdminKey);
        return client;
    }

    /// <summary>What was sent and is not in the answer as it was sent; secrets never are.</summary>
    private static IEnumerable<string> Lost(JsonNode sent, JsonNode answer) =>
        sent.AsObject().Where(x => x.Value is not null).SelectMany(x => Lost(x.Value, answer[x.Key], $".{x.Key}"))
            .Where(x => !x.EndsWith(".webhookUrl", StringComparison.Ordinal) && !x.EndsWith(".secret", StringComparison.Ordinal));

    private static IEnumerable<string> Lost(JsonNode? sent, JsonNode? answer, string at) => (sent, answer) switch
    {
        (JsonObject a, JsonObject b) => a.SelectMany(x => Lost(x.Value, b[x.Key], $"{at}.{x.Key}")),
        (JsonArray a, JsonArray b) when a.Count == b.Count => a.Zip(b).SelectMany((x, i) => Lost(x.First, x.Second, at)),
        _ => JsonNode.DeepEquals(sent, answer) ? [] : [at],
    };

    /// <summary>An answer that is kept already and still fits stays, so that the file changes with the contract only. A line for each call.</summary>
    private async Task KeepExamplesAsync()
    {
        var path = Path.Combine(Repository.Root, "src", "Host", "openapi-examples.json");
        var kept = JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject();
        var lines = handler.Examples.Select(x => (x.Key, Value: kept[x.Key] is { } old && Fits(x.Key, old) ? old : x.Value))
            .Select(x => $"{JsonSerializer.Serialize(x.Key)}: {x.Value.ToJsonString(readable)}");
        await File.WriteAllTextAsync(path, $"{{\n{string.Join(",\n", lines)}\n}}\n", new UTF8Encoding(false));
    }

    /// <param name="key">Method, address and status.</param>
    private bool Fits(string key, JsonNode example) =>
        key.Split(' ') is [var method, var template, var status] && contract.Operations.Single(x => x.Call == $"{method} {template}") is var operation
        && contract.ResponseOf(operation, int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)) is { } response
        && !new Shape(contract).FaultsOf(response["content"]!["application/json"]!["schema"], example, "").Any();

    /// <summary>One Notify, which the tests leave as they found it.</summary>
    public sealed class Served : IAsyncLifetime
    {
        public NotifyHost Host { get; private set; } = null!;

        internal Contract Contract { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await NotifyHost.StartAsync();
            Contract = await Contract.LoadAsync(Host.Url);
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
