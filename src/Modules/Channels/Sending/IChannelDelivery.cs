using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>How a channel sends. The Delivery module decides when, in which order and how often, based on the lane limits and outcomes.</summary>
public interface IChannelDelivery
{
    /// <summary>The platform's limits of this lane.</summary>
    /// <param name="lane">A lane that <see cref="IRoutes.LaneOf"/> returned, perhaps long ago. Begins with the channel's type and a slash.</param>
    /// <exception cref="InvalidOperationException">The channel has no such lanes: nothing can be sent.</exception>
    LaneLimits LimitsOf(string lane);

    /// <summary>Makes the requests of one message, with the service's current credentials. The same letter always results in the same requests,
    /// byte for byte.</summary>
    /// <param name="routes">The service's routes, made by this channel.</param>
    /// <returns>What to send, or why nothing can be sent.</returns>
    ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation);

    /// <summary>The form to try immediately after the platform has refused a message; null if there is none left, or the refusal was not about the
    /// message.</summary>
    /// <param name="format">The format in which the message was written.</param>
    MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome);
}

/// <summary>One message to the receivers of one notification.</summary>
/// <param name="DeliveryId">Unique to a delivery and the same for all its attempts, for the platform's duplicate check.</param>
/// <param name="Service">The service's name, for a refusal.</param>
/// <param name="Receivers">The receivers of one notification (<see cref="ReceiverKinds.Together"/>), so all on one lane. At least one.</param>
/// <param name="Link">The page about the alarm.</param>
public sealed record Letter(
    string DeliveryId, string Service, IReadOnlyList<Receiver> Receivers, RenderedMessage Content, MessageForm Form, Uri Link)
{
    /// <summary>The notification and its alarm; null for a test.</summary>
    public INotice? Notice { get; init; }

    /// <summary>The URL for the platform's delivery reports (<see cref="IDeliveryReports"/>); null: the platform cannot reach Notify.</summary>
    public Uri? ReportTo { get; init; }

    /// <summary>The results of earlier attempts; null: none. They change how it is sent, never the requests, except that none follows one that was
    /// the whole message (<see cref="Earlier.IsWhole"/>).</summary>
    public Earlier? Earlier { get; init; }
}

/// <summary>The results of earlier attempts at the same letter.</summary>
public sealed record Earlier
{
    /// <summary>The platform's id of the request that it has accepted (<see cref="OutcomeClass.Accepted"/>): query its result, and send it again only
    /// if it did not arrive. Null: there is none.</summary>
    public string? RequestId { get; init; }

    /// <summary>The index of that request among the letter's, from 0.</summary>
    public int Request { get; init; }

    /// <summary>That request was the whole message: query its result, and send nothing after it, even if the letter by itself has more requests. It
    /// may have listed several notifications, of which the letter is one.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether an answer was lost, so that the next request may already have been processed.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>Receivers with an outcome, to whom the letter is not sent again. They are no longer among the letter's; one that stands for many
    /// (<c>@all</c>) still is, without these. Empty if some of its requests were accepted: then the rest is sent as it began.</summary>
    public IReadOnlyList<ReceiverOutcome> Judged { get; init; } = [];
}
