using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Http;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class WrongKeysTests : IAsyncLifetime
{
    private readonly LogLines lines = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() =>
        host = await NotifyHost.StartAsync(["Logging:LogLevel:Notify=Information"], replace: x => x.AddSingleton<ILoggerProvider>(lines));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task who_tries_keys_must_wait_a_key_that_holds_comes_in_all_the_same_and_the_log_has_one_line()
    {
        for (var i = 0; i < WrongKeys.MostPerMinute; i++) (await StatusAsync($"ntf_wrong_key_number_{i}")).Should().Be(HttpStatusCode.Unauthorized);
        using (var wrong = host.ClientWith("ntf_wrong_key_once_more"))
        {
            using var refused = await wrong.GetAsync(new Uri("/api/v1/rules", UriKind.Relative));
            refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().BeInRange(1, 60);
            (await refused.Content.ReadAsStringAsync()).Should().Contain("Too many wrong keys from this address");
        }

        (await StatusAsync(NotifyHost.AdminKey)).Should().Be(HttpStatusCode.OK);
        var told = await Eventually.GetAsync(
            () => Task.FromResult(lines.Lines.Where(x => x.StartsWith("Requests from ", StringComparison.Ordinal)).ToList()), x => x.Count > 0);
        lines.Lines.Should().NotContain(
            x => x.Contains("authenticated", StringComparison.Ordinal) || x.Contains("challenged", StringComparison.Ordinal),
            "a line for each try would fill the log");
        told.Should().ContainSingle().Which.Should().Contain("from 127.0.0.1 were refused").And.Contain("GET /api/v1/rules").And.NotContain("ntf_");
    }

    private async Task<HttpStatusCode> StatusAsync(string key)
    {
        using var client = host.ClientWith(key);
        using var response = await client.GetAsync(new Uri("/api/v1/rules", UriKind.Relative));
        return response.StatusCode;
    }
}
