using System.Globalization;
using System.Text;
using System.Text.Json;
using Notify.Channels.Http;
using Notify.Channels.Sending;

namespace Notify.Channels.SmsAliyun;

/// <summary>An account with its secret in plain text.</summary>
internal sealed record AliyunAccount(Uri Endpoint, string KeyId, string KeySecret)
{
    public override string ToString() => KeyId;
}

/// <summary>Sends single requests, and queries receipts. The body's <c>Code</c> is the result, whatever the HTTP status.</summary>
internal sealed class AliyunClient(PlatformHttp http, TimeProvider time)
{
    private const string SendCall = "SendSms";
    private const string AskCall = "QuerySendDetails";

    /// <summary>The platform's days begin at midnight in China.</summary>
    private static readonly TimeSpan china = TimeSpan.FromHours(8);

    /// <summary>How many of a number's messages on one day are read, newest first.</summary>
    private const int PageSize = 50;

    /// <param name="form">The form-encoded body.</param>
    public Task<SendOutcome> SendAsync(AliyunAccount account, string form, CancellationToken cancellation) => http.RequestAsync(
        Of(SendCall, account, form), (response, body) => JsonAnswer.Read(body) is { } answer && answer.TextOf("Code") is { } code
            ? code == "OK" ? new(OutcomeClass.Accepted)
            {
                Call = SendCall,
                HttpStatus = (int)response.StatusCode,
                PlatformCode = AliyunErrors.UnderWay,
                PlatformMessage = http.Known.Strike(answer.TextOf("Message")),
                RequestId = answer.TextOf("BizId"),
            }
            : Refusal(SendCall, response, answer, code)
            : http.NotThePlatform(SendCall, response, body, sent: true),
        failure => failure, cancellation);

    /// <summary>Queries the receipt of one message, for today and, in case it was sent before midnight, yesterday.</summary>
    /// <param name="bizId">The platform's id of the message; null: it is found by <paramref name="outId"/>.</param>
    /// <param name="outId">Notify's id of the message.</param>
    /// <returns>Null if the platform has none. A refused query leaves the message accepted.</returns>
    public async Task<SendOutcome?> AskAsync(AliyunAccount account, string number, string? bizId, string outId, CancellationToken cancellation)
    {
        foreach (var day in (int[])[0, -1])
        {
            var (outcome, found) = await ReadAsync(account, number, day, bizId, x => bizId is not null || x.TextOf("OutId") == outId, cancellation);
            if (found) return outcome;
            // The id is not null, so that the message is looked up again.
            if (outcome is not null) return outcome.AsAnswerToQuery(bizId ?? "");
        }

        return null;
    }

    /// <summary>Checks whether the key may query receipts, with a number to which nothing was sent.</summary>
    public async Task<SendOutcome> TryAsync(AliyunAccount account, CancellationToken cancellation) =>
        (await ReadAsync(account, "13800138000", 0, null, _ => false, cancellation)).Outcome ?? new(OutcomeClass.Ok) { Call = AskCall, HttpStatus = 200 };

    /// <returns>The outcome by the receipt, or why none could be read; null if there is none.</returns>
    private Task<(SendOutcome? Outcome, bool Found)> ReadAsync(
        AliyunAccount account, string number, int day, string? bizId, Func<JsonElement, bool> isIt, CancellationToken cancellation)
    {
        var form = FormBody.Of(
            ("PhoneNumber", number), ("SendDate", time.GetUtcNow().ToOffset(china).AddDays(day).ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
            ("PageSize", PageSize.ToString(CultureInfo.InvariantCulture)), ("CurrentPage", "1"), ("BizId", bizId));
        return http.RequestAsync<(SendOutcome?, bool)>(
            Of(AskCall, account, form),
            (response, body) =>
            {
                if (JsonAnswer.Read(body) is not { } answer || answer.TextOf("Code") is not { } code)
                    return (http.NotThePlatform(AskCall, response, body, sent: false), false);
                if (code != "OK") return (Refusal(AskCall, response, answer, code), false);
                foreach (var detail in DetailsOf(answer))
                    if (isIt(detail)) return (OfReceipt((int)response.StatusCode, detail, bizId), true);
                return (null, false);
            },
            // A query delivers nothing.
            lost => (lost with { Class = OutcomeClass.Retry, MayHaveArrived = false }, false), cancellation);
    }

    private SendOutcome OfReceipt(int httpStatus, JsonElement detail, string? bizId)
    {
        var status = detail.TextOf("SendStatus");
        var code = detail.TextOf("ErrCode") is { Length: > 0 } given ? given : null;
        var error = AliyunErrors.For(code ?? "");
        return new(status switch
        {
            "3" => OutcomeClass.Ok,
            "2" => error.Class == OutcomeClass.Message ? OutcomeClass.Message : OutcomeClass.Receiver,
            _ => OutcomeClass.Accepted,
        })
        {
            Call = AskCall,
            HttpStatus = httpStatus,
            PlatformCode = status is "2" or "3" ? code : AliyunErrors.UnderWay,
            PlatformMessage = http.Known.Strike(detail.TextOf("Content")),
            // Not null, so that the message is looked up again; the receipt itself does not contain its id.
            RequestId = bizId ?? "",
        };
    }

    private SendOutcome Refusal(string call, HttpResponseMessage response, JsonElement answer, string code)
    {
        var (error, words) = (AliyunErrors.For(code), answer.TextOf("Message"));
        var (outcome, wait) = (error.Class, error.RetryAfter);
        // One number has reached its limit: other numbers need not wait, and a day would be too long for an alarm.
        if (code == AliyunErrors.NumberLimit && words is not null)
        {
            if (words.Contains('分', StringComparison.Ordinal) || words.Contains("minute", StringComparison.OrdinalIgnoreCase))
                (outcome, wait) = (OutcomeClass.Retry, TimeSpan.FromMinutes(1));
            else if (words.Contains("小时", StringComparison.Ordinal) || words.Contains("hour", StringComparison.OrdinalIgnoreCase))
                (outcome, wait) = (OutcomeClass.Retry, TimeSpan.FromHours(1));
        }

        return new(outcome)
        {
            Call = call,
            HttpStatus = (int)response.StatusCode,
            PlatformCode = code,
            PlatformMessage = http.Known.Strike(words),
            RetryAfter = wait,
            Remedy = error.Remedy,
            MostTries = error.MostTries,
        };
    }

    private PlatformRequest Of(string call, AliyunAccount account, string form) =>
        new(call, HttpMethod.Post, new(account.Endpoint, "/"), Encoding.UTF8.GetBytes(form))
        {
            ContentType = AliyunSignature.ContentType,
            Headers = AliyunSignature.Sign(
                account.Endpoint, call, form, account.KeyId, account.KeySecret, time.GetUtcNow(), Guid.NewGuid().ToString("N")),
            Secrets = [(account.KeySecret, null)],
        };

    private static IEnumerable<JsonElement> DetailsOf(JsonElement answer) =>
        answer.TryGetProperty("SmsSendDetailDTOs", out var details) && details.ValueKind == JsonValueKind.Object
        && details.TryGetProperty("SmsSendDetailDTO", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray() : Enumerable.Empty<JsonElement>();
}
