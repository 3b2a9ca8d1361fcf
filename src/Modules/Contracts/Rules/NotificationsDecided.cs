using System.Text.Json;
using System.Text.Json.Serialization;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>The notifications that follow from one batch of decisions, in the order of the alarms. Their ids were assigned when the decision was
/// recorded.</summary>
[MessageIdentity("notify.rules.notifications-decided.v1")]
public sealed record NotificationsDecided(string BatchId, IReadOnlyList<DecidedNotification> Notifications) : BusMessage;

/// <summary>One message to one receiver, or to the accounts of one action that get the same text.</summary>
/// <param name="CausationId">The id of the decision's event.</param>
/// <param name="Suppressed">Why it must not be sent (<c>schedule</c>, <c>holiday</c>, <c>shelved</c>, <c>serviceDisabled</c> …); null when it is to
/// be sent.</param>
/// <param name="AlarmVersion">The version of the alarm's stream with the change that was decided; 0: none.</param>
/// <param name="DigestAt">It is held back by its schedule, and is sent then in a digest with all others held back.</param>
/// <param name="TraceParent">The span of the request that reported the alarm, when a trace is recorded.</param>
/// <param name="Step">The waiting step that it comes from; null: it comes from the change of the alarm itself.</param>
/// <param name="StartTime">When the alarm's occurrence began (<see cref="AlarmFacts.StartTime"/>); null also in what was decided before it was
/// recorded.</param>
/// <param name="Otherwise">Its action has another way out; null: it has none.</param>
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
    NotificationOtherwise? Otherwise = null);

/// <summary>A configuration resource as it was when it was used.</summary>
public sealed record VersionedRef(string Id, long Version, string Name);

/// <summary>Someone to notify: one of the kinds that the channel has, by an alias from the service's settings or by an account at the
/// platform.</summary>
public sealed record Receiver(string Kind, string? Alias = null, string? Account = null)
{
    public const string All = "@all";

    /// <summary>The people who are reached by it, or who were meant to be; null: nobody is known to be behind it. It is never entered.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReachedPerson>? People { get; init; }

    /// <summary>What its kind has beside a name, such as <c>as</c> of a mail's receiver; null: nothing.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Fields { get; init; }
}

/// <summary>The text as it will be read, in one of the channel's own formats.</summary>
public sealed record RenderedMessage(string Format, string Text, Mentions Mentions)
{
    /// <summary>Where there is no text.</summary>
    public static readonly RenderedMessage None = new("text", "", Mentions.None);

    /// <summary>The language of the text and of what Notify adds to it, <c>zh</c> or <c>en</c>; null: unspecified.</summary>
    public string? Language { get; init; }

    /// <summary>The IANA time zone of its times; null (in events from before it was recorded): UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What a message of the channel has beside its text, by name, an entry of a map as <c>parameters.code</c>; null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? Fields { get; init; }

    /// <summary>Mentions without effect, because the alarm names nobody, or nobody who can be mentioned; null if there are none.</summary>
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
