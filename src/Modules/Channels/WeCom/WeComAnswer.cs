using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notify.Channels.Sending;
using Notify.Kernel.Secrets;

namespace Notify.Channels.WeCom;

/// <summary>The parts of an answer that Notify uses, for all calls.</summary>
public sealed partial class WeComAnswer
{
    internal const string InvalidList = "invaliduser";
    internal const string UnlicensedList = "unlicenseduser";
    internal const string InvalidPartyList = "invalidparty";
    internal const string InvalidTagList = "invalidtag";

    private KnownSecrets? known;

    public int Code { get; private set; }
    public string? Message { get; private set; }
    public string? MessageId { get; private set; }
    public string? InvalidUsers { get; private set; }
    public string? UnlicensedUsers { get; private set; }
    public string? InvalidParties { get; private set; }
    public string? InvalidTags { get; private set; }
    public string? AccessToken { get; private set; }
    public int? ExpiresInSeconds { get; private set; }

    /// <summary>Null unless the body is a single JSON object with an integer <c>errcode</c>: a proxy's page or a truncated body is not the platform's
    /// answer.</summary>
    public static WeComAnswer? Read(ReadOnlySpan<byte> body)
    {
        var answer = new WeComAnswer();
        var hasCode = false;
        try
        {
            var reader = new Utf8JsonReader(body.StartsWith("\uFEFF"u8) ? body[3..] : body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("errcode"u8))
                {
                    if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var code)) return null;
                    answer.Code = code;
                    hasCode = true;
                }
                else if (reader.ValueTextEquals("errmsg"u8)) answer.Message = Text(ref reader);
                else if (reader.ValueTextEquals("msgid"u8)) answer.MessageId = Text(ref reader);
                else if (reader.ValueTextEquals("invaliduser"u8)) answer.InvalidUsers = Text(ref reader);
                else if (reader.ValueTextEquals("unlicenseduser"u8)) answer.UnlicensedUsers = Text(ref reader);
                else if (reader.ValueTextEquals("invalidparty"u8)) answer.InvalidParties = Text(ref reader);
                else if (reader.ValueTextEquals("invalidtag"u8)) answer.InvalidTags = Text(ref reader);
                else if (reader.ValueTextEquals("access_token"u8)) answer.AccessToken = Text(ref reader);
                else if (reader.ValueTextEquals("expires_in"u8))
                    answer.ExpiresInSeconds = reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var seconds)
                        ? seconds : null;
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            // A second read past the object's end throws if anything follows it.
            return hasCode && reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? answer : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private string CodeText => Code.ToString(CultureInfo.InvariantCulture);

    /// <summary>Classifies the answer to a send to these accounts (none for a robot), departments and tags.</summary>
    public SendOutcome Judge(string call, IReadOnlyList<string> accounts, MemberGroups? groups = null)
    {
        groups ??= MemberGroups.None;
        if (Code == 0) return Accepted(call, accounts, groups);
        var error = WeComErrors.For(Code);
        return new(error.Class)
        {
            Call = call,
            HttpStatus = 200,
            PlatformCode = CodeText,
            PlatformMessage = Message,
            RequestId = MessageId,
            EgressIp = FindEgressIp(Message),
            RetryAfter = error.RetryAfter,
            MostTries = error.MostTries,
            Remedy = error.Class == OutcomeClass.Message ? WeComErrors.RemedyFor(Code, Message) : Remedy.None,
            Receivers = error.Class == OutcomeClass.Receiver ? Refused(accounts, groups) : [],
        };
    }

    /// <summary>The receivers for which the platform refused the message: those that it names, or else all, since any of them may be.</summary>
    private List<ReceiverOutcome> Refused(IReadOnlyList<string> accounts, MemberGroups groups)
    {
        List<ReceiverOutcome> all = With(groups, accounts.Select(x => new ReceiverOutcome(x, ReceiverOutcome.Failed, CodeText)), (_, _) => CodeText);
        string[] users = [.. Accounts(InvalidUsers), .. Accounts(UnlicensedUsers)];
        var (parties, tags) = (Accounts(InvalidParties), Accounts(InvalidTags));
        List<ReceiverOutcome> named =
        [
            .. all.Where(x => x.Kind switch
            {
                WeComSettings.Party => parties.Contains(x.Account),
                WeComSettings.Tag => tags.Contains(x.Account),
                _ => users.Contains(x.Account, StringComparer.OrdinalIgnoreCase),
            }),
        ];
        return named.Count > 0 ? named : all;
    }

    private SendOutcome Accepted(string call, IReadOnlyList<string> accounts, MemberGroups groups)
    {
        var receivers = accounts.Count == 0 && !groups.Any ? [] : JudgeReceivers(accounts);
        if (groups.Any)
        {
            var (parties, tags) = (Accounts(InvalidParties), Accounts(InvalidTags));
            receivers = With(groups, receivers, (kind, id) => kind == WeComSettings.Party
                ? parties.Contains(id) ? InvalidPartyList : null
                : tags.Contains(id) ? InvalidTagList : null);
        }

        var failed = receivers.Count(x => x.Outcome == ReceiverOutcome.Failed);
        var outcome = failed == 0 ? OutcomeClass.Ok : failed == receivers.Count ? OutcomeClass.Receiver : OutcomeClass.Partial;
        return new(outcome)
        {
            Call = call,
            HttpStatus = 200,
            PlatformCode = CodeText,
            // The platform's "ok" alone would not explain a failure.
            PlatformMessage = outcome == OutcomeClass.Receiver
                ? $"{Message}, but for no receiver: {string.Join(", ", receivers.Select(x => x.PlatformCode).Distinct())}" : Message,
            RequestId = MessageId,
            Receivers = receivers,
            IsJudgedByReceiver = true,
        };
    }

    /// <summary>If there are departments or tags, adds the kinds, since an account alone does not identify a receiver.</summary>
    /// <param name="refusal">Returns the code for a kind and an id; null: it was reached.</param>
    private static List<ReceiverOutcome> With(MemberGroups groups, IEnumerable<ReceiverOutcome> accounts, Func<string, string, string?> refusal)
    {
        if (!groups.Any) return [.. accounts];
        return
        [
            .. accounts.Select(x => x with { Kind = WeComSettings.Account }),
            .. groups.Parties.Select(x => Of(WeComSettings.Party, x)),
            .. groups.Tags.Select(x => Of(WeComSettings.Tag, x)),
        ];

        ReceiverOutcome Of(string kind, string id) => refusal(kind, id) is { } code
            ? new(id, ReceiverOutcome.Failed, code, kind) : new(id, ReceiverOutcome.Delivered, Kind: kind);
    }

    private List<ReceiverOutcome> JudgeReceivers(IReadOnlyList<string> accounts)
    {
        var receivers = new List<ReceiverOutcome>(accounts.Count);
        if (string.IsNullOrEmpty(InvalidUsers) && string.IsNullOrEmpty(UnlicensedUsers))
        {
            foreach (var account in accounts) receivers.Add(new(account, ReceiverOutcome.Delivered));
            return receivers;
        }
        // The platform returns accounts in lower case.
        var refused = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var account in Accounts(InvalidUsers)) refused[account] = InvalidList;
        foreach (var account in Accounts(UnlicensedUsers)) refused[account] = UnlicensedList;
        foreach (var account in accounts)
            receivers.Add(refused.Remove(account, out var list)
                ? new(account, ReceiverOutcome.Failed, list)
                : new(account, ReceiverOutcome.Delivered));
        // Those not named were addressed through "@all".
        foreach (var (account, list) in refused) receivers.Add(new(known?.Strike(account) ?? account, ReceiverOutcome.Failed, list));
        return receivers;
    }

    private static string[] Accounts(string? list) =>
        list is null ? [] : list.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? FindEgressIp(string? message) =>
        message is not null && EgressIp().Match(message) is { Success: true } match ? match.Groups["ip"].Value : null;

    [GeneratedRegex(@"from ip:\s*(?<ip>[0-9a-fA-F:.]*[0-9a-fA-F])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex EgressIp();

    /// <summary>Removes known secrets from its texts, except the token itself, which becomes a known secret. Its lists are compared with the
    /// receivers first, since an account may look like a part of a secret; secrets are removed from the names of others.</summary>
    public void Strike(KnownSecrets secrets)
    {
        if (AccessToken is { } token) secrets.Add(token, secrets.Now + TimeSpan.FromSeconds(ExpiresInSeconds ?? 600));
        (known, Message, MessageId) = (secrets, secrets.Strike(Message), secrets.Strike(MessageId));
    }
}
