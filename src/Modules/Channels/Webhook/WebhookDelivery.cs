using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Webhook;

/// <summary>
/// Sends one signed request for each notification. Its id is the same for every attempt, so that the receiver can drop repeats. Only the HTTP status
/// decides the outcome.
/// </summary>
internal sealed class WebhookDelivery(
    Lazy<PlatformHttp> http, Func<SecretRef, CancellationToken, ValueTask<string>> reveal, TimeProvider time) : IChannelDelivery
{
    private static readonly LaneLimits limits = LaneLimits.None with { RepeatIsSafe = true };

    public LaneLimits LimitsOf(string lane) => lane.StartsWith($"{WebhookChannel.TypeName}/", StringComparison.Ordinal)
        ? limits : throw new InvalidOperationException($"There is no lane '{lane}' here.");

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var settings = ((WebhookRoutes)routes).Settings;
        var (body, contentType) = BodyOf(letter);
        if (body is null) return (null, new(OutcomeClass.Message) { PlatformMessage = contentType });
        var secret = await reveal(settings.SigningSecret, cancellation);
        var headers = new List<(string, string)>();
        foreach (var (name, value) in settings.Headers) headers.Add((name, await reveal(value, cancellation)));
        var request = new PlatformRequest("webhook", HttpMethod.Post, new Uri(settings.Url), Encoding.UTF8.GetBytes(body))
        {
            ContentType = contentType,
            Secrets = [(secret, null), .. headers.Select(x => (x.Item2, (DateTimeOffset?)null))],
        };
        return (new Dispatch([body], (_, token) => SendAsync(request, headers, letter.DeliveryId, secret, token), RepeatIsSafe: true), null);
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) => null;

    /// <returns>The body and its content type; or null, and the reason.</returns>
    private static (string? Body, string ContentType) BodyOf(Letter letter)
    {
        switch (letter.Content.Format)
        {
            case JsonFormat.FormatName:
                try
                {
                    using var document = JsonDocument.Parse(letter.Content.Text);
                    return (letter.Content.Text, "application/json");
                }
                catch (JsonException e)
                {
                    return (null, $"The message is not a JSON document: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
                }

            case VerbatimFormat.FormatName:
                return (JsonSerializer.Serialize(EventOf(letter), NotifyJson.Options), "application/cloudevents+json");
            default:
                return (JsonSerializer.Serialize(new { letter.Content.Text }, NotifyJson.Options), "application/json");
        }
    }

    /// <summary>A CloudEvent in structured mode.</summary>
    private static object EventOf(Letter letter) => new
    {
        Specversion = "1.0",
        Id = letter.DeliveryId,
        Source = letter.Link.GetLeftPart(UriPartial.Authority),
        Type = letter.Notice is null ? "notify.test.v1" : "notify.alarm.v1",
        Subject = letter.Notice is { } about ? about.AlarmPath.Length > 0 ? $"{about.AlarmPath}/{about.AlarmName}" : about.AlarmName : null,
        Time = letter.Notice?.EventTime,
        Datacontenttype = "application/json",
        Data = new
        {
            Alarm = letter.Notice is { } notice ? WebhookMessages.Alarm.Of(notice) : null,
            letter.Content.Text,
            Link = letter.Link.AbsoluteUri,
        },
    };

    private Task<SendOutcome> SendAsync(
        PlatformRequest request, List<(string, string)> headers, string id, string secret, CancellationToken cancellation)
    {
        var at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = request with
        {
            Headers = [.. headers, ("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", Sign(secret, id, at, request.Body!.Value.Span))],
        };
        return http.Value.RequestAsync(signed, (response, body) => Judge(response, body), failure => failure, cancellation);
    }

    internal static string Sign(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(secret[WebhookSettings.SecretPrefix.Length..]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}";
    }

    private SendOutcome Judge(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var status = (int)response.StatusCode;
        var outcome = status switch
        {
            >= 200 and < 300 => OutcomeClass.Ok,
            429 => OutcomeClass.Rate,
            408 or 425 or >= 500 => OutcomeClass.Retry,
            _ => OutcomeClass.Message,
        };
        return new(outcome)
        {
            Call = "webhook",
            HttpStatus = status,
            PlatformCode = status.ToString(CultureInfo.InvariantCulture),
            PlatformMessage = http.Value.Excerpt(body),
            RetryAfter = status is 429 or >= 500 ? http.Value.Wait(response, outcome) : null,
        };
    }
}
