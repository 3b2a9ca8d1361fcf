using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Flights;

/// <summary>Receivers of a message whose people were removed or disabled before it is sent: it is not sent to them, and its outcome says
/// so.</summary>
internal static class LeftReceivers
{
    /// <summary>The result code of such a receiver.</summary>
    public const string Code = "personLeft";

    /// <summary>A sentence that names them.</summary>
    public static string Sentence(IReadOnlyList<Receiver> left) => $"Disabled or removed since: {LeftOut.NamesOf(left, x => x.Account)}.";

    /// <summary>The same requests; in their outcome these receivers failed, whatever the platform answers for the others.</summary>
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
