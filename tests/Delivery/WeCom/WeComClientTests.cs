using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Notify.Channels;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Contracts.Rules;
using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

public sealed class WeComClientTests : IAsyncLifetime
{
    private const string Key = "robot-key-693a91f6";
    private static readonly WeComSender sender = new("ww1", 1000002, "secret-8d1");
    private static readonly Uri robot = new($"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={Key}");
    private Peer peer = null!;
    private readonly FakeTimeProvider time = new();
    private readonly LogLines log = new();
    private ServiceProvider services = null!;
    private WeComClient client = null!;

    public async Task InitializeAsync()
    {
        peer = new();
        await peer.StartAsync();
        Use(peer.Url);
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task a_robots_message_goes_to_the_configured_base()
    {
        var outcome = await SendToRobot();
        outcome.Should().BeEquivalentTo(new { Class = OutcomeClass.Ok, HttpStatus = 200, PlatformCode = "0", Call = "webhook/send" });
        peer.Requests.Should().ContainSingle().Which.Should().Be((
            $"POST /cgi-bin/webhook/send?key={Key}", """{"msgtype":"text","text":{"content":"泵站 🔥"}}""", "application/json"));
    }

    [Fact]
    public async Task a_robot_elsewhere_is_sent_to_where_its_url_says()
    {
        await using var other = new Peer();
        await other.StartAsync();
        await client.SendToRobotAsync(new(other.Url + "/cgi-bin/webhook/send?key=k"), RobotPayload(), default);
        other.Requests.Should().HaveCount(1);
        peer.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task a_base_with_a_path_keeps_it()
    {
        Use(peer.Url + "/relay/");
        await SendToRobot();
        await SendToApp();
        peer.Requests.Select(x => x.Line.Split('?')[0]).Should().Equal(
            "POST /relay/cgi-bin/webhook/send", "GET /relay/cgi-bin/gettoken", "POST /relay/cgi-bin/message/send");
    }

    [Fact]
    public async Task thirty_sends_at_once_cost_one_token()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SendToApp()));
        outcomes.Should().OnlyContain(x => x.Class == OutcomeClass.Ok && x.RequestId == "msg-1");
        (peer.Tokens, peer.Sends).Should().Be((1, 30));
    }

    [Theory]
    [InlineData(40014)]
    [InlineData(42001)]
    [InlineData(41001)]
    [InlineData(40001)]
    public async Task a_token_refused_before_its_time_is_fetched_again_and_the_message_sent_again(int code)
    {
        peer.OnSend = context => context.Request.Query["access_token"] == "token-1" ? Json(context, $$"""{"errcode":{{code}},"errmsg":"no"}""") : Ok(context);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendToApp()));
        outcomes.Should().OnlyContain(x => x.Class == OutcomeClass.Ok);
        peer.Tokens.Should().Be(2);
    }

    [Fact]
    public async Task a_fresh_token_that_is_refused_too_is_a_fault_of_the_settings()
    {
        peer.OnSend = context => Json(context, """{"errcode":40014,"errmsg":"invalid access_token"}""");
        var outcome = await SendToApp();
        (outcome.Class, outcome.PlatformCode, peer.Tokens, peer.Sends).Should().Be((OutcomeClass.Configuration, "40014", 2, 2));
    }

    [Fact]
    public async Task a_token_is_replaced_five_minutes_early_while_the_old_one_serves()
    {
        await SendToApp();
        time.Advance(TimeSpan.FromMinutes(114));
        await SendToApp();
        peer.Tokens.Should().Be(1);
        time.Advance(TimeSpan.FromMinutes(2));
        await SendToApp();
        await peer.Until(() => peer.Tokens == 2);
        time.Advance(TimeSpan.FromMinutes(10));
        (await SendToApp()).Class.Should().Be(OutcomeClass.Ok);
        peer.Tokens.Should().Be(2);
    }

    [Fact]
    public async Task a_failing_gettoken_speaks_for_itself_and_is_left_alone_for_a_while()
    {
        peer.OnToken = context => Json(context, """{"errcode":40001,"errmsg":"invalid credential, hint: [1]"}""");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendToApp()));
        outcomes.Should().OnlyContain(x => x.Class == OutcomeClass.Configuration && x.Call == "gettoken" && x.PlatformCode == "40001"
            && x.PlatformMessage == "invalid credential, hint: [1]" && x.RetryAfter > TimeSpan.Zero && !x.MayHaveArrived);
        (peer.Tokens, peer.Sends).Should().Be((1, 0));
        time.Advance(TimeSpan.FromSeconds(1));
        await SendToApp();
        time.Advance(TimeSpan.FromSeconds(1));
        await SendToApp();
        peer.Tokens.Should().Be(2);
        peer.OnToken = null;
        time.Advance(TimeSpan.FromMinutes(1));
        (await SendToApp()).Class.Should().Be(OutcomeClass.Ok);
    }

    [Theory]
    [InlineData(nameof(ISharedTokens.BeginFetchAsync))]
    [InlineData(nameof(ISharedTokens.ReadAsync))]
    [InlineData(nameof(ISharedTokens.StoreAsync))]
    public async Task a_token_serves_also_when_it_cannot_be_shared(string failing)
    {
        Use(peer.Url, shared: new BrokenTokens(failing));
        (await SendToApp()).Class.Should().Be(OutcomeClass.Ok);
        (await SendToApp()).Class.Should().Be(OutcomeClass.Ok);
        peer.Tokens.Should().Be(1);
        log.Lines.Should().ContainSingle(x => x.Contains("cannot be shared", StringComparison.Ordinal) && x.Contains("out of order", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_failing_gettoken_speaks_for_itself_also_when_that_cannot_be_shared()
    {
        peer.OnToken = context => Json(context, """{"errcode":40001,"errmsg":"invalid credential"}""");
        Use(peer.Url, shared: new BrokenTokens(nameof(ISharedTokens.GiveUpAsync)));
        (await SendToApp()).PlatformCode.Should().Be("40001");
    }

    [Fact]
    public async Task two_apps_of_one_company_have_a_token_each()
    {
        await SendToApp();
        await client.SendToAppAsync(sender with { AgentId = 1000003, Secret = "other" }, AppPayload(), default);
        peer.Tokens.Should().Be(2);
    }

    [Fact]
    public async Task an_untrusted_address_is_told()
    {
        peer.OnSend = context => Json(context, """{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info at https://…"}""");
        var outcome = await SendToApp();
        (outcome.Class, outcome.EgressIp, outcome.PlatformCode).Should().Be((OutcomeClass.Configuration, "203.0.113.7", "60020"));
    }

    [Theory]
    [InlineData(200, "<html>Sign in to the guest network</html>", true)]
    [InlineData(200, "", true)]
    [InlineData(200, """{"errmsg":"ok"}""", true)]
    [InlineData(502, "<html>Bad gateway</html>", true)]
    [InlineData(500, """{"errcode":0,"errmsg":"ok"}""", true)]
    [InlineData(404, """{"errcode":93000,"errmsg":"no"}""", false)]
    [InlineData(302, "", false)]
    public async Task what_is_not_the_platforms_answer_is_trouble_on_the_way(int status, string body, bool mayHaveArrived)
    {
        peer.OnSend = context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return Answer(context, status, body);
        };
        var outcome = await SendToRobot();
        (outcome.Class, outcome.HttpStatus, outcome.PlatformCode, outcome.MayHaveArrived).Should()
            .Be((OutcomeClass.Retry, status, (string?)null, mayHaveArrived));
        peer.Sends.Should().Be(1);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("86400", 600)]
    [InlineData("Fri, 31 Dec 2100 23:59:59 GMT", 600)]
    public async Task a_gateway_that_names_a_wait_is_obeyed_within_bounds(string wait, int seconds)
    {
        peer.OnSend = context =>
        {
            context.Response.Headers.RetryAfter = wait;
            return Answer(context, 503, "busy");
        };
        (await SendToRobot()).RetryAfter.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void a_rate_limit_may_ask_for_an_hour_at_most()
    {
        PlatformHttp.Bounded(TimeSpan.FromDays(30), OutcomeClass.Rate).Should().Be(TimeSpan.FromHours(1));
        PlatformHttp.Bounded(null, OutcomeClass.Rate).Should().BeNull();
    }

    [Fact]
    public async Task an_endless_body_is_not_read_to_its_end()
    {
        peer.OnSend = async context =>
        {
            await context.Response.WriteAsync("""{"errcode":0,"errmsg":" """);
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(new string('x', 65536), context.RequestAborted);
        };
        (await SendToRobot()).Class.Should().Be(OutcomeClass.Retry);
    }

    [Fact]
    public async Task a_cut_body_is_no_success()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Use($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var answering = AnswerAsync();
        var outcome = await SendToRobot();
        await answering;
        (outcome.Class, outcome.HttpStatus, outcome.MayHaveArrived).Should().Be((OutcomeClass.Retry, 200, true));

        async Task AnswerAsync()
        {
            using var connection = await listener.AcceptTcpClientAsync();
            var stream = connection.GetStream();
            var request = "";
            var buffer = new byte[4096];
            while (!request.EndsWith("}}", StringComparison.Ordinal)) request += Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"errcode\":0,\"errmsg\":\"ok\"}"u8.ToArray());
        }
    }

    [Fact]
    public async Task a_connection_lost_after_the_message_left_leaves_it_unknown()
    {
        await SendToRobot();
        peer.OnSend = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var outcome = await SendToRobot();
        (outcome.Class, outcome.MayHaveArrived, outcome.HttpStatus).Should().Be((OutcomeClass.Unknown, true, null));
        peer.Sends.Should().Be(2, "the client must not send it again by itself");
    }

    [Fact]
    public async Task no_answer_in_time_leaves_it_unknown()
    {
        Use(peer.Url, timeout: TimeSpan.FromMilliseconds(300));
        peer.OnSend = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        (await SendToRobot()).Class.Should().Be(OutcomeClass.Unknown);
    }

    [Fact]
    public async Task a_gettoken_without_an_answer_leaves_nothing_unknown()
    {
        peer.OnToken = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var outcome = await SendToApp();
        (outcome.Class, outcome.MayHaveArrived, outcome.Call).Should().Be((OutcomeClass.Retry, false, "gettoken"));
    }

    [Fact]
    public async Task nobody_listening_means_nothing_was_sent()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Use($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}");
        var outcome = await SendToRobot();
        (outcome.Class, outcome.MayHaveArrived).Should().Be((OutcomeClass.Retry, false));
        outcome.PlatformMessage.Should().StartWith("ConnectionError");
    }

    [Fact]
    public async Task a_caller_that_gives_up_learns_whether_the_message_may_have_left()
    {
        using var gone = new CancellationTokenSource();
        peer.OnSend = async context =>
        {
            await gone.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        (await client.SendToRobotAsync(robot, RobotPayload(), gone.Token)).Class.Should().Be(OutcomeClass.Unknown);
        await client.Invoking(x => x.SendToRobotAsync(robot, RobotPayload(), gone.Token)).Should().ThrowAsync<OperationCanceledException>();
        peer.Sends.Should().Be(1);
    }

    [Fact]
    public async Task keys_secrets_and_tokens_are_seen_nowhere()
    {
        peer.OnSend = context => Answer(context, 502, $"<p>cannot reach {context.Request.QueryString}</p>");
        peer.OnToken = context => Answer(context, 502, $"<p>cannot reach {context.Request.QueryString}</p>");
        var outcomes = new List<SendOutcome> { await SendToRobot(), await SendToApp() };
        peer.OnToken = null;
        time.Advance(TimeSpan.FromMinutes(1));
        outcomes.Add(await SendToApp());
        outcomes.Should().OnlyContain(x => x.PlatformMessage!.Contains("cannot reach", StringComparison.Ordinal));
        var seen = string.Join('\n', outcomes.Select(x => x.ToString()).Concat(log.Lines).Append(sender.ToString()));
        seen.Should().NotContain(Key).And.NotContain(sender.Secret).And.NotContain("token-");
    }

    private Task<SendOutcome> SendToRobot() => client.SendToRobotAsync(robot, RobotPayload(), default);

    private Task<SendOutcome> SendToApp() => client.SendToAppAsync(sender, AppPayload(), default);

    private static WeComPayload RobotPayload() => RobotMessage.Plan(new("text", "泵站 🔥", Mentions.None), link: null)[0];

    private static WeComPayload AppPayload() => AppMessage.Plan(sender.AgentId, ["zhangsan"], new("text", "hot", Mentions.None), link: null)[0];

    private void Use(string url, TimeSpan? timeout = null, ISharedTokens? shared = null)
    {
        services?.Dispose();
        var settings = new Dictionary<string, string?>
        {
            ["Notify:WeCom:ApiBaseUrl"] = url,
            ["Notify:WeCom:Timeout"] = (timeout ?? TimeSpan.FromSeconds(30)).ToString(),
        };
        var parts = new ServiceCollection()
            .AddSingleton<TimeProvider>(time)
            .AddLogging(x => x.SetMinimumLevel(LogLevel.Trace).AddProvider(log))
            .AddChannels(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        if (shared is not null) parts.AddSingleton(shared);
        services = parts.BuildServiceProvider();
        client = services.GetRequiredService<WeComClient>();
    }

    /// <summary>A store of which one call fails, not by the database's fault. With a broken read, another node is fetching.</summary>
    private sealed class BrokenTokens(string failing) : ISharedTokens
    {
        public string RefOf(string account, string secret) => "token/1";

        public Task<SharedToken?> ReadAsync(string reference, string? refused) => Call<SharedToken?>(null);

        public Task<bool> BeginFetchAsync(string reference, string? refused) => Call(failing != nameof(ReadAsync));

        public Task StoreAsync(string reference, SharedToken token) => Call(true);

        public Task GiveUpAsync(string reference) => Call(true);

        private Task<T> Call<T>(T answer, [System.Runtime.CompilerServices.CallerMemberName] string call = "") =>
            call == failing ? Task.FromException<T>(new InvalidOperationException("out of order")) : Task.FromResult(answer);
    }

    private static Task Ok(HttpContext context) => Json(context, """{"errcode":0,"errmsg":"ok","msgid":"msg-1"}""");

    private static Task Json(HttpContext context, string body) => Answer(context, 200, body);

    private static Task Answer(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }

    private sealed class Peer : IAsyncDisposable
    {
        private readonly WebApplication app;
        private int tokens;
        private int sends;

        public Peer()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            app = builder.Build();
            app.Run(Handle);
        }

        public ConcurrentQueue<(string Line, string Body, string? ContentType)> Requests { get; } = new();
        public Func<HttpContext, Task>? OnToken { get; set; }
        public Func<HttpContext, Task>? OnSend { get; set; }
        public int Tokens => Volatile.Read(ref tokens);
        public int Sends => Volatile.Read(ref sends);
        public string Url => app.Urls.Single();

        public Task StartAsync() => app.StartAsync();

        public async Task Until(Func<bool> condition)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!condition()) await Task.Delay(10, limit.Token);
        }

        public async ValueTask DisposeAsync() => await app.DisposeAsync();

        private async Task Handle(HttpContext context)
        {
            var body = await new StreamReader(context.Request.Body, Encoding.UTF8).ReadToEndAsync();
            Requests.Enqueue(($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", body, context.Request.ContentType));
            if (context.Request.Path.Value!.EndsWith("/gettoken", StringComparison.Ordinal))
            {
                var number = Interlocked.Increment(ref tokens);
                await (OnToken?.Invoke(context) ?? Json(context, $$"""{"errcode":0,"errmsg":"ok","access_token":"token-{{number}}","expires_in":7200}"""));
                return;
            }
            Interlocked.Increment(ref sends);
            await (OnSend?.Invoke(context) ?? Ok(context));
        }
    }
}
