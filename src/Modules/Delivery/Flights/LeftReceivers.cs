using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Flights;

/// <summary>Receivers of a message whose people are gone when it leaves: it is not sent to them, and its outcome says so.</summary>
internal static class LeftReceivers
{
    /// <summary>As the code of such a receiver.</summary>
    public const string Code = "personLeft";

    /// <summary>That they are, in a sentence.</summary>
    public static string Sentence(IReadOnlyList<Receiver> left) => $"Disabled or removed since: {LeftOut.NamesOf(left, x => x.Account)}.";

    /// <summary>The same requests; whatever the platform says of the others, these were not reached.</summary>
    public static Dispatch Judge(Dispatch dispatch, IReadOnlyList<Receiver> left) => dispatch with
    {
        SendAsync = async (i, cancellation) => Judge(await dispatch.SendAsync(i, cancellation), left),
    };

    private static SendOutcome Judge(SendOutcome outcome, IReadOnlyList<Receiver> left) => outcome.Class switch
    {
        OutcomeClass.Ok or OutcomeClass.Partial => outcome with
        {
            Class = OutcomeClass.Partial,
            Receivers = [.. outcome.Receivers, .. left.Select(Failed)],
        },
        OutcomeClass.Retry when outcome.IsJudgedByReceiver => outcome with { Receivers = [.. outcome.Receivers, .. left.Select(Failed)] },
        _ => outcome,
    };

    private static ReceiverOutcome Failed(Receiver x) => new(
        x.Account ?? x.Alias ?? "", ReceiverOutcome.Failed, Code, x.Kind, Sentence([x]));
}
