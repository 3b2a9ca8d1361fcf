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
    private readonly DingTalkTokens tokens = new(http, apiBase, time);

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
        if (!TokenRefused(outcome)) return Settled(outcome);
        return Settled(await SendOnceAsync(app, body, users, isOne, cancellation));
    }

    /// <summary>Requests a token, to test the settings.</summary>
    /// <returns>Ok, or the reason for the failure.</returns>
    public async Task<SendOutcome> FetchTokenAsync(DingTalkSender app, CancellationToken cancellation) =>
        (await tokens.RequestAsync(app, cancellation)).Failure is { } failure
            ? Settled(failure) : new(OutcomeClass.Ok) { Call = DingTalkTokens.Call, HttpStatus = 200 };

    private static bool TokenRefused(SendOutcome outcome) => outcome is { Class: OutcomeClass.RefreshToken, Call: MemberCall };

    private async Task<SendOutcome> SendOnceAsync(
        DingTalkSender app, JsonObject body, IReadOnlyList<string> users, bool isOne, CancellationToken cancellation)
    {
        var (token, failure) = await tokens.GetAsync(app, cancellation);
        if (token is null) return failure!;
        var request = Post(MemberCall, new(apiBase, "/v1.0/robot/oToMessages/batchSend"), body) with
        {
            Headers = [("x-acs-dingtalk-access-token", token.Value)],
            Secrets = [(token.Value, token.Until), (app.ClientSecret, null)],
        };
        var outcome = await http.RequestAsync(
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
        if (TokenRefused(outcome)) tokens.Refuse(app, token);
        return outcome;
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
