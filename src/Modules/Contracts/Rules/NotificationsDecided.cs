using Notify.Contracts.Alarms;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>The notifications that one batch of decisions calls for, in the order of the alarms. Their ids were given when the decision was recorded.</summary>
[MessageIdentity("notify.rules.notifications-decided.v1")]
public sealed record NotificationsDecided(string BatchId, IReadOnlyList<DecidedNotification> Notifications) : BusMessage;

/// <summary>One message to one receiver, or to the accounts of one action that get the same text.</summary>
/// <param name="CausationId">The id of the decision's event.</param>
/// <param name="Suppressed">Why it must not be sent (<c>schedule</c>, <c>holiday</c>, <c>shelved</c>, <c>serviceDisabled</c> …); null when it is to be sent.</param>
/// <param name="AlarmVersion">Of the alarm's stream, with the change that was decided about; 0: of none.</param>
/// <param name="DigestAt">It is held back by its schedule, and to be told then, in one message with all else that was.</param>
/// <param name="TraceParent">The span of the request that reported the alarm, when a trace is recorded.</param>
/// <param name="Failure">Why it is to be sent and has no text: it could not be rendered. It is on record as failed then, and nothing else is.</param>
public sealed record DecidedNotification(
    string NotificationId,
    string AlarmId,
    string AlarmName,
    string AlarmPath,
    AlarmLevel Level,
    AlarmState State,
    DateTimeOffset EventTime,
    Guid CausationId,
    string CorrelationId,
    VersionedRef Rule,
    VersionedRef Service,
    VersionedRef Message,
    VersionedRef Schedule,
    string ChannelType,
    IReadOnlyList<Receiver> Receivers,
    RenderedMessage Content,
    string? Suppressed,
    long AlarmVersion = 0,
    DateTimeOffset? DigestAt = null,
    string? TraceParent = null,
    string? AlarmValue = null,
    string? Failure = null);

/// <summary>A configuration resource as it was when it was used.</summary>
public sealed record VersionedRef(string Id, long Version, string Name);

/// <summary>Someone to tell: <c>kind</c> is <c>bot</c> (with <c>alias</c>) or <c>account</c> (with <c>account</c>, <c>@all</c> for everyone the app reaches).</summary>
public sealed record Receiver(string Kind, string? Alias = null, string? Account = null)
{
    public const string Bot = "bot";
    public const string AccountKind = "account";
    public const string All = "@all";
}

/// <summary>The text as it will be read, in the channel's own format (<c>text</c>, <c>markdown</c>, <c>markdown_v2</c>, <c>template_card</c>).</summary>
public sealed record RenderedMessage(string Format, string Text, Mentions Mentions)
{
    /// <summary>In which it is written, <c>zh</c> or <c>en</c>, and so whatever else is said of it; null: in none in particular.</summary>
    public string? Language { get; init; }

    /// <summary>The IANA zone of its times; null, in events from before it was recorded: UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Whom it was to call and does not, as the alarm names nobody, or nobody that can be called; null when there is none.</summary>
    public IReadOnlyList<NotMentioned>? NotMentioned { get; init; }
}

/// <summary>A mention that calls nobody.</summary>
/// <param name="Mention">As the message has it, such as <c>{labels.owner}</c>.</param>
/// <param name="Text">What it came to for the alarm; null when that was nothing.</param>
public sealed record NotMentioned(string Mention, string Why, string? Text = null)
{
    /// <summary>The alarm has no such label, or an empty one.</summary>
    public const string Empty = "empty";

    public const string NoAccount = "noAccount";
    public const string NoMobile = "noMobile";

    /// <summary>Only the message itself can call everyone, not an alarm.</summary>
    public const string Everyone = "everyone";
}

/// <summary>People to call by name in a group, by account or by mobile number; <c>@all</c> calls everyone.</summary>
public sealed record Mentions(IReadOnlyList<string> Accounts, IReadOnlyList<string> Mobiles)
{
    public static readonly Mentions None = new([], []);
}
