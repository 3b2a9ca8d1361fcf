using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Notify.Peers.Webhook;

/// <summary>One request as the receiver saw it.</summary>
/// <param name="IsNew">The receiver had not seen its id, and acted on it.</param>
public sealed record ReceivedWebhook(string Id, string ContentType, string Body, IReadOnlyDictionary<string, string> Headers, int Status, bool IsNew);

/// <summary>What goes wrong with a request.</summary>
/// <param name="Status">What is answered; 0: nothing.</param>
/// <param name="Acts">Whether the receiver has acted on it all the same.</param>
/// <param name="Cut">The connection is closed before the answer is whole.</param>
public sealed record WebhookFault(int Status, bool Acts = false, bool Cut = false)
{
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>
/// A receiver of signed webhooks, as Standard Webhooks 1.0 asks: it checks the signature and the age of each request, and acts once on each id.
/// </summary>
public sealed class WebhookStandIn : LoopbackServer<WebhookFault>
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly TimeSpan tolerance = TimeSpan.FromMinutes(5);

    private readonly ConcurrentQueue<ReceivedWebhook> received = new();
    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);

    public string Url => $"{Origin}/hooks/notify";

    /// <summary>All requests, oldest first.</summary>
    public IReadOnlyList<ReceivedWebhook> Received => [.. received];

    protected override async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(x => x.Key, x => x.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var id = headers.GetValueOrDefault("webhook-id", "");
        var fault = IsSigned(headers, id, body) ? NextFault() : new WebhookFault(401);
        var isNew = fault is null or { Acts: true } && seen.TryAdd(id, true);
        var status = fault?.Status ?? 204;
        received.Enqueue(new(id, http.Request.ContentType ?? "", body, headers, status, isNew));
        if (status == 0)
        {
            await SayNothingAsync(http, isLost: fault!.Acts);
            return;
        }

        http.Response.StatusCode = status;
        if (fault?.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (status == 204) return;
        http.Response.ContentType = "text/plain";
        if (fault?.Cut == true) http.Response.ContentLength = 1000;
        await http.Response.WriteAsync($"status {status}", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static bool IsSigned(Dictionary<string, string> headers, string id, string body)
    {
        var timestamp = headers.GetValueOrDefault("webhook-timestamp", "");
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || (TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > tolerance) return false;
        var key = Convert.FromBase64String(Secret["whsec_".Length..]);
        var expected = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        return headers.GetValueOrDefault("webhook-signature", "").Split(' ').Any(x =>
            x.StartsWith("v1,", StringComparison.Ordinal) && x[3..] == Convert.ToBase64String(expected));
    }
}
