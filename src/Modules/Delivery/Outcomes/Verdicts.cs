using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Outcomes;

/// <summary>
/// The platform's verdicts on the requests of one message, receiver by receiver. A request concerns only its own receivers: when it reaches none of
/// them the others are sent to nonetheless, and a receiver that an earlier request failed to reach, or has fully reached, stays so however a later
/// one ends.
/// </summary>
internal sealed class Verdicts(Dispatch dispatch, IReadOnlyList<Receiver> receivers)
{
    private readonly List<ReceiverOutcome> failed = [];
    private bool reachedSomebody;

    /// <summary>Whether there is anybody left whom this request could reach.</summary>
    public bool MayReachSomebody(int request) => failed.Count == 0 || receivers.Any(x => dispatch.IsFor(request, x) && !HasFailed(x));

    /// <summary>Takes down what was said of a request.</summary>
    /// <returns>False: the message ends with it.</returns>
    public bool GoesOnAfter(SendOutcome outcome)
    {
        failed.AddRange(outcome.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed));
        reachedSomebody |= outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial;
        return outcome is { Class: OutcomeClass.Ok or OutcomeClass.Partial } or { Class: OutcomeClass.Receiver, Receivers.Count: > 0 };
    }

    /// <summary>How the whole message ended.</summary>
    /// <param name="last">Of the request with which it ended.</param>
    /// <param name="next">The request with which it would go on; behind the last, when all have been made.</param>
    public SendOutcome Sum(SendOutcome last, int next)
    {
        var isOver = next >= dispatch.Requests.Count;
        List<ReceiverOutcome> judged = [.. failed.DistinctBy(x => $"{x.Kind} {x.Account}", StringComparer.OrdinalIgnoreCase)];
        if (!isOver)
            return last with { Receivers = [.. judged, .. last.Receivers.Where(x => x.Outcome != ReceiverOutcome.Failed), .. ToldAll(next)] };
        return last.Class is not (OutcomeClass.Ok or OutcomeClass.Partial or OutcomeClass.Receiver) ? last with { Receivers = judged } : last with
        {
            Class = judged.Count == 0 ? OutcomeClass.Ok
                : reachedSomebody && !receivers.All(HasFailed) ? OutcomeClass.Partial : OutcomeClass.Receiver,
            Receivers = judged,
        };
    }

    /// <summary>Those for whom no request is left, and whom none has failed to reach.</summary>
    private IEnumerable<ReceiverOutcome> ToldAll(int next) =>
        from x in receivers
        where !HasFailed(x) && !Enumerable.Range(next, dispatch.Requests.Count - next).Any(i => dispatch.IsFor(i, x))
        select new ReceiverOutcome(x.Account ?? "", ReceiverOutcome.Delivered, Kind: x.Kind);

    private bool HasFailed(Receiver receiver) => failed.Exists(x => x.IsOf(receiver.Kind, receiver.Account));
}
