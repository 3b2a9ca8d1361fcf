using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Kernel.Tests.Http;

public sealed class ReadTurnsTests : IDisposable
{
    private readonly NpgsqlDataSource database = NpgsqlDataSource.Create("Host=nowhere;Maximum Pool Size=30");

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task who_finds_no_turn_is_told_to_come_back_and_what_does_not_read_needs_none()
    {
        using var turns = Turns(("Readers", "1"), ("ReadPatience", "00:00:00"));
        var reading = new TaskCompletionSource();
        var first = turns.InvokeAsync(Request("GET"), _ => reading.Task);

        var refused = await FluentActions.Awaiting(() => turns.InvokeAsync(Request("GET"), _ => Task.CompletedTask)).Should()
            .ThrowAsync<ProblemException>();
        (refused.Which.Status, refused.Which.RetryAfter).Should().Be((503, 5));
        var others = 0;
        await turns.InvokeAsync(Request("POST"), _ => Count());
        await turns.InvokeAsync(Request("GET", new AllowAnonymousAttribute()), _ => Count());
        others.Should().Be(2);

        reading.SetResult();
        await first;
        turns.ReadersLeft.Should().Be(1);

        Task Count()
        {
            others++;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task one_caller_never_has_all_turns()
    {
        using var turns = Turns(("Readers", "4"), ("ReadPatience", "00:00:00"));
        var reading = new TaskCompletionSource();
        var all = Enumerable.Range(0, 3).Select(_ => turns.InvokeAsync(Of("busy"), _ => reading.Task)).ToList();
        (await FluentActions.Awaiting(() => turns.InvokeAsync(Of("busy"), _ => Task.CompletedTask)).Should().ThrowAsync<ProblemException>())
            .Which.Status.Should().Be(503);
        var served = false;
        await turns.InvokeAsync(Of("other"), _ =>
        {
            served = true;
            return Task.CompletedTask;
        });
        served.Should().BeTrue();
        reading.SetResult();
        await Task.WhenAll(all);
        await turns.InvokeAsync(Of("busy"), _ => Task.CompletedTask);

        static DefaultHttpContext Of(string caller)
        {
            var http = Request("GET");
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller)], "test"));
            return http;
        }
    }

    [Fact]
    public async Task a_turn_ends_when_the_answer_begins_to_leave_and_only_once()
    {
        using var turns = Turns(("Readers", "1"));
        var (http, starting, writing) = (Request("GET"), new Starting(), new TaskCompletionSource());
        http.Features.Set<IHttpResponseFeature>(starting);
        var slow = turns.InvokeAsync(http, _ => writing.Task);
        turns.ReadersLeft.Should().Be(0);
        await starting.BeginAsync();
        turns.ReadersLeft.Should().Be(1);
        writing.SetResult();
        await slow;
        turns.ReadersLeft.Should().Be(1);
    }

    [Fact]
    public async Task so_many_exports_may_be_open_and_no_more()
    {
        using var turns = Turns(("OpenExports", "1"));
        using (await turns.OpenAsync(default))
        {
            (await FluentActions.Awaiting(() => turns.OpenAsync(default)).Should().ThrowAsync<ProblemException>()).Which.Status.Should().Be(503);
            using var page = await turns.NextPageAsync(default);
        }

        using var next = await turns.OpenAsync(default);
    }

    [Fact]
    public void a_third_of_the_pool_is_never_a_reader_s_whatever_the_settings_say()
    {
        using var most = Turns(("Readers", "1000"), ("Exporters", "4"));
        most.ReadersLeft.Should().Be(8, "two connections for each of eight and four for pages, of thirty");
        using var least = Turns(("Readers", "0"), ("Exporters", "0"));
        least.ReadersLeft.Should().Be(1);
    }

    private ReadTurns Turns(params (string Name, string Value)[] settings) =>
        new(database, new ConfigurationBuilder().AddInMemoryCollection(
            settings.ToDictionary(x => $"{ReadTurns.Section}:{x.Name}", x => (string?)x.Value)).Build());

    private static DefaultHttpContext Request(string method, params object[] metadata)
    {
        var http = new DefaultHttpContext { Request = { Method = method } };
        http.SetEndpoint(new Endpoint(_ => Task.CompletedTask, new EndpointMetadataCollection(metadata), "test"));
        return http;
    }

    private sealed class Starting : HttpResponseFeature
    {
        private readonly List<(Func<object, Task> Do, object State)> waiting = [];

        public override void OnStarting(Func<object, Task> callback, object state) => waiting.Add((callback, state));

        public async Task BeginAsync()
        {
            foreach (var (begin, state) in waiting) await begin(state);
        }
    }
}
