using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Testing;
using Notify.Ui.Parts;

namespace Notify.Architecture.Tests;

/// <summary>Nothing but the exceptions below is open to a caller without credentials.</summary>
public sealed class EndpointTests : IAsyncLifetime
{
    /// <summary>Set it to write docs/permissions.md anew: <c>NOTIFY_UPDATE_PERMISSIONS=1 dotnet test tests/Architecture</c>.</summary>
    private const string Update = "NOTIFY_UPDATE_PERMISSIONS";

    private static readonly string[] open =
    [
        "/health/",
        "/-/healthy", "/-/ready", // Alertmanager's own health addresses, asked without credentials
        "/metrics", // from the machine itself, which this test runs on; tests/Acceptance/ObservabilityTests.cs holds the rest
        "OPTIONS /api/v1/intake/cloudevents", // asked before the first event, when a sender may have no key yet; it only hears that it may send
        // Who signs in has nothing to show before; who may do the set-up is decided by where it comes from.
        "POST /api/v1/session/", "POST /api/v1/session/passkey/", "POST /api/v1/session/passkey/options", "GET /api/v1/session/set-up",
        "POST /api/v1/session/set-up", "GET /api/v1/session/oidc/start",
        "/a/{token}", // the link itself is what one shows: tests/Alarms/ByLink
        "POST /api/v1/reports/{serviceId}", // the platform's signature is what it shows: tests/Delivery/SmsTwilio
        "/openapi/", "/docs", // the contract, which is public, and its page: they tell nothing of what is kept here
    ];

    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(["Notify:Console=true"]);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public void only_the_listed_endpoints_allow_anonymous_callers() =>
        Endpoints().Where(x => x.Metadata.GetMetadata<IAllowAnonymous>() is not null).Where(x => !IsOpen(x)).Select(x => x.RoutePattern.RawText!)
            .Should().BeEmpty("an open endpoint is an exception: remove .Open, or list it in this test with its reason");

    [Fact]
    public async Task every_other_endpoint_refuses_a_caller_without_a_key()
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(host.Url) };
        var closed = Endpoints().Where(x => !IsOpen(x)).ToList();
        closed.Should().HaveCountGreaterThan(10);
        foreach (var endpoint in closed)
        {
            var path = endpoint.RoutePattern.RawText!.Replace("{id}", "x", StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var response = await anonymous.SendAsync(request);
                response.StatusCode.Should().Be(HttpStatusCode.Unauthorized,
                    $"{method} {path} needs a key: the fallback policy of src/Modules/Access/AccessModule.cs sees to it");
                // The Alertmanager API answers in the form that amtool reads.
                response.Content.Headers.ContentType?.MediaType.Should()
                    .Be(path.StartsWith("/api/v2/", StringComparison.Ordinal) ? "application/json" : "application/problem+json");
            }
        }
    }

    [Fact]
    public void the_documentation_says_which_role_may_call_which_endpoint()
    {
        var path = Path.Combine(Solution.Root, "docs/permissions.md");
        var current = PermissionDocument.Of(Endpoints());
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 }) File.WriteAllText(path, current);
        File.ReadAllText(path).Should().Be(
            current, $"if the change is meant, write docs/permissions.md anew: {Update}=1 dotnet test tests/Architecture");
    }

    [Fact]
    public async Task a_page_declares_one_permission_and_leads_whoever_has_not_signed_in_to_the_sign_in()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var anonymous = new HttpClient(handler) { BaseAddress = new Uri(host.Url) };
        var pages = All().Where(x => x.Metadata.GetMetadata<ComponentTypeMetadata>() is not null).ToList();
        pages.Should().HaveCountGreaterThan(5);
        foreach (var page in pages)
        {
            var type = page.Metadata.GetMetadata<ComponentTypeMetadata>()!.Type;
            var declared = type.GetCustomAttributes(inherit: false)
                .Where(x => x is PagePermissionAttribute or OwnPageAttribute or OpenPageAttribute).ToList();
            declared.Should().ContainSingle($"{type} must say who may see it: [PagePermission], [OwnPage] or [OpenPage]");
            if (declared[0] is PagePermissionAttribute needed)
                Permission.Find(needed.Name).Should().NotBeNull($"{type} needs a permission that there is");
            var address = page.RoutePattern.RawText!.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            using var response = await anonymous.GetAsync(new Uri(address, UriKind.RelativeOrAbsolute));
            if (declared[0] is OpenPageAttribute) response.StatusCode.Should().Be(HttpStatusCode.OK, $"{address} is open");
            else response.Headers.Location?.OriginalString.Should().StartWith("/sign-in", $"{address} is not open");
        }

        using var connection = await anonymous.PostAsync(new Uri("/_blazor/negotiate?negotiateVersion=1", UriKind.Relative), null);
        connection.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "who has not signed in holds no connection of a page");
    }

    private static bool IsOpen(RouteEndpoint endpoint) =>
        open.Any(x => endpoint.RoutePattern.RawText!.StartsWith(x, StringComparison.Ordinal)
            || x == $"{string.Join(',', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])} {endpoint.RoutePattern.RawText}");

    private IEnumerable<RouteEndpoint> All() => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    /// <summary>Of the API. A page shows nothing by itself: what it shows and does it asks of the API.</summary>
    private IEnumerable<RouteEndpoint> Endpoints() => All().Where(x => x.Metadata.GetMetadata<PageEndpoint>() is null);
}
