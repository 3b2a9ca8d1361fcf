using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>How a channel sends. When, in which order and how often is Delivery's business, by what is said here of lanes and outcomes.</summary>
public interface IChannelDelivery
{
    /// <summary>What the platform takes on this lane.</summary>
    /// <param name="lane">One of those that <see cref="IRoutes.LaneOf"/> gave, perhaps long ago. Begins with the channel's type and a slash.</param>
    /// <exception cref="InvalidOperationException">The channel has no such lanes: nothing can go through it.</exception>
    LaneLimits LimitsOf(string lane);

    /// <summary>Makes the requests of one message, with the credentials that the service has now. The same letter always gives the same requests,
    /// byte for byte.</summary>
    /// <param name="routes">Of the service, as this channel made them.</param>
    /// <returns>What to send, or why nothing can be sent.</returns>
    ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation);

    /// <summary>The form to try at once after the platform has refused a message; null when there is none left, or the message was not what was
    /// refused.</summary>
    /// <param name="format">In which the message was written.</param>
    MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome);
}

/// <summary>One message to the receivers of one notification.</summary>
/// <param name="DeliveryId">Another for each delivery, the same for every try of one: what a platform's check for duplicates needs.</param>
/// <param name="Service">The service's name, for a refusal.</param>
/// <param name="Receivers">Those of one notification (<see cref="ReceiverKinds.Together"/>), so all on one lane. At least one.</param>
/// <param name="Link">Where people read of the alarm.</param>
public sealed record Letter(
    string DeliveryId, string Service, IReadOnlyList<Receiver> Receivers, RenderedMessage Content, MessageForm Form, Uri Link)
{
    /// <summary>The alarm that it tells of, and what else is known of the notification; null for a test.</summary>
    public INotice? Notice { get; init; }

    /// <summary>Where the platform may report what becomes of the message (<see cref="IDeliveryReports"/>); null: it cannot call here.</summary>
    public Uri? ReportTo { get; init; }

    /// <summary>What earlier attempts have left; null: nothing. It changes what is done, never the requests.</summary>
    public Earlier? Earlier { get; init; }
}

/// <summary>What earlier attempts at the same letter have left.</summary>
public sealed record Earlier
{
    /// <summary>The request that the platform has accepted (<see cref="OutcomeClass.Accepted"/>), as it calls it: ask what became of it, and send it
    /// again only if it did not arrive. Null: there is none.</summary>
    public string? RequestId { get; init; }

    /// <summary>Which of the letter's requests that is, from 0.</summary>
    public int Request { get; init; }

    /// <summary>An answer was lost: the request that comes first now may have been processed already.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>Receivers that the platform has judged. They are not among the letter's any more, unless some of its requests were taken: what is
    /// left of it goes on as it began.</summary>
    public IReadOnlyList<ReceiverOutcome> Judged { get; init; } = [];
}
