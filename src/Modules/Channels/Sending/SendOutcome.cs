using Notify.Kernel;

namespace Notify.Channels.Sending;

/// <summary>What happened to one request, by what it means for the message and its lane.</summary>
public enum OutcomeClass
{
    /// <summary>The platform took it for every receiver.</summary>
    Ok,

    /// <summary>The platform took it, but not for every receiver.</summary>
    Partial,

    /// <summary>The platform took it, and says only later whether it arrived: the channel is to ask, by the letter's <see cref="Earlier"/>, before
    /// it would send anything again. Needs a <see cref="SendOutcome.RequestId"/>.</summary>
    Accepted,

    /// <summary>A temporary fault: the same request may succeed later. Consumes an attempt. Receivers that are judged already
    /// (<see cref="SendOutcome.Receivers"/>) are left out of the next.</summary>
    Retry,

    /// <summary>The platform refused the access token. The channel refetches it once by itself; a lane never sees this class.</summary>
    RefreshToken,

    /// <summary>Too fast: wait, and consume no attempt.</summary>
    Rate,

    /// <summary>Nothing can be sent until somebody fixes a setting: the lane holds its work.</summary>
    Configuration,

    /// <summary>This message can never pass as it is.</summary>
    Message,

    /// <summary>None of the receivers can be reached.</summary>
    Receiver,

    /// <summary>The request may have been processed, but its answer was lost.</summary>
    Unknown,

    /// <summary>Notify itself could not prepare the message: nothing was sent, and its lane is not at fault.</summary>
    Fault,
}

/// <summary>The verdict on one request to a platform.</summary>
public sealed record SendOutcome(OutcomeClass Class)
{
    /// <summary>The platform's call that gave the verdict, such as <c>gettoken</c>: a send also fails when its token could not be obtained.</summary>
    public string? Call { get; init; }

    /// <summary>Of a fault: at what.</summary>
    public string? Stage { get; init; }

    /// <summary>Null when no answer came.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>As the platform writes it, a number or a word; null when the answer held none.</summary>
    public string? PlatformCode { get; init; }

    /// <summary>The platform's own words, whole; or what went wrong on the way. Never holds a key, a secret or a token.</summary>
    public string? PlatformMessage { get; init; }

    /// <summary>The platform's id of the message, where it gives one.</summary>
    public string? RequestId { get; init; }

    /// <summary>The address that the platform saw the request come from, when it named it.</summary>
    public string? EgressIp { get; init; }

    /// <summary>How long to wait at least before the next request, or before asking what became of it; null: the caller's own backoff.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Attempts at most, when the trouble is not worth the usual number; null: the usual.</summary>
    public int? MostTries { get; init; }

    /// <summary>The platform refused the message itself: what might make it pass.</summary>
    public Remedy Remedy { get; init; }

    /// <summary>Whether the message may have reached its readers although no success was reported, so that sending it again may show it
    /// twice.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>One entry for each receiver when the platform judged them; empty when it judged the request as a whole, and for groups.</summary>
    public IReadOnlyList<ReceiverOutcome> Receivers { get; init; } = [];

    /// <summary>The platform took the request and judged its receivers one by one, so that <see cref="Receivers"/> says more than the outcome
    /// does.</summary>
    public bool IsJudgedByReceiver { get; init; }

    public static SendOutcome Of(Exception fault, string stage) => new(OutcomeClass.Fault) { Stage = stage, PlatformMessage = FaultText.Of(fault) };
}

/// <summary>The platform's verdict on one receiver. A receiver that is to be tried again has none.</summary>
/// <param name="Outcome"><c>delivered</c> or <c>failed</c>.</param>
/// <param name="PlatformCode">Why it failed: a code, or the word by which the platform says so.</param>
/// <param name="Kind">Null where an account alone tells the receivers of a message apart.</param>
/// <param name="PlatformMessage">The platform's words about this receiver, without secrets; null when it said nothing of it alone.</param>
public sealed record ReceiverOutcome(
    string Account, string Outcome, string? PlatformCode = null, string? Kind = null, string? PlatformMessage = null)
{
    public const string Delivered = "delivered";
    public const string Failed = "failed";

    public bool IsOf(string kind, string? account) =>
        (Kind is null || Kind == kind) && string.Equals(Account, account, StringComparison.OrdinalIgnoreCase);
}
