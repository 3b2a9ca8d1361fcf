using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Notify.Access.ApiKeys;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Access.Tests;

/// <summary>A sender that has run wild is slowed down, and the others are not.</summary>
public sealed class IntakeLimitTests
{
    [Fact]
    public async Task one_key_that_reports_too_often_is_told_to_wait_and_the_others_are_served()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Intake:PerKeyPerSecond=1"]);
        using var wild = await host.ClientOfRoleAsync("intake");
        using var other = await host.ClientOfRoleAsync("intake");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => ReportAsync(wild, $"Wild {i}")));
        answers.Select(x => x.StatusCode).Should().Contain(HttpStatusCode.Accepted).And.Contain(HttpStatusCode.TooManyRequests);
        answers.First(x => x.StatusCode == HttpStatusCode.TooManyRequests).Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        using var served = await ReportAsync(other, "Other");
        served.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var refused = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("audit?type=access.request_refused.v1"), x => x.Exists(e => (int)e["data"]!["status"]! == 429));
        refused.Should().OnlyContain(x => (string?)x["actor"]!["name"] == "the intake");
        foreach (var answer in answers) answer.Dispose();
    }

    [Fact]
    public async Task calls_of_one_key_at_once_wait_for_each_other_and_too_many_are_told_so()
    {
        using var limit = new CallerLimit(new ConfigurationBuilder().AddInMemoryCollection([new("Notify:Access:CallsAtOnce", "2")]).Build());
        var (working, most, gate) = (0, 0, new TaskCompletionSource());
        var calls = Enumerable.Range(0, 2 + (2 * 8)).Select(_ => limit.InvokeAsync(Of("busy"), WorkAsync)).ToList();
        var refused = await FluentActions.Awaiting(() => limit.InvokeAsync(Of("busy"), WorkAsync)).Should().ThrowAsync<ProblemException>();
        (refused.Which.Status, refused.Which.RetryAfter).Should().Be((429, 1));
        foreach (var other in new[] { Of("other"), Of("busy", Permission.AlarmsReport), Of("busy", path: "/alarms"), Of(null) })
        {
            var served = false;
            await limit.InvokeAsync(other, _ =>
            {
                served = true;
                return Task.CompletedTask;
            });
            served.Should().BeTrue();
        }

        most.Should().Be(2);
        gate.SetResult();
        await Task.WhenAll(calls);
        most.Should().Be(2);
        await limit.InvokeAsync(Of("busy"), WorkAsync);

        async Task WorkAsync(HttpContext http)
        {
            most = Math.Max(most, Interlocked.Increment(ref working));
            await gate.Task;
            Interlocked.Decrement(ref working);
        }
    }

    private static DefaultHttpContext Of(string? caller, Permission? permission = null, string path = "/api/v1/rules")
    {
        var claims = caller is null ? Array.Empty<Claim>() : [new(ClaimTypes.NameIdentifier, caller)];
        var http = new DefaultHttpContext { User = new ClaimsPrincipal(new ClaimsIdentity(claims, "test")) };
        http.Request.Path = path;
        http.SetEndpoint(new Endpoint(null, permission is null ? null : new EndpointMetadataCollection(new RequiredPermission(permission)), "test"));
        return http;
    }

    private static Task<HttpResponseMessage> ReportAsync(HttpClient client, string name) =>
        client.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { new { name } } });
}
