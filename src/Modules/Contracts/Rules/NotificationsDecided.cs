using System.Text.Json;
using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>The notifications that result from one batch of decisions, in the order of the alarms. Their ids were assigned when the decisions were
/// recorded.</summary>
[MessageIdentity("notify.rules.notifications-decided.v1")]
public sealed record NotificationsDecided(string BatchId, IReadOnlyList<DecidedNotification> Notifications) : BusMessage;

/// <summary>One message to one receiver, or to those accounts of one action that get the same text.</summary>
/// <param name="CausationId">The id of the decision's event.</param>
/// <param name="Suppressed">Why it must not be sent (<c>schedule</c>, <c>holiday</c>, <c>shelved</c>, <c>serviceDisabled</c> …); null if it must
/// be sent.</param>
/// <param name="AlarmVersion">The version of the alarm's stream with the change that was decided; 0: none.</param>
/// <param name="DigestAt">Set if its schedule holds it back: when it is sent, in a digest with all others held back.</param>
/// <param name="TraceParent">The span of the request that reported the alarm; null if no trace is recorded.</param>
/// <param name="Step">The step that it results from; null: it results from the alarm change itself.</param>
/// <param name="StartTime">When the alarm's occurrence began (<see cref="AlarmFacts.StartTime"/>); also null in decisions made before this field
/// existed.</param>
/// <param name="Otherwise">The fallback of its action; null: none.</param>
/// <param name="ActionKey">The key of the rule's action; null in messages from before there were keys.</param>
/// <param name="Failure">Why it could not be rendered and has no text. It is then recorded as failed.</param>
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
    string? Failure = null,
    NotificationStep? Step = null,
    DateTimeOffset? StartTime = null,
    NotificationOtherwise? Otherwise = null,
    string? ActionKey = null);

/// <summary>A configuration resource in the version that was used.</summary>
public sealed record VersionedRef(string Id, long Version, string Name);

/// <summary>A receiver: one of the channel's kinds, identified by an alias from the service's settings or by an account on the
/// platform.</summary>
public sealed record Receiver(string Kind, string? Alias = null, string? Account = null)
{
    public const string All = "@all";

    /// <summary>The people reached, or meant to be reached, by it; null if no known people are behind it. Never entered by users.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReachedPerson>? People { get; init; }

    /// <summary>Fields of its kind other than the name, such as <c>as</c> of a mail receiver; null: none.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Fields { get; init; }
}

/// <summary>The text that recipients will read, in one of the channel's formats.</summary>
public sealed record RenderedMessage(string Format, string Text, Mentions Mentions)
{
    /// <summary>For a notification without a text.</summary>
    public static readonly RenderedMessage None = new("text", "", Mentions.None);

    /// <summary>The language of the text and of what Notify adds to it, <c>zh</c> or <c>en</c>; null: unspecified.</summary>
    public string? Language { get; init; }

    /// <summary>The IANA time zone of the times in it; null (in events from before this field existed): UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Fields of the channel's message other than its text, by name; the entry of a map as <c>parameters.code</c>; null: none.</summary>
    public IReadOnlyDictionary<string, string>? Fields { get; init; }

    /// <summary>Mentions without effect because the alarm names nobody, or nobody who can be mentioned; null if there are none.</summary>
    public IReadOnlyList<NotMentioned>? NotMentioned { get; init; }
}

/// <summary>A mention without effect.</summary>
/// <param name="Mention">As written in the message, such as <c>{labels.owner}</c>.</param>
/// <param name="Text">What it evaluated to for the alarm; null if empty.</param>
public sealed record NotMentioned(string Mention, string Why, string? Text = null)
{
    /// <summary>The alarm has no such label, or an empty one.</summary>
    public const string Empty = "empty";

    public const string NoAccount = "noAccount";
    public const string NoMobile = "noMobile";

    /// <summary>Only the message itself can mention everyone, not an alarm.</summary>
    public const string Everyone = "everyone";
}

/// <summary>People to mention in a group, by account or by mobile number; <c>@all</c> mentions everyone.</summary>
public sealed record Mentions(IReadOnlyList<string> Accounts, IReadOnlyList<string> Mobiles)
{
    public static readonly Mentions None = new([], []);
}
