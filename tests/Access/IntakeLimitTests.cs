using System.Net;
using System.Net.Http.Json;
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

    private static Task<HttpResponseMessage> ReportAsync(HttpClient client, string name) =>
        client.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { new { name } } });
}
