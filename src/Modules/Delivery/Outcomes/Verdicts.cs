using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Outcomes;

/// <summary>Collects the platform's results for the requests of one message, by receiver. A request concerns only its own receivers: if it reaches
/// none of them, the other requests are still made. A receiver that a request failed to reach, or that has received everything, keeps that result
/// however later requests end.</summary>
internal sealed class Verdicts(Dispatch dispatch, IReadOnlyList<Receiver> receivers)
{
    private readonly List<ReceiverOutcome> failed = [];
    private bool reachedSomebody;

    /// <summary>Whether the request still concerns a receiver that has not failed.</summary>
    public bool MayReachSomebody(int request) => failed.Count == 0 || receivers.Any(x => dispatch.IsFor(request, x) && !HasFailed(x));

    /// <summary>Records the result of a request.</summary>
    /// <returns>False: no further request of the message is made.</returns>
    public bool GoesOnAfter(SendOutcome outcome)
    {
        failed.AddRange(outcome.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed));
        reachedSomebody |= outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial;
        return outcome is { Class: OutcomeClass.Ok or OutcomeClass.Partial } or { Class: OutcomeClass.Receiver, Receivers.Count: > 0 };
    }

    /// <summary>The outcome of the whole message.</summary>
    /// <param name="last">The outcome of the last request made.</param>
    /// <param name="next">The index of the request at which it would continue; the number of requests when all have been made.</param>
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

    /// <summary>Receivers that no remaining request concerns, and that no request failed to reach.</summary>
    private IEnumerable<ReceiverOutcome> ToldAll(int next) =>
        from x in receivers
        where !HasFailed(x) && !Enumerable.Range(next, dispatch.Requests.Count - next).Any(i => dispatch.IsFor(i, x))
        select new ReceiverOutcome(x.Account ?? "", ReceiverOutcome.Delivered, Kind: x.Kind);

    private bool HasFailed(Receiver receiver) => failed.Exists(x => x.IsOf(receiver.Kind, receiver.Account));
}
