using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Feishu;

/// <summary>
/// Sends one request for each part of a message, signed when it is sent, because a signature is valid for an hour. The <c>code</c> in the answer
/// is the result. Requests have no idempotency key, so that a repeat would be shown as a second message.
/// </summary>
internal sealed class FeishuDelivery(
    Lazy<PlatformHttp> http, PlatformAddress address, LaneLimits limits, Func<SecretRef, CancellationToken, ValueTask<string>> reveal,
    TimeProvider time) : IChannelDelivery
{
    public const string RobotLane = $"{FeishuChannel.TypeName}/robot/";
    private const string Call = "bot/v2/hook";

    public LaneLimits LimitsOf(string lane) => lane.StartsWith(RobotLane, StringComparison.Ordinal)
        ? limits : throw new InvalidOperationException($"Feishu has no lane '{lane}'.");

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var alias = letter.Receivers[0].Alias;
        if (((FeishuRoutes)routes).Robot(alias) is not { } robot) return (
            null, new(OutcomeClass.Receiver) { PlatformMessage = $"The service '{letter.Service}' no longer has the robot '{alias}'." });
        var key = await reveal(robot.WebhookUrl.Key, cancellation);
        var secret = robot.SignSecret is { } sealedSecret ? await reveal(sealedSecret, cancellation) : null;
        var uri = new Uri(address.Whole(robot.WebhookUrl.Shown, key));
        var bodies = FeishuMessage.Plan(letter.Content, letter.Link, letter.Form, letter.Notice, robot.Keyword).Select(x => x.Body).ToList();
        return (
            new Dispatch([.. bodies.Select(Write)], (i, token) => SendAsync(uri, key, secret, bodies[i], token), RepeatIsSafe: false), null);
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) =>
        MessageForms.Next(current, isPlain: format == FeishuMessage.Text, canBeShorter: true, outcome);

    private Task<SendOutcome> SendAsync(Uri uri, string key, string? secret, JsonObject body, CancellationToken cancellation)
    {
        var request = new PlatformRequest(Call, HttpMethod.Post, uri, Encoding.UTF8.GetBytes(Write(secret is null ? body : Signed(body, secret))))
        {
            Secrets = secret is null ? [(key, null)] : [(key, null), (secret, null)],
        };
        return http.Value.RequestAsync(request, Judge, failure => failure, cancellation);
    }

    private JsonObject Signed(JsonObject body, string secret)
    {
        var at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = body.DeepClone().AsObject();
        signed["timestamp"] = at;
        signed["sign"] = Sign(at, secret);
        return signed;
    }

    /// <summary>The HMAC key is the timestamp and the secret; the signed content is empty.</summary>
    private static string Sign(string timestamp, string secret) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{timestamp}\n{secret}"), ReadOnlySpan<byte>.Empty));

    private static string Write(JsonObject body) => body.ToJsonString(NotifyJson.Options);

    /// <summary>Refusals come with HTTP status 200 or 400; the body decides whether the answer is the platform's.</summary>
    private SendOutcome Judge(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and not 400 || Read(body) is not var (code, words)) return http.Value.NotThePlatform(Call, response, body, sent: true);
        var error = FeishuErrors.Table.For(code);
        if (code == FeishuErrors.BadRequest && words?.Contains("too many", StringComparison.OrdinalIgnoreCase) == true)
            error = FeishuErrors.Table.For("11232");
        return new(error.Class)
        {
            Call = Call,
            HttpStatus = status,
            PlatformCode = code,
            PlatformMessage = http.Value.Known.Strike(words),
            RetryAfter = error.RetryAfter,
            Remedy = error.Remedy,
            MostTries = error.MostTries,
        };
    }

    /// <summary>Null unless the body is a single JSON object with a code. Some robots still use the older names (<c>StatusCode</c>).</summary>
    private static (string Code, string? Words)? Read(ReadOnlySpan<byte> body) =>
        JsonAnswer.Read(body) is { } root && (root.TryGetProperty("code", out var code) || root.TryGetProperty("StatusCode", out code))
            && code.ValueKind == JsonValueKind.Number
            ? (code.GetRawText(), root.TextOf("msg") ?? root.TextOf("StatusMessage")) : null;
}
