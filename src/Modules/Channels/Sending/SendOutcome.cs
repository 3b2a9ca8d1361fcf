using Notify.Kernel;

namespace Notify.Channels.Sending;

/// <summary>Classifies the result of one request by its consequences for the message and its lane.</summary>
public enum OutcomeClass
{
    /// <summary>The platform accepted it for every receiver.</summary>
    Ok,

    /// <summary>The platform accepted it, but not for every receiver.</summary>
    Partial,

    /// <summary>The platform accepted it, and reports only later whether it arrived: before sending anything again, the channel queries the result
    /// (the letter's <see cref="Earlier"/>). Needs a <see cref="SendOutcome.RequestId"/>.</summary>
    Accepted,

    /// <summary>A temporary fault: the same request may succeed later. Consumes an attempt. Receivers that already have an outcome
    /// (<see cref="SendOutcome.Receivers"/>) are omitted from the next one.</summary>
    Retry,

    /// <summary>The platform refused the access token. The channel itself fetches it again once; a lane never sees this class.</summary>
    RefreshToken,

    /// <summary>The rate was too high: wait, without consuming an attempt.</summary>
    Rate,

    /// <summary>Nothing can be sent until somebody fixes the configuration: the lane is blocked.</summary>
    Configuration,

    /// <summary>This message will never be accepted as it is.</summary>
    Message,

    /// <summary>None of the receivers can be reached.</summary>
    Receiver,

    /// <summary>The request may have been processed, but its answer was lost.</summary>
    Unknown,

    /// <summary>Notify itself could not prepare the message: nothing was sent, and its lane is not at fault.</summary>
    Fault,
}

/// <summary>The outcome of one request to a platform.</summary>
public sealed record SendOutcome(OutcomeClass Class)
{
    /// <summary>The platform's call with this outcome, such as <c>gettoken</c>: a send also fails if no token could be obtained.</summary>
    public string? Call { get; init; }

    /// <summary>For <see cref="OutcomeClass.Fault"/>: the stage that failed.</summary>
    public string? Stage { get; init; }

    /// <summary>Null if no answer came.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The platform's code as written, a number or a word; null if the answer contained none.</summary>
    public string? PlatformCode { get; init; }

    /// <summary>The platform's own message, complete, or a transport error. Never contains a key, a secret or a token.</summary>
    public string? PlatformMessage { get; init; }

    /// <summary>The platform's id of the message; null if it gives none.</summary>
    public string? RequestId { get; init; }

    /// <summary>The source address that the platform saw, if it said so.</summary>
    public string? EgressIp { get; init; }

    /// <summary>The minimum wait before the next request or query; null: the caller's own backoff.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The maximum number of attempts, if the usual number is not worthwhile; null: the usual.</summary>
    public int? MostTries { get; init; }

    /// <summary>If the platform refused the message itself: what might make it acceptable.</summary>
    public Remedy Remedy { get; init; }

    /// <summary>Whether the message may have arrived although no success was reported, so that a repeat may be shown
    /// twice.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>The platform refused to be asked for the result of a message: this says nothing about the message, nor whether another can be
    /// sent.</summary>
    public bool IsRefusedQuery { get; init; }

    /// <summary>One entry for each receiver if the platform reported on each; empty if it reported only on the request, and for groups.</summary>
    public IReadOnlyList<ReceiverOutcome> Receivers { get; init; } = [];

    /// <summary>Whether the platform accepted the request and reported on each receiver, so that <see cref="Receivers"/> is more specific than the
    /// class.</summary>
    public bool IsJudgedByReceiver { get; init; }

    /// <summary>The accounts for which a receiver of the request stands (<c>@all</c>) and that have no outcome: if the message is not tried again,
    /// these have failed. Empty if no receiver stands for others, or only the platform knows for whom.</summary>
    public IReadOnlyList<string> Unjudged { get; init; } = [];

    /// <summary>The outcome of a query for the result of an accepted message. If the query itself is refused, the message stays accepted; it is asked
    /// for again, and its result is unknown in the end.</summary>
    /// <param name="requestId">The platform's id of the message.</param>
    public SendOutcome AsAnswerToQuery(string requestId)
    {
        var isRefused = Class is OutcomeClass.Configuration or OutcomeClass.Message or OutcomeClass.Receiver
            || (Class == OutcomeClass.Retry && MostTries is not null);
        return !isRefused ? this : this with
        {
            Class = OutcomeClass.Accepted,
            RequestId = requestId,
            MostTries = null,
            Remedy = Remedy.None,
            IsRefusedQuery = true,
        };
    }

    public static SendOutcome Of(Exception fault, string stage) => new(OutcomeClass.Fault) { Stage = stage, PlatformMessage = FaultText.Of(fault) };
}

/// <summary>The platform's result for one receiver. A receiver that is to be retried has none.</summary>
/// <param name="Outcome"><c>delivered</c> or <c>failed</c>.</param>
/// <param name="PlatformCode">Why it failed: the platform's code or word.</param>
/// <param name="Kind">Null if the account alone identifies a receiver of the message.</param>
/// <param name="PlatformMessage">The platform's message about this receiver, without secrets; null if there is none.</param>
public sealed record ReceiverOutcome(
    string Account, string Outcome, string? PlatformCode = null, string? Kind = null, string? PlatformMessage = null)
{
    public const string Delivered = "delivered";
    public const string Failed = "failed";

    public bool IsOf(string kind, string? account) =>
        (Kind is null || Kind == kind) && string.Equals(Account, account, StringComparison.OrdinalIgnoreCase);
}
