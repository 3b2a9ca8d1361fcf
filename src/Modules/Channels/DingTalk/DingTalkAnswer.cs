using System.Text.Json;
using Notify.Channels.Http;
using Notify.Channels.Sending;

namespace Notify.Channels.DingTalk;

/// <summary>The parts of an answer that Notify uses, for all calls.</summary>
internal sealed record DingTalkAnswer
{
    /// <summary>From robots a number, sometimes as text; from the API of apps a word, and only if it refuses.</summary>
    public string? Code { get; private init; }

    public string? Message { get; private init; }

    /// <summary>How long the gateway bans; it does so without an <c>errcode</c>.</summary>
    public TimeSpan? Wait { get; private init; }

    public string? RequestId { get; private init; }
    public string? AccessToken { get; private init; }
    public int? ExpiresInSeconds { get; private init; }

    /// <summary>The members that a send left out, with the name of the answer's list that contains them.</summary>
    private IReadOnlyList<(string List, string User)> Left { get; init; } = [];

    /// <summary>Null unless the body is a single JSON object.</summary>
    public static DingTalkAnswer? Read(ReadOnlySpan<byte> body) => JsonAnswer.Read(body) is not { } root ? null : new()
    {
        Code = root.TextOf("errcode") ?? root.TextOf("code") ?? (root.TextOf("status") == "1111" ? "1111" : null),
        Message = root.TextOf("errmsg") ?? root.TextOf("message") ?? root.TextOf("punish"),
        Wait = int.TryParse(root.TextOf("wait"), out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null,
        RequestId = root.TextOf("processQueryKey") ?? root.TextOf("requestid"),
        AccessToken = root.TextOf("accessToken"),
        ExpiresInSeconds = int.TryParse(root.TextOf("expireIn"), out var life) && life > 0 ? life : null,
        Left = [.. ((string[])[DingTalkErrors.Invalid, DingTalkErrors.FlowControlled, DingTalkErrors.Filtered])
            .SelectMany(list => Users(root, list).Select(x => (list, x)))],
    };

    /// <summary>Classifies a refusal, or any answer to a robot's message.</summary>
    public SendOutcome Judge(string call, int status)
    {
        var error = DingTalkErrors.For(status == 429 ? DingTalkErrors.Throttling : Code!);
        var outcome = status == 401 || Message?.Contains("access_token", StringComparison.OrdinalIgnoreCase) == true
            ? OutcomeClass.RefreshToken : error.Class;
        return new(outcome)
        {
            Call = call,
            HttpStatus = status,
            PlatformCode = Code,
            PlatformMessage = Message,
            RequestId = RequestId,
            RetryAfter = PlatformHttp.Bounded(Wait, outcome) ?? error.RetryAfter,
            MostTries = status >= 500 ? null : error.MostTries,
            Remedy = error.Remedy,
        };
    }

    /// <summary>Classifies the answer to a send to members that the platform accepted.</summary>
    /// <param name="isOne">Whether this request is the whole message. Only then are rate-limited members retried: if there were several requests,
    /// Notify would not know which of them a member has received.</param>
    public SendOutcome JudgeMembers(string call, IReadOnlyList<string> users, bool isOne)
    {
        var left = Left.DistinctBy(x => x.User, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(x => x.User, x => x.List, StringComparer.OrdinalIgnoreCase);
        var again = isOne && left.Values.Contains(DingTalkErrors.FlowControlled, StringComparer.Ordinal);
        List<ReceiverOutcome> receivers =
        [
            .. from user in users
               let list = left.GetValueOrDefault(user)
               where !(again && list == DingTalkErrors.FlowControlled)
               select new ReceiverOutcome(
                   user, list is null ? ReceiverOutcome.Delivered : ReceiverOutcome.Failed, list, DingTalkSettings.Member),
        ];
        var failed = receivers.Count(x => x.Outcome == ReceiverOutcome.Failed);
        return new(again ? OutcomeClass.Retry : failed == 0 ? OutcomeClass.Ok
            : failed == receivers.Count ? OutcomeClass.Receiver : OutcomeClass.Partial)
        {
            Call = call,
            HttpStatus = 200,
            PlatformCode = again ? DingTalkErrors.FlowControlled : failed > 0 && failed == receivers.Count ? receivers[0].PlatformCode : null,
            PlatformMessage = left.Count == 0 ? null : string.Join(", ", left.Values.Distinct(StringComparer.Ordinal)),
            RequestId = RequestId,
            RetryAfter = again ? TimeSpan.FromMinutes(1) : null,
            Receivers = receivers,
            IsJudgedByReceiver = true,
        };
    }

    private static IEnumerable<string> Users(JsonElement root, string list) =>
        root.TryGetProperty(list, out var users) && users.ValueKind == JsonValueKind.Array
            ? users.EnumerateArray().Where(x => x.ValueKind == JsonValueKind.String).Select(x => x.GetString()!) : [];
}
