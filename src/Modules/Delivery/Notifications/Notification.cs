using System.Text.Json.Serialization;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Delivery.Notifications;

/// <summary>A notification was requested, with everything needed to resend it unchanged in a year.</summary>
/// <param name="Lane">The lane, which the platform limits: the credentials it is sent with.</param>
/// <param name="ReplayOf">The notification that this one repeats.</param>
/// <param name="ReplayId">The replay that repeats it.</param>
/// <param name="AlarmVersion">Of the alarm's stream, with the change that this tells of; 0: of none.</param>
/// <param name="DigestOf">The notifications that a schedule held back, and that this one tells of together.</param>
/// <param name="Otherwise">Its action has another way out; null: it has none.</param>
/// <param name="Step">The escalation or reminder that it is; null: it is none.</param>
/// <param name="AlarmValue">What was measured; null when nothing was, or in events from before it was recorded.</param>
/// <param name="StartTime">When the alarm's occurrence began; null when that is unknown, in what tells of several, or in events from before it was
/// recorded.</param>
public sealed record NotificationRequested(
    string AlarmId, string AlarmName, string AlarmPath, AlarmLevel Level, AlarmState State, DateTimeOffset EventTime,
    VersionedRef Rule, VersionedRef Service, VersionedRef Message, VersionedRef Schedule,
    string ChannelType, string Lane, IReadOnlyList<Receiver> Receivers, RenderedMessage Content, string? ReplayOf = null, long AlarmVersion = 0,
    IReadOnlyList<string>? DigestOf = null, string? ReplayId = null, string? AlarmValue = null,
    NotificationStep? Step = null, DateTimeOffset? StartTime = null, NotificationOtherwise? Otherwise = null) : INotice;

/// <summary>It was decided not to send it.</summary>
/// <param name="DigestAt">When it is to be sent nonetheless, in one message with everything else that its schedule holds back.</param>
public sealed record NotificationSuppressed(string Reason, DateTimeOffset? DigestAt = null);

/// <summary>
/// Notify itself could not prepare it, or could not record that it was about to send it: nothing was sent to the platform, and it is not tried again.
/// A resend rebuilds it with the message as it is then.
/// </summary>
/// <param name="Stage">At what: one of <see cref="FailureStage"/>.</param>
/// <param name="Reason">The exception, in one line.</param>
public sealed record NotificationFailed(string Stage, string Reason);

/// <summary>The stage at which Notify failed.</summary>
public static class FailureStage
{
    /// <summary>The people whom it is for have no address for its way.</summary>
    public const string Addressing = "addressing";

    /// <summary>Its message could not be rendered, or its schedule or rule not be read.</summary>
    public const string Rendering = "rendering";

    /// <summary>Its lane, its receivers or its place in the queue could not be worked out.</summary>
    public const string Planning = "planning";

    /// <summary>It could not be listed with others in one message or digest.</summary>
    public const string Merging = "merging";

    /// <summary>Its request, or the parts of it, could not be made.</summary>
    public const string Preparing = "preparing";

    /// <summary>It could not be recorded that it was about to be sent.</summary>
    public const string Recording = "recording";

    /// <summary>It is in a message between modules that was put aside. An event says so only once somebody has dismissed or resent it.</summary>
    public const string PutAside = "putAside";
}

/// <summary>Its schedule has opened, and another notification lists it with everything else that was held back.</summary>
public sealed record NotificationDigested(string In);

/// <summary>On disk before the first request leaves.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Requests">The exact bodies, in the order in which they are sent; empty when it goes in another one's message, and when the platform is
/// only asked what became of one that it has accepted.</param>
/// <param name="MergedInto">The notification whose attempt holds the message that tells of several alarms, this one among them.</param>
public sealed record AttemptStarted(int Number, string Node, IReadOnlyList<string> Requests, string? MergedInto = null);

/// <summary>The platform took it; for every receiver but those in <paramref name="FailedReceivers"/>.</summary>
public sealed record AttemptSucceeded(int Number, [property: JsonConverter(typeof(NumberAsText))] string? PlatformCode, string? PlatformMessage,
    string? RequestId, IReadOnlyList<FailedReceiver> FailedReceivers);

/// <param name="Reason">The platform's code.</param>
/// <param name="Kind">Null where the account alone tells the receivers apart.</param>
/// <param name="Message">The platform's words about this receiver; null when it said nothing of it alone.</param>
public sealed record FailedReceiver(string Account, string? Reason, string? Kind = null, string? Message = null)
{
    public static FailedReceiver Of(ReceiverOutcome x) => new(x.Account, x.PlatformCode, x.Kind, x.PlatformMessage);

    public ReceiverOutcome AsOutcome() => new(Account, ReceiverOutcome.Failed, Reason, Kind, Message);
}

/// <summary>The platform took it, and says later whether it arrived.</summary>
/// <param name="RequestId">What the platform is asked by.</param>
/// <param name="AskAt">When it is asked; not before is anything sent again.</param>
/// <param name="RequestsDone">How many of its requests had arrived before.</param>
/// <param name="Judged">The receivers that the platform has judged already, by those requests.</param>
public sealed record AttemptAccepted(
    int Number, string? PlatformCode, string? PlatformMessage, string RequestId, DateTimeOffset AskAt, int RequestsDone = 0,
    IReadOnlyList<ReceiverOutcome>? Judged = null);

/// <param name="RetryAt">When it is tried again; null: it is not.</param>
/// <param name="RequestsDone">How many of its requests the platform had taken; the next attempt goes on after them.</param>
/// <param name="NextForm">The platform refused the message as it was: how it is tried next.</param>
/// <param name="Call">The platform's call that failed, such as <c>gettoken</c>; null when none was made.</param>
/// <param name="MayHaveArrived">No success was reported, but the answer may have come from beyond the platform: a repeat may show the message
/// twice.</param>
/// <param name="FailedReceivers">All of them and why, when it is over and the platform has judged some by themselves; null: all failed as the
/// whole.</param>
/// <param name="Judged">The receivers that the platform has judged, when others are tried again.</param>
public sealed record AttemptFailed(
    int Number, OutcomeClass Class, int? HttpStatus, [property: JsonConverter(typeof(NumberAsText))] string? PlatformCode, string? PlatformMessage,
    string? EgressIp, DateTimeOffset? RetryAt, int RequestsDone = 0,
    string? RequestId = null, MessageForm? NextForm = null, string? Call = null, bool MayHaveArrived = false,
    IReadOnlyList<FailedReceiver>? FailedReceivers = null, IReadOnlyList<ReceiverOutcome>? Judged = null);

/// <summary>The request may have arrived, but nobody knows: its answer was lost, or the process died. A repeat may show the message twice.</summary>
/// <param name="Judged">The receivers that the platform has judged all the same, by requests of the message before.</param>
public sealed record AttemptOutcomeUnknown(
    int Number, string Why, DateTimeOffset? RetryAt, int RequestsDone = 0, IReadOnlyList<ReceiverOutcome>? Judged = null);

/// <summary>Somebody removed a failed notification from the failed list. It stays in the history.</summary>
public sealed record NotificationDismissed(string Reason);

/// <summary>Somebody cancelled it before it was sent.</summary>
public sealed record NotificationCancelled(string Reason)
{
    /// <summary>As the notification's reason shows it.</summary>
    [JsonIgnore]
    public string StatusReason => $"cancelled: {Reason}";
}

/// <summary>A failed notification was sent again, as a new one to those it had not reached.</summary>
public sealed record NotificationResent(string As);

public enum NotificationStatus
{
    /// <summary>It is being sent.</summary>
    Pending,

    /// <summary>It waits, for its lane's turn or pace or for its next try.</summary>
    Scheduled,
    Delivered,
    PartlyDelivered,
    Failed,
    Suppressed,
    Dismissed,
}

[JsonConverter(typeof(JsonStringEnumConverter<AttemptOutcome>))]
public enum AttemptOutcome
{
    [JsonStringEnumMemberName("started")] Started,
    [JsonStringEnumMemberName("delivered")] Delivered,
    [JsonStringEnumMemberName("partlyDelivered")] PartlyDelivered,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("unknown")] Unknown,
    [JsonStringEnumMemberName("accepted")] Accepted,
}

public sealed record Attempt
{
    public required int Number { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public AttemptOutcome Outcome { get; init; }
    public string? Class { get; init; }

    /// <summary>The platform's call that failed; null where it was the send itself that ended well, or nobody knows.</summary>
    public string? Call { get; init; }
    public int? HttpStatus { get; init; }
    public string? PlatformCode { get; init; }
    public string? PlatformMessage { get; init; }
    public string? RequestId { get; init; }
    public string? EgressIp { get; init; }
    public required string Node { get; init; }

    /// <summary>How many of its messages the platform had accepted when the attempt failed; the next attempt continues after them.</summary>
    public int? RequestsDone { get; init; }

    /// <summary>It may have been shown to its readers although it failed.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>The platform refused the message as it was: how the next attempt sends it.</summary>
    public MessageForm? NextForm { get; init; }

    /// <summary>It went in one message with others; the body is with this notification's attempt.</summary>
    public string? MergedInto { get; init; }

    /// <summary>The exact bodies sent.</summary>
    public IReadOnlyList<string> Requests { get; init; } = [];
}

public sealed record ReceiverState(string Kind, string? Alias, string? Account)
{
    /// <summary>Who is reached by it, or was meant to be; null: nobody is known to be behind it.</summary>
    public IReadOnlyList<ReachedPerson>? People { get; init; }

    public static ReceiverState Of(Receiver x) => new(x.Kind, x.Alias, x.Account) { People = x.People };

    [JsonIgnore]
    public Receiver Receiver => new(Kind, Alias, Account) { People = People };

    /// <summary><c>pending</c>, <c>delivered</c>, <c>failed</c> or <c>suppressed</c>.</summary>
    public string Outcome { get; init; } = "pending";

    public string? PlatformCode { get; init; }

    /// <summary>The platform's words about this receiver alone; null when there are none.</summary>
    public string? PlatformMessage { get; init; }
}

/// <summary>A notification as its events describe it. Stream <c>notification-…</c>.</summary>
public sealed record Notification
{
    public required string Id { get; init; }

    [JsonIgnore]
    public long Version { get; init; }

    public required NotificationRequested Request { get; init; }

    /// <summary>Of what another way sends, since this did not arrive: so whoever shows this finds it.</summary>
    public static string IdInsteadOf(string id) => Ids.Derived("notification", $"{id}\notherwise");

    /// <summary>What another way sent, since this did not arrive; null: nothing, or nobody has looked.</summary>
    public string? SentInstead { get; init; }
    public NotificationStatus Status { get; init; }

    /// <summary>Why it was suppressed or has failed, or why it waits.</summary>
    public string? Reason { get; init; }

    /// <summary>At what Notify itself failed (<see cref="FailureStage"/>); null when it did not.</summary>
    public string? FailedAt { get; init; }

    /// <summary>Its events cannot be read: this is what its row knows.</summary>
    [JsonIgnore]
    public bool IsUnreadable { get; init; }

    public IReadOnlyList<ReceiverState> Receivers { get; init; } = [];
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>An attempt may have arrived although no success was reported, and it was sent again: it may have been seen twice.</summary>
    public bool MayHaveArrivedTwice { get; init; }

    public string CorrelationId { get; init; } = "";

    /// <summary>The notification that sends this one again.</summary>
    public string? ResentAs { get; init; }

    /// <summary>When what its schedule held back is told together.</summary>
    public DateTimeOffset? DigestAt { get; init; }

    /// <summary>The notification that tells of it with all else that was held back.</summary>
    public string? DigestedIn { get; init; }

    /// <summary>It is still to be sent, by itself or in a digest.</summary>
    [JsonIgnore]
    public bool IsOpen => Status is NotificationStatus.Pending or NotificationStatus.Scheduled
        || (Status is NotificationStatus.Suppressed && DigestAt is not null && DigestedIn is null);

    /// <summary>It has not reached all its receivers, and nobody has sent it again yet.</summary>
    [JsonIgnore]
    public bool HasFailed => Status is NotificationStatus.Failed or NotificationStatus.PartlyDelivered && ResentAs is null;

    /// <summary>The receivers that it has not reached.</summary>
    [JsonIgnore]
    public IReadOnlyList<Receiver> Missed =>
        [.. Receivers.Zip(Request.Receivers).Where(x => x.First.Outcome != "delivered").Select(x => x.Second)];

    public static Notification Apply(Notification? current, string id, object @event, DateTimeOffset at, string? correlationId = null)
    {
        if (@event is NotificationRequested request)
        {
            return new Notification
            {
                Id = id,
                Version = 1,
                Request = request,
                // Until an attempt begins it waits: for its lane's turn or pace, or for what its lane is blocked by.
                Status = NotificationStatus.Scheduled,
                RequestedAt = at,
                CorrelationId = correlationId ?? "",
                Receivers = [.. request.Receivers.Select(ReceiverState.Of)],
            };
        }

        var n = current ?? throw new InvalidOperationException($"The notification {id} begins with {@event.GetType().Name}.");
        return (@event switch
        {
            NotificationSuppressed e => n with
            {
                Status = NotificationStatus.Suppressed,
                Reason = e.Reason,
                EndedAt = at,
                DigestAt = e.DigestAt,
                Receivers = n.All("suppressed", null),
            },
            NotificationFailed e => n with
            {
                Status = NotificationStatus.Failed,
                Reason = e.Reason,
                FailedAt = e.Stage,
                EndedAt = at,
                RetryAt = null,
                DigestAt = null,
                Receivers = n.All("failed", null),
            },
            NotificationDigested e => n with { DigestedIn = e.In },
            AttemptStarted e => n with
            {
                Status = NotificationStatus.Pending,
                RetryAt = null,
                Attempts = [.. n.Attempts, new Attempt { Number = e.Number, StartedAt = at, Node = e.Node, Requests = e.Requests,
                MergedInto = e.MergedInto }],
                MayHaveArrivedTwice = n.MayHaveArrivedTwice || n.Attempts is [.., { Outcome: AttemptOutcome.Unknown } or { MayHaveArrived: true }],
            },
            AttemptSucceeded e => n with
            {
                Status = e.FailedReceivers.Count == 0 ? NotificationStatus.Delivered : NotificationStatus.PartlyDelivered,
                Reason = null,
                RetryAt = null,
                EndedAt = at,
                Receivers = n.Told(e.FailedReceivers),
                Attempts = n.Ended(e.Number, x => x with
                {
                    EndedAt = at,
                    Outcome = e.FailedReceivers.Count == 0 ? AttemptOutcome.Delivered : AttemptOutcome.PartlyDelivered,
                    PlatformCode = e.PlatformCode,
                    PlatformMessage = e.PlatformMessage,
                    RequestId = e.RequestId,
                }),
            },
            AttemptFailed e => n.Waits(e.RetryAt, e.PlatformMessage, at, e.PlatformCode, e.FailedReceivers) with
            {
                Receivers = n.Waits(e.RetryAt, e.PlatformMessage, at, e.PlatformCode, e.FailedReceivers).Judge(e.Judged),
                Attempts = n.Ended(e.Number, x => x with
                {
                    EndedAt = at,
                    Outcome = AttemptOutcome.Failed,
                    Class = e.Class.ToString(),
                    Call = e.Call,
                    MayHaveArrived = e.MayHaveArrived,
                    RequestsDone = e.RequestsDone,
                    HttpStatus = e.HttpStatus,
                    PlatformCode = e.PlatformCode,
                    PlatformMessage = e.PlatformMessage,
                    RequestId = e.RequestId,
                    EgressIp = e.EgressIp,
                    NextForm = e.NextForm,
                }),
            },
            AttemptAccepted e => n with
            {
                Status = NotificationStatus.Scheduled,
                Reason = e.PlatformMessage,
                RetryAt = e.AskAt,
                Receivers = n.Judge(e.Judged),
                Attempts = n.Ended(e.Number, x => x with
                {
                    EndedAt = at,
                    Outcome = AttemptOutcome.Accepted,
                    Class = nameof(OutcomeClass.Accepted),
                    PlatformCode = e.PlatformCode,
                    PlatformMessage = e.PlatformMessage,
                    RequestId = e.RequestId,
                    RequestsDone = e.RequestsDone,
                }),
            },
            AttemptOutcomeUnknown e => n.Waits(e.RetryAt, e.Why, at, null) with
            {
                Receivers = n.Waits(e.RetryAt, e.Why, at, null).Judge(e.Judged),
                Attempts = n.Ended(e.Number, x => x with
                {
                    EndedAt = at,
                    Outcome = AttemptOutcome.Unknown,
                    Class = nameof(OutcomeClass.Unknown),
                    PlatformMessage = e.Why,
                    RequestsDone = e.RequestsDone,
                }),
            },
            NotificationDismissed e => n with { Status = NotificationStatus.Dismissed, Reason = e.Reason },
            NotificationCancelled e => n with
            {
                Status = NotificationStatus.Suppressed,
                Reason = e.StatusReason,
                EndedAt = at,
                RetryAt = null,
                Receivers = n.All("suppressed", null),
            },
            NotificationResent e => n with { ResentAs = e.As },
            _ => throw new InvalidOperationException($"A notification knows no {@event.GetType().Name}."),
        }) with
        { Version = n.Version + 1 };
    }

    private Notification Waits(
        DateTimeOffset? retryAt, string? reason, DateTimeOffset at, string? code, IReadOnlyList<FailedReceiver>? failed = null) => this with
        {
            Status = retryAt is null ? NotificationStatus.Failed : NotificationStatus.Scheduled,
            Reason = reason,
            RetryAt = retryAt,
            EndedAt = retryAt is null ? at : null,
            Receivers = retryAt is not null ? Receivers : failed is { Count: > 0 } ? Told(failed) : All("failed", code),
        };

    private List<Attempt> Ended(int number, Func<Attempt, Attempt> end) => [.. Attempts.Select(x => x.Number == number ? end(x) : x)];

    private List<ReceiverState> All(string outcome, string? code) => [.. Receivers.Select(x => x with { Outcome = outcome, PlatformCode = code })];

    private List<ReceiverState> Told(IReadOnlyList<FailedReceiver> failed) =>
    [
        .. Receivers.Select(x => failed.FirstOrDefault(f => f.AsOutcome().IsOf(x.Kind, x.Account)) is { } f
            ? x with { Outcome = "failed", PlatformCode = f.Reason, PlatformMessage = f.Message }
            : x with { Outcome = "delivered" }),
    ];

    /// <summary>A receiver's verdict stays, whatever happens to the others.</summary>
    private IReadOnlyList<ReceiverState> Judge(IReadOnlyList<ReceiverOutcome>? judged) => judged is null or [] ? Receivers :
    [
        .. Receivers.Select(x => judged.FirstOrDefault(j => j.IsOf(x.Kind, x.Account)) is { } j
            ? x with { Outcome = j.Outcome, PlatformCode = j.PlatformCode, PlatformMessage = j.PlatformMessage }
            : x),
    ];
}
