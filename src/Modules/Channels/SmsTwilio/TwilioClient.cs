using System.Globalization;
using System.Text;
using System.Text.Json;
using Notify.Channels.Http;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.SmsTwilio;

/// <summary>An account with its token in plain text.</summary>
internal sealed record TwilioAccount(Uri ApiBase, string Sid, string Token)
{
    public Uri Uri(string path) => new(ApiBase, $"/2010-04-01/Accounts/{Sid}{path}");

    public override string ToString() => Sid;
}

/// <summary>Sends single requests, and queries their results.</summary>
internal sealed class TwilioClient(PlatformHttp http)
{
    private const string SendCall = "Messages";
    private const string AskCall = "Messages/sid";
    private const string AccountCall = "Accounts";
    private const string GoneCode = "20404";

    /// <param name="form">The form-encoded body.</param>
    public Task<SendOutcome> SendAsync(TwilioAccount account, string form, bool isLast, CancellationToken cancellation) => http.RequestAsync(
        Of(SendCall, HttpMethod.Post, account, account.Uri("/Messages.json"), form),
        (response, body) => Judge(SendCall, response, body, isLast), failure => failure, cancellation);

    /// <param name="sid">The id of a message that the platform has accepted.</param>
    /// <param name="isLast">Whether no further part waits for this one to be sent.</param>
    public Task<SendOutcome> AskAsync(TwilioAccount account, string sid, bool isLast, CancellationToken cancellation) => http.RequestAsync(
        Of(AskCall, HttpMethod.Get, account, account.Uri($"/Messages/{Uri.EscapeDataString(sid)}.json")),
        (response, body) => Judge(AskCall, response, body, isLast, sid), failure => failure, cancellation);

    /// <summary>Reads the account, which checks the token.</summary>
    public Task<(SendOutcome Outcome, string? Status)> ReadAccountAsync(TwilioAccount account, CancellationToken cancellation) =>
        http.RequestAsync<(SendOutcome, string?)>(
            Of(AccountCall, HttpMethod.Get, account, account.Uri(".json")),
            (response, body) => JsonAnswer.Read(body) switch
            {
                { } answer when (int)response.StatusCode == 200 && answer.TextOf("status") is { } status =>
                    (new(OutcomeClass.Ok) { Call = AccountCall, HttpStatus = 200 }, status),
                { } answer when Refusal(AccountCall, response, answer) is { } refusal => (refusal, null),
                _ => (http.NotThePlatform(AccountCall, response, body, sent: false), null),
            },
            failure => (failure, null), cancellation);

    private static PlatformRequest Of(string call, HttpMethod method, TwilioAccount account, Uri uri, string? form = null)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account.Sid}:{account.Token}"));
        return new(call, method, uri, form is null ? null : Encoding.UTF8.GetBytes(form))
        {
            ContentType = "application/x-www-form-urlencoded",
            Headers = [("Authorization", $"Basic {basic}"), ("Accept", "application/json")],
            Secrets = [(account.Token, null), (basic, null)],
        };
    }

    /// <param name="asked">The id of the message whose result is queried; null: the request sends one.</param>
    private SendOutcome Judge(string call, HttpResponseMessage response, ReadOnlySpan<byte> body, bool isLast, string? asked = null)
    {
        var answer = JsonAnswer.Read(body);
        if (answer is { } message && (int)response.StatusCode is 200 or 201 && message.TextOf("sid") is { } sid
            && message.TextOf("status") is { } status) return OfMessage(call, (int)response.StatusCode, message, sid, status, isLast);
        if ((answer is { } refused ? Refusal(call, response, refused) : null) is not { } refusal)
            return http.NotThePlatform(call, response, body, sent: call == SendCall);
        // The account no longer has the message: its result can never be determined.
        if (asked is not null && refusal.PlatformCode == GoneCode) return refusal with { Class = OutcomeClass.Message, MayHaveArrived = true };
        return asked is null ? refusal : refusal.AsAnswerToQuery(asked);
    }

    /// <summary>Classifies a message's status.</summary>
    private SendOutcome OfMessage(string call, int httpStatus, JsonElement message, string sid, string status, bool isLast)
    {
        var code = message.TextOf("error_code") ?? status;
        var error = TwilioErrors.Table.For(code);
        var arrived = error.Class == OutcomeClass.Ok || (status == "sent" && !isLast);
        var didNot = TwilioErrors.Table.For(status).Class == OutcomeClass.Receiver;
        // An unknown status means that the message is still being sent; an unknown error code means that it did not arrive.
        return new(arrived ? OutcomeClass.Ok
            : !didNot ? OutcomeClass.Accepted
            : error.Class is OutcomeClass.Message or OutcomeClass.Configuration ? error.Class
            : OutcomeClass.Receiver)
        {
            Call = call,
            HttpStatus = httpStatus,
            PlatformCode = code,
            PlatformMessage = http.Known.Strike(didNot ? $"{status} {message.TextOf("error_message")}".TrimEnd() : Billed(message)),
            RequestId = sid,
            Remedy = didNot ? error.Remedy : Remedy.None,
        };
    }

    /// <summary>Null if the answer does not have the form of a refusal.</summary>
    private SendOutcome? Refusal(string call, HttpResponseMessage response, JsonElement answer)
    {
        if ((int)response.StatusCode < 400 || answer.TextOf("code") is not { } code) return null;
        if ((int)response.StatusCode >= 500) return null;
        var error = TwilioErrors.Table.For((int)response.StatusCode == 429 ? "20429" : code);
        return new(error.Class)
        {
            Call = call,
            HttpStatus = (int)response.StatusCode,
            PlatformCode = code,
            PlatformMessage = http.Known.Strike(answer.TextOf("message")),
            RetryAfter = http.Wait(response, error.Class) ?? error.RetryAfter,
            Remedy = error.Remedy,
            MostTries = error.MostTries,
        };
    }

    /// <summary>The number of segments, and the price if it is known.</summary>
    private static string? Billed(JsonElement message)
    {
        if (message.TextOf("num_segments") is not { } segments) return null;
        var words = segments == "1" ? "1 segment" : $"{segments} segments";
        return message.TextOf("price") is { } price && decimal.TryParse(price, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount)
            ? $"{words}, {Math.Abs(amount).ToString("0.######", CultureInfo.InvariantCulture)} {message.TextOf("price_unit")}".TrimEnd() : words;
    }
}
