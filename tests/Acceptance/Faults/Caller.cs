using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>Whoever asks a Notify while something is wrong with its database.</summary>
internal sealed class Caller(NotifyProcess notify, WeComStandIn weCom)
{
    /// <summary>An alarm is accepted and arrives.</summary>
    public async Task ArrivesAsync(string name)
    {
        await notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name } } });
        await weCom.WaitForAsync(x => x.Delivered && x.Text.Contains($" {name} ", StringComparison.Ordinal));
    }

    public async Task RefusedEverythingAsync()
    {
        await RefusedAlarmsAsync();
        (await StatusAsync("/api/v1/alarms")).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync("/health/ready")).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync("/health/live")).Should().Be(HttpStatusCode.OK);
    }

    /// <returns>The problem's detail.</returns>
    public async Task<string> RefusedAlarmsAsync()
    {
        var problem = await PostAsync();
        problem!.Value.Status.Should().Be(503);
        problem.Value.RetryAfter.Should().BePositive();
        return problem.Value.Detail;
    }

    /// <returns>Null when it was accepted.</returns>
    public async Task<(int Status, string Detail, TimeSpan? RetryAfter)?> PostAsync()
    {
        using var posted = await notify.Client.PostAsJsonAsync("/api/v1/alarms", new { alarms = new[] { new { name = "probe" } } });
        if (posted.StatusCode == HttpStatusCode.Accepted) return null;
        posted.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        return ((int)posted.StatusCode, (string)JsonNode.Parse(await posted.Content.ReadAsStringAsync())!["detail"]!,
            posted.Headers.RetryAfter?.Delta);
    }

    public async Task FindsReadyAsync() => await Eventually.GetAsync(() => StatusAsync("/health/ready"), x => x == HttpStatusCode.OK);

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await notify.Client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
