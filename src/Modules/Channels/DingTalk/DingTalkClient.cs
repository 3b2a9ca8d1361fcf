using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Channels.DingTalk;

/// <summary>An app with its secret in plain text.</summary>
internal sealed record DingTalkSender(string ClientId, string ClientSecret)
{
    public override string ToString() => ClientId;
}

/// <summary>Sends single requests. The lane limits the rate and retries.</summary>
internal sealed class DingTalkClient(PlatformHttp http, Uri apiBase, TimeProvider time)
{
    private const string RobotCall = "robot/send";
    private const string MemberCall = "robot/oToMessages/batchSend";
    private const string TokenCall = "oauth2/accessToken";
    private static readonly TimeSpan early = TimeSpan.FromMinutes(5);

    /// <summary>The platform returns the same token until it expires, so that nodes need not share it.</summary>
    private readonly ConcurrentDictionary<DingTalkSender, (string Token, DateTimeOffset Until)> tokens = new();

    /// <param name="url">The robot's webhook URL as the platform shows it.</param>
    /// <param name="key">The secret part of <paramref name="url"/>.</param>
    /// <param name="secret">The signing secret; null: requests are not signed.</param>
    public Task<SendOutcome> SendToRobotAsync(Uri url, string key, string? secret, JsonObject body, CancellationToken cancellation)
    {
        var request = Post(RobotCall, secret is null ? url : Signed(url, secret), body) with
        {
            Secrets = secret is null ? [(key, null)] : [(key, null), (secret, null)],
        };
        return http.RequestAsync(
            request,
            (response, content) => (int)response.StatusCode is >= 200 and < 300 && DingTalkAnswer.Read(content) is { Code: not null } answer
                ? Struck(Settled(answer.Judge(RobotCall, (int)response.StatusCode)))
                : http.NotThePlatform(RobotCall, response, content, sent: true),
            failure => failure, cancellation);
    }

    /// <inheritdoc cref="DingTalkAnswer.JudgeMembers"/>
    public async Task<SendOutcome> SendToMembersAsync(
        DingTalkSender app, JsonObject body, IReadOnlyList<string> users, bool isOne, CancellationToken cancellation)
    {
        var outcome = await SendOnceAsync(app, body, users, isOne, cancellation);
        if (outcome is not { Class: OutcomeClass.RefreshToken, Call: MemberCall }) return Settled(outcome);
        tokens.TryRemove(app, out _);
        return Settled(await SendOnceAsync(app, body, users, isOne, cancellation));
    }

    /// <summary>Requests a token, to test the settings.</summary>
    /// <returns>Ok, or the reason for the failure.</returns>
    public async Task<SendOutcome> FetchTokenAsync(DingTalkSender app, CancellationToken cancellation) =>
        (await FetchAsync(app, cancellation)).Failure is { } failure
            ? Settled(failure) : new(OutcomeClass.Ok) { Call = TokenCall, HttpStatus = 200 };

    private async Task<SendOutcome> SendOnceAsync(
        DingTalkSender app, JsonObject body, IReadOnlyList<string> users, bool isOne, CancellationToken cancellation)
    {
        var (token, failure) = tokens.TryGetValue(app, out var held) && held.Until > time.GetUtcNow() + early
            ? (held.Token, null) : await FetchAsync(app, cancellation);
        if (token is null) return failure!;
        var request = Post(MemberCall, new(apiBase, "/v1.0/robot/oToMessages/batchSend"), body) with
        {
            Headers = [("x-acs-dingtalk-access-token", token)],
            Secrets = [(token, null), (app.ClientSecret, null)],
        };
        return await http.RequestAsync(
            request,
            (response, content) => (int)response.StatusCode switch
            {
                200 when DingTalkAnswer.Read(content) is { Code: null, RequestId: not null } taken =>
                    Struck(taken.JudgeMembers(MemberCall, users, isOne)),
                200 or >= 400 when DingTalkAnswer.Read(content) is { Code: not null } refused =>
                    Struck(Judged(refused.Judge(MemberCall, (int)response.StatusCode), users)),
                _ => http.NotThePlatform(MemberCall, response, content, sent: true),
            },
            lost => lost, cancellation);
    }

    private async Task<(string? Token, SendOutcome? Failure)> FetchAsync(DingTalkSender app, CancellationToken cancellation)
    {
        var body = new JsonObject { ["appKey"] = app.ClientId, ["appSecret"] = app.ClientSecret };
        var request = Post(TokenCall, new(apiBase, "/v1.0/oauth2/accessToken"), body) with { Secrets = [(app.ClientSecret, null)] };
        var (answer, failure) = await http.RequestAsync<(DingTalkAnswer?, SendOutcome?)>(
            request,
            (response, content) => DingTalkAnswer.Read(content) switch
            {
                { AccessToken: not null } read when (int)response.StatusCode == 200 => (read, null),
                { Code: not null } refused => (null, Struck(refused.Judge(TokenCall, (int)response.StatusCode))),
                _ => (null, http.NotThePlatform(TokenCall, response, content, sent: false)),
            },
            // No message has been sent yet.
            lost => (null, lost with { Class = OutcomeClass.Retry, MayHaveArrived = false }), cancellation);
        if (answer?.AccessToken is not { } token) return (null, failure);
        var until = time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresInSeconds ?? 600);
        http.Known.Add(token, until);
        tokens[app] = (token, until);
        return (token, null);
    }

    /// <summary>If the message as a whole failed for its receivers, marks each of them as failed.</summary>
    private static SendOutcome Judged(SendOutcome outcome, IReadOnlyList<string> users) => outcome.Class != OutcomeClass.Receiver ? outcome
        : outcome with
        {
            Receivers = [.. users.Select(x => new ReceiverOutcome(x, ReceiverOutcome.Failed, outcome.PlatformCode, DingTalkSettings.Member))],
        };

    /// <summary>If a fresh token is refused too, or a robot (which has no token) refuses one, the configuration is at fault.</summary>
    private static SendOutcome Settled(SendOutcome outcome) =>
        outcome.Class == OutcomeClass.RefreshToken ? outcome with { Class = OutcomeClass.Configuration } : outcome;

    private SendOutcome Struck(SendOutcome outcome) => outcome with { PlatformMessage = http.Known.Strike(outcome.PlatformMessage) };

    /// <summary>Signs the URL when it is used, because a signature is valid for an hour. The signature is Base64, then URL-encoded once.</summary>
    private Uri Signed(Uri url, string secret)
    {
        var at = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var sign = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at}\n{secret}")));
        return new($"{url.AbsoluteUri}&timestamp={at}&sign={Uri.EscapeDataString(sign)}");
    }

    private static PlatformRequest Post(string call, Uri uri, JsonObject body) =>
        new(call, HttpMethod.Post, uri, Encoding.UTF8.GetBytes(Write(body)));

    internal static string Write(JsonObject body) => body.ToJsonString(NotifyJson.Options);
}
