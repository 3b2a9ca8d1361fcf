using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Notify.Peers.SmsTwilio;

/// <summary>What a phone does with what is sent to it.</summary>
public enum TwilioPhone
{
    /// <summary>It confirms at once.</summary>
    On,

    /// <summary>Its network has taken the message, and it confirms when <see cref="TwilioStandIn.ConfirmAsync"/> says so.</summary>
    Slow,

    /// <summary>It is off for good: undelivered, 30003.</summary>
    Off,

    /// <summary>Its owner has answered STOP: 21610.</summary>
    OptedOut,

    /// <summary>It is no number: 21211.</summary>
    Invalid,
}

/// <param name="Segments">In which it was billed.</param>
public sealed record TwilioShown(string To, string From, string Text, int Segments);

/// <summary>
/// Twilio's side of SMS: an account, its senders, 1600 characters, messages that are queued first, the states of each, and callbacks signed with the
/// account's token. Errors come with their HTTP status and a code.
/// </summary>
public sealed class TwilioStandIn : HttpStandIn
{
    public const string AccountSid = "AC0123456789abcdef0123456789abcdef";
    public const string ServiceSid = "MG0123456789abcdef0123456789abcdef";
    public const string Token = "the-auth-token-of-the-stand-in-01";
    public const string Sender = "+15005550006";

    private readonly ConcurrentDictionary<string, TwilioPhone> phones = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Message> messages = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<TwilioShown> shown = new();
    private readonly HttpClient callbacks = new(new SocketsHttpHandler { UseProxy = false });
    private int count;
    private int asked;

    private sealed record Message(string Sid, string To, string From, string Text, string? Callback)
    {
        public string Status { get; set; } = "queued";
        public int? ErrorCode { get; set; }
    }

    /// <summary>Requests a second that are taken; 0: no limit.</summary>
    public int PerSecond { get; set; }

    private readonly RateWindow second = new(TimeSpan.FromSeconds(1));

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<TwilioShown> Shown => [.. shown];

    /// <summary>How often somebody asked what became of a message.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>With which code questions after a message are refused; null: they are answered.</summary>
    public int? RefusesQuestions { get; set; }

    /// <summary>The forms that came in and were taken.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Taken { get; } = new();

    public void SetPhone(string number, TwilioPhone phone) => phones[number] = phone;

    /// <summary>A slow phone comes into coverage: its messages are delivered, and whoever wants to know is called.</summary>
    /// <param name="token">With which the calls are signed; null: the account's.</param>
    /// <returns>How each call was answered.</returns>
    public async Task<IReadOnlyList<int>> ConfirmAsync(string number, string? token = null)
    {
        var answers = new List<int>();
        foreach (var message in messages.Values.Where(x => x.To == number && x.Status == "sent").OrderBy(x => x.Sid, StringComparer.Ordinal))
        {
            if (token is null) Deliver(message);
            if (message.Callback is not null) answers.Add(await ReportAsync(message, token ?? Token));
        }

        return answers;
    }

    /// <summary>The body of a message's resource with an outcome other than its own, for a fault.</summary>
    public static string Refused(int code, string words) => JsonSerializer.Serialize(
        new { sid = $"SM{0:x32}", status = "undelivered", error_code = code, error_message = words, num_segments = "1" });

    protected override StandInAnswer Answer(HttpRequest request, string body)
    {
        var path = request.Path.Value ?? "";
        const string accounts = "/2010-04-01/Accounts/";
        if (!path.StartsWith(accounts, StringComparison.Ordinal)) return Refuse(404, 20404, $"The requested resource {path} was not found");
        var expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AccountSid}:{Token}"))}";
        if (request.Headers.Authorization.ToString() != expected) return Refuse(401, 20003, "Authenticate");
        var rest = path[accounts.Length..];
        if (HttpMethods.IsGet(request.Method) && rest == $"{AccountSid}.json")
            return new(200, JsonSerializer.Serialize(new { sid = AccountSid, friendly_name = "The plant", status = "active", type = "Full" }));
        if (HttpMethods.IsPost(request.Method) && rest == $"{AccountSid}/Messages.json") return Take(body);
        if (HttpMethods.IsGet(request.Method) && rest.StartsWith($"{AccountSid}/Messages/", StringComparison.Ordinal)
            && messages.TryGetValue(rest[$"{AccountSid}/Messages/".Length..^".json".Length], out var found))
        {
            Interlocked.Increment(ref asked);
            if (RefusesQuestions is { } refusal) return Refuse(400, refusal, "The question is refused");
            return new(200, Write(found));
        }

        return Refuse(404, 20404, $"The requested resource {path} was not found");
    }

    private StandInAnswer Take(string body)
    {
        if (!second.TryTake(PerSecond, TimeProvider.System)) return Refuse(429, 20429, "Too Many Requests");
        var form = new FormReader(body).ReadForm().ToDictionary(x => x.Key, x => x.Value.ToString(), StringComparer.Ordinal);
        var (to, text) = (form.GetValueOrDefault("To", ""), form.GetValueOrDefault("Body", ""));
        var from = form.GetValueOrDefault("MessagingServiceSid") == ServiceSid ? Sender : form.GetValueOrDefault("From", "");
        var phone = phones.GetValueOrDefault(to);
        if (to.Length < 8 || to[0] != '+' || phone == TwilioPhone.Invalid) return Refuse(400, 21211, $"Invalid 'To' Phone Number: {to}");
        if (from != Sender) return Refuse(400, 21606, $"The 'From' phone number {from} is not a valid, SMS-capable number for your account.");
        if (phone == TwilioPhone.OptedOut) return Refuse(400, 21610, "Attempt to send to unsubscribed recipient");
        if (text.Length is 0 or > 1600) return Refuse(400, 21617, "The concatenated message body exceeds the 1600 character limit");
        var message = new Message($"SM{Interlocked.Increment(ref count):x32}", to, from, text, form.GetValueOrDefault("StatusCallback"));
        var queued = Write(message);
        return new(201, queued, () =>
        {
            messages[message.Sid] = message;
            Taken.Enqueue(form);
            message.Status = "sent";
            if (phone == TwilioPhone.On) Deliver(message);
            else if (phone == TwilioPhone.Off) (message.Status, message.ErrorCode) = ("undelivered", 30003);
        });
    }

    private void Deliver(Message message)
    {
        message.Status = "delivered";
        shown.Enqueue(new(message.To, message.From, message.Text, SegmentsOf(message.Text)));
    }

    private async Task<int> ReportAsync(Message message, string token)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["AccountSid"] = AccountSid,
            ["ApiVersion"] = "2010-04-01",
            ["From"] = message.From,
            ["MessageSid"] = message.Sid,
            ["MessageStatus"] = message.Status,
            ["SmsSid"] = message.Sid,
            ["SmsStatus"] = message.Status,
            ["To"] = message.To,
        };
        var signed = message.Callback + string.Concat(fields.Select(x => x.Key + x.Value));
#pragma warning disable CA5350 // Twilio signs with SHA-1.
        var sign = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed)));
#pragma warning restore CA5350
        using var request = new HttpRequestMessage(HttpMethod.Post, CallbackAt?.Invoke(message.Callback!) ?? new Uri(message.Callback!));
        request.Headers.Add("X-Twilio-Signature", sign);
        request.Content = new FormUrlEncodedContent(fields);
        using var answer = await callbacks.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>Where a callback's address leads here, where its name does not; null: there.</summary>
    public Func<string, Uri>? CallbackAt { get; set; }

    private static string Write(Message message) => JsonSerializer.Serialize(new
    {
        sid = message.Sid,
        account_sid = AccountSid,
        to = message.To,
        from = message.From,
        body = message.Text,
        status = message.Status,
        num_segments = SegmentsOf(message.Text).ToString(CultureInfo.InvariantCulture),
        error_code = message.ErrorCode,
        error_message = (string?)null,
        price = message.Status == "delivered" ? "-0.00750" : null,
        price_unit = "USD",
    });

    /// <summary>Near enough: what has a character beyond Latin-1 is counted as UCS-2.</summary>
    private static int SegmentsOf(string text)
    {
        var (alone, among) = text.Any(x => x > 255) ? (70, 67) : (160, 153);
        return text.Length <= alone ? 1 : (text.Length + among - 1) / among;
    }

    private static StandInAnswer Refuse(int status, int code, string words) => new(status, JsonSerializer.Serialize(
        new { code, message = words, more_info = $"https://www.twilio.com/docs/errors/{code}", status }));
}
