using System.Text.Json.Serialization;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Delivery.Notifications;

/// <summary>A notification was requested, with everything needed to resend it unchanged a year later.</summary>
/// <param name="Lane">The unit to which the platform applies its limits: the credentials with which it is sent.</param>
/// <param name="ReplayOf">The notification that this one resends or replays; null: none.</param>
/// <param name="ReplayId">The replay that requested it; null: none.</param>
/// <param name="AlarmVersion">The version of the alarm's stream at the change that it reports; 0: none.</param>
/// <param name="DigestOf">The held-back notifications that this digest lists; null: it is none.</param>
/// <param name="Otherwise">The fallback of its action; null: none.</param>
/// <param name="Step">The escalation or reminder for which it is sent; null: none.</param>
/// <param name="AlarmValue">The measured value; null when there is none, and in older events.</param>
/// <param name="StartTime">When the alarm's occurrence began; null when that is unknown, in digests, and in older events.</param>
public sealed record NotificationRequested(
    string AlarmId, string AlarmName, string AlarmPath, AlarmLevel Level, AlarmState State, DateTimeOffset EventTime,
    VersionedRef Rule, VersionedRef Service, VersionedRef Message, VersionedRef Schedule,
    string ChannelType, string Lane, IReadOnlyList<Receiver> Receivers, RenderedMessage Content, string? ReplayOf = null, long AlarmVersion = 0,
    IReadOnlyList<string>? DigestOf = null, string? ReplayId = null, string? AlarmValue = null,
    NotificationStep? Step = null, DateTimeOffset? StartTime = null, NotificationOtherwise? Otherwise = null) : INotice;

/// <summary>It was decided not to send the notification.</summary>
/// <param name="DigestAt">When it is nevertheless sent, in one message with everything else that its schedule holds back; null: it is not.</param>
public sealed record NotificationSuppressed(string Reason, DateTimeOffset? DigestAt = null);

/// <summary>Notify itself could not prepare the notification, or could not record the start of sending: nothing was sent to the platform, and it is
/// not retried. A resend rebuilds it with the message as it is then.</summary>
/// <param name="Stage">A code of <see cref="FailureStage"/>.</param>
/// <param name="Reason">The exception, in one line.</param>
public sealed record NotificationFailed(string Stage, string Reason);

/// <summary>The stage at which Notify failed.</summary>
public static class FailureStage
{
    /// <summary>The people addressed have no address for the channel.</summary>
    public const string Addressing = "addressing";

    /// <summary>The message could not be rendered, or the schedule or rule could not be read.</summary>
    public const string Rendering = "rendering";

    /// <summary>The lane, the receivers or the place in the queue could not be determined.</summary>
    public const string Planning = "planning";

    /// <summary>It could not be listed with others in one message or digest.</summary>
    public const string Merging = "merging";

    /// <summary>Its requests could not be prepared.</summary>
    public const string Preparing = "preparing";

    /// <summary>The start or the outcome of an attempt could not be recorded.</summary>
    public const string Recording = "recording";

    /// <summary>It is in a dead letter between modules. An event with this stage exists only once somebody has dismissed or resent it.</summary>
    public const string PutAside = "putAside";
}

/// <summary>The schedule has opened, and a digest lists the notification with everything else that was held back.</summary>
public sealed record NotificationDigested(string In);

/// <summary>An attempt began; committed before the first request is sent.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Requests">The exact bodies, in the order in which they are sent; empty when it is sent in another one's message, or when the platform
/// is only asked for the result of an accepted message.</param>
/// <param name="MergedInto">The notification whose attempt contains the merged message; null: none.</param>
public sealed record AttemptStarted(int Number, string Node, IReadOnlyList<string> Requests, string? MergedInto = null);

/// <summary>The platform accepted the notification for every receiver except those in <paramref name="FailedReceivers"/>.</summary>
public sealed record AttemptSucceeded(int Number, [property: JsonConverter(typeof(NumberAsText))] string? PlatformCode, string? PlatformMessage,
    string? RequestId, IReadOnlyList<FailedReceiver> FailedReceivers);

/// <param name="Reason">The platform's code.</param>
/// <param name="Kind">Null if the account alone identifies the receiver.</param>
/// <param name="Message">The platform's message about this receiver; null when there is none.</param>
public sealed record FailedReceiver(string Account, string? Reason, string? Kind = null, string? Message = null)
{
    public static FailedReceiver Of(ReceiverOutcome x) => new(x.Account, x.PlatformCode, x.Kind, x.PlatformMessage);

    public ReceiverOutcome AsOutcome() => new(Account, ReceiverOutcome.Failed, Reason, Kind, Message);
}

/// <summary>The platform accepted the notification, and reports later whether it arrived.</summary>
/// <param name="RequestId">The id by which the platform is asked.</param>
/// <param name="AskAt">When the platform is asked; nothing is sent again before.</param>
/// <param name="RequestsDone">How many of its requests had arrived before.</param>
/// <param name="Judged">The receivers for which the earlier requests already have a result.</param>
public sealed record AttemptAccepted(
    int Number, string? PlatformCode, string? PlatformMessage, string RequestId, DateTimeOffset AskAt, int RequestsDone = 0,
    IReadOnlyList<ReceiverOutcome>? Judged = null);

/// <param name="RetryAt">When it is retried; null: it is not.</param>
/// <param name="RequestsDone">How many of its requests the platform has accepted; the next attempt continues after them.</param>
/// <param name="NextForm">If the platform refused the form of the message: the form of the next attempt; otherwise null.</param>
/// <param name="Call">The platform's call that failed, such as <c>gettoken</c>; null when none was made.</param>
/// <param name="MayHaveArrived">No success was reported, but the error may have come from an intermediary after the platform accepted the message: a
/// retry may show it twice.</param>
/// <param name="FailedReceivers">At the end, if the platform gave results by receiver: those that failed, and why. Null: all failed for the same
/// reason.</param>
/// <param name="Judged">The receivers that already have a result, when others are retried.</param>
public sealed record AttemptFailed(
    int Number, OutcomeClass Class, int? HttpStatus, [property: JsonConverter(typeof(NumberAsText))] string? PlatformCode, string? PlatformMessage,
    string? EgressIp, DateTimeOffset? RetryAt, int RequestsDone = 0,
    string? RequestId = null, MessageForm? NextForm = null, string? Call = null, bool MayHaveArrived = false,
    IReadOnlyList<FailedReceiver>? FailedReceivers = null, IReadOnlyList<ReceiverOutcome>? Judged = null);

/// <summary>The request may have arrived, but its outcome is unknown: the answer was lost, or the process died. A retry may show the message
/// twice.</summary>
/// <param name="Judged">The receivers that have a result by earlier requests of the message.</param>
public sealed record AttemptOutcomeUnknown(
    int Number, string Why, DateTimeOffset? RetryAt, int RequestsDone = 0, IReadOnlyList<ReceiverOutcome>? Judged = null);

/// <summary>Somebody removed a failed notification from the failed list. It stays in the history.</summary>
public sealed record NotificationDismissed(string Reason);

/// <summary>Somebody cancelled the notification before it was sent.</summary>
public sealed record NotificationCancelled(string Reason)
{
    /// <summary>The reason as the notification shows it.</summary>
    [JsonIgnore]
    public string StatusReason => $"cancelled: {Reason}";
}

/// <summary>A failed notification was resent, as a new one, to those whom it had not reached.</summary>
public sealed record NotificationResent(string As);

public enum NotificationStatus
{
    /// <summary>It is being sent.</summary>
    Pending,

    /// <summary>It waits for its turn or pace on the lane, or for its next attempt.</summary>
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

    /// <summary>The platform's call that failed; null when none failed, or it is unknown.</summary>
    public string? Call { get; init; }
    public int? HttpStatus { get; init; }
    public string? PlatformCode { get; init; }
    public string? PlatformMessage { get; init; }
    public string? RequestId { get; init; }
    public string? EgressIp { get; init; }
    public required string Node { get; init; }

    /// <summary>How many of its messages the platform had accepted when the attempt failed; the next attempt continues after them.</summary>
    public int? RequestsDone { get; init; }

    /// <summary>Its readers may have seen it although the attempt failed.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>If the platform refused the form of the message: the form of the next attempt.</summary>
    public MessageForm? NextForm { get; init; }

    /// <summary>The notification with which it was sent in one message; the body is in that one's attempt. Null: it was sent alone.</summary>
    public string? MergedInto { get; init; }

    /// <summary>The exact bodies sent.</summary>
    public IReadOnlyList<string> Requests { get; init; } = [];
}

public sealed record ReceiverState(string Kind, string? Alias, string? Account)
{
    /// <summary>The people reached, or meant to be reached, by this receiver; null: none are known.</summary>
    public IReadOnlyList<ReachedPerson>? People { get; init; }

    public static ReceiverState Of(Receiver x) => new(x.Kind, x.Alias, x.Account) { People = x.People };

    [JsonIgnore]
    public Receiver Receiver => new(Kind, Alias, Account) { People = People };

    /// <summary><c>pending</c>, <c>delivered</c>, <c>failed</c> or <c>suppressed</c>.</summary>
    public string Outcome { get; init; } = "pending";

    public string? PlatformCode { get; init; }

    /// <summary>The platform's message about this receiver; null when there is none.</summary>
    public string? PlatformMessage { get; init; }
}

/// <summary>A notification, folded from its events. Stream <c>notification-…</c>.</summary>
public sealed record Notification
{
    public required string Id { get; init; }

    [JsonIgnore]
    public long Version { get; init; }

    public required NotificationRequested Request { get; init; }

    /// <summary>The id of the notification that the fallback sends in place of this one; derived, so that it can be found from this one.</summary>
    public static string IdInsteadOf(string id) => Ids.Derived("notification", $"{id}\notherwise");

    /// <summary>The notification that the fallback sent in place of this one; null: none, or it was not looked up.</summary>
    public string? SentInstead { get; init; }
    public NotificationStatus Status { get; init; }

    /// <summary>Why it was suppressed, has failed or waits.</summary>
    public string? Reason { get; init; }

    /// <summary>The stage at which Notify itself failed (<see cref="FailureStage"/>); null when it did not.</summary>
    public string? FailedAt { get; init; }

    /// <summary>Its events cannot be read: only the data of its row is known.</summary>
    [JsonIgnore]
    public bool IsUnreadable { get; init; }

    public IReadOnlyList<ReceiverState> Receivers { get; init; } = [];
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>An attempt without a reported success may have arrived, and it was sent again: its readers may have seen it twice.</summary>
    public bool MayHaveArrivedTwice { get; init; }

    /// <summary>The results of earlier attempts that the next one needs; null: none.</summary>
    [JsonIgnore]
    public Earlier? Earlier { get; init; }

    public string CorrelationId { get; init; } = "";

    /// <summary>The notification as which this one was resent; null: it was not.</summary>
    public string? ResentAs { get; init; }

    /// <summary>When everything that its schedule holds back is sent as a digest; null: it is not held back for one.</summary>
    public DateTimeOffset? DigestAt { get; init; }

    /// <summary>The digest that lists it; null: none.</summary>
    public string? DigestedIn { get; init; }

    /// <summary>It is still to be sent, by itself or in a digest.</summary>
    [JsonIgnore]
    public bool IsOpen => Status is NotificationStatus.Pending or NotificationStatus.Scheduled
        || (Status is NotificationStatus.Suppressed && DigestAt is not null && DigestedIn is null);

    /// <summary>It has not reached all its receivers, and nobody has resent it.</summary>
    [JsonIgnore]
    public bool HasFailed => Status is NotificationStatus.Failed or NotificationStatus.PartlyDelivered && ResentAs is null;

    /// <summary>Those that the platform named as not reached although only everyone, or a group, was addressed.</summary>
    [JsonIgnore]
    public IReadOnlyList<FailedReceiver> MissedAmong { get; init; } = [];

    /// <summary>The receivers that it has not reached.</summary>
    [JsonIgnore]
    public IReadOnlyList<Receiver> Missed =>
    [
        .. Receivers.Zip(Request.Receivers).Where(x => x.First.Outcome != "delivered").Select(x => x.Second),
        // Without a kind, the account alone identifies a receiver: all are of one kind.
        .. MissedAmong.Select(x => new Receiver(x.Kind ?? Request.Receivers[0].Kind, Account: x.Account)),
    ];

    /// <summary>Whom it has not reached, and the platform's reason for each; null unless it was partly delivered.</summary>
    [JsonIgnore]
    public string? NotReached
    {
        get
        {
            if (Status != NotificationStatus.PartlyDelivered) return null;
            List<string> missed =
            [
                .. Receivers.Where(x => x.Outcome != "delivered").Select(x => Named(x.Alias ?? x.Account, x.PlatformCode ?? x.PlatformMessage)),
                .. MissedAmong.Select(x => Named(x.Account, x.Reason ?? x.Message)),
            ];
            return string.Join(", ", missed.Take(MostNamed)) + (missed.Count > MostNamed ? $", … ({missed.Count})" : "");

            static string Named(string? name, string? why) => why is { Length: > 0 } ? $"{name} ({why})" : name ?? "";
        }
    }

    private const int MostNamed = 10;

    public static Notification Apply(Notification? current, string id, object @event, DateTimeOffset at, string? correlationId = null)
    {
        if (@event is NotificationRequested request)
        {
            return new Notification
            {
                Id = id,
                Version = 1,
                Request = request,
                // Until an attempt begins it waits: for its turn, for the pace, or for a blocked lane.
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
                Receivers = n.Ended("suppressed"),
            },
            NotificationFailed e => n with
            {
                Status = NotificationStatus.Failed,
                Reason = e.Reason,
                FailedAt = e.Stage,
                EndedAt = at,
                RetryAt = null,
                DigestAt = null,
                Receivers = n.Ended("failed"),
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
                MissedAmong = [.. e.FailedReceivers.Where(f => f.Account.Length > 0 && !n.Receivers.Any(x => f.AsOutcome().IsOf(x.Kind, x.Account)))],
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
                Receivers = n.Ended("suppressed"),
            },
            NotificationResent e => n with { ResentAs = e.As },
            _ => throw new InvalidOperationException($"The event {@event.GetType().Name} does not belong to a notification."),
        }) with
        { Version = n.Version + 1, Earlier = EarlierAttempts.After(@event, n.Earlier, n.IsWhole) };
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

    /// <summary>Whether the last attempt made only one request, for this notification alone or for several; one that only asked, whether the attempt
    /// did whose request it asked for.</summary>
    private bool IsWhole => Attempts is [.., var last]
        && (last.MergedInto is not null || (last.Requests.Count == 0 ? Earlier?.IsWhole == true : last.Requests.Count == 1));

    private List<Attempt> Ended(int number, Func<Attempt, Attempt> end) => [.. Attempts.Select(x => x.Number == number ? end(x) : x)];

    private List<ReceiverState> All(string outcome, string? code) => [.. Receivers.Select(x => x with { Outcome = outcome, PlatformCode = code })];

    /// <summary>Nothing further is sent: whoever has it, or was refused, keeps that result.</summary>
    private List<ReceiverState> Ended(string outcome) =>
        [.. Receivers.Select(x => x.Outcome == "pending" ? x with { Outcome = outcome, PlatformCode = null } : x)];

    private List<ReceiverState> Told(IReadOnlyList<FailedReceiver> failed) =>
    [
        .. Receivers.Select(x => failed.FirstOrDefault(f => f.AsOutcome().IsOf(x.Kind, x.Account)) is { } f
            ? x with { Outcome = "failed", PlatformCode = f.Reason, PlatformMessage = f.Message }
            : x with { Outcome = "delivered" }),
    ];

    /// <summary>A receiver's result stays, whatever happens to the others.</summary>
    private IReadOnlyList<ReceiverState> Judge(IReadOnlyList<ReceiverOutcome>? judged) => judged is null or [] ? Receivers :
    [
        .. Receivers.Select(x => judged.FirstOrDefault(j => j.IsOf(x.Kind, x.Account)) is { } j
            ? x with { Outcome = j.Outcome, PlatformCode = j.PlatformCode, PlatformMessage = j.PlatformMessage }
            : x),
    ];
}
