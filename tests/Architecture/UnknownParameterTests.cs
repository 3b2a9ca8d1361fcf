using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Architecture.Tests;

/// <summary>No endpoint passes over a query parameter that it does not know, and none can be added that does.</summary>
public sealed class UnknownParameterTests : IAsyncLifetime
{
    private const string Unknown = "no_such_parameter";

    /// <summary>They speak another product's language (<see cref="ForeignFormat"/>).</summary>
    private static readonly string[] foreign = ["/api/v1/intake", "/api/v2/"];

    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(["Notify:Console=true"]);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task every_endpoint_refuses_a_parameter_that_it_does_not_know()
    {
        var own = Endpoints().Where(x => !IsForeign(x)).ToList();
        own.Should().HaveCountGreaterThan(50);
        foreach (var endpoint in own)
        {
            var path = endpoint.RoutePattern.RawText!.Replace("{id}", "x", StringComparison.Ordinal)
                .Replace("{sequence}", "1", StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?{Unknown}=true");
                using var response = await host.Client.SendAsync(request);
                var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
                response.StatusCode.Should().Be(HttpStatusCode.BadRequest, $"{method} {path}");
                var message = problem["errors"]![Unknown]![0]!.GetValue<string>();
                var known = QueryParameters.Of(endpoint.Metadata).Names;
                if (known.Count == 0) message.Should().Contain("none are allowed here", $"{method} {path}");
                else message.Should().ContainAny(known, $"{method} {path}");
            }
        }
    }

    [Fact]
    public void only_the_formats_of_other_products_pass_over_what_they_do_not_know() =>
        Endpoints().Where(x => x.Metadata.GetMetadata<ForeignFormat>() is not null).Select(x => x.RoutePattern.RawText!)
            .Should().NotBeEmpty().And.OnlyContain(x => foreign.Any(x.StartsWith));

    [Fact]
    public async Task what_amtool_and_prometheus_may_add_is_passed_over()
    {
        using var alerts = await host.Client.GetAsync(
            new Uri("/api/v2/alerts?active=true&muted=false&filter=a%3Db&filter=c%3Dd&no_such_parameter=1", UriKind.Relative));
        alerts.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static bool IsForeign(RouteEndpoint endpoint) => foreign.Any(endpoint.RoutePattern.RawText!.StartsWith);

    private IEnumerable<RouteEndpoint> Endpoints() => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(x => x.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal) && x.Metadata.GetMetadata<IAllowAnonymous>() is null);
}
