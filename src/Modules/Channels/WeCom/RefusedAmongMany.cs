using Notify.Channels.Sending;

namespace Notify.Channels.WeCom;

/// <summary>
/// WeCom refuses a whole message for one receiver that it does not know (such as 40031 or 60111), often without saying which. Nobody else goes
/// without it: the receivers that it names are left out, and otherwise the message is sent to halves of the receivers, until each of those refused is
/// found.
/// </summary>
/// <param name="isWhole">Whether the request is the whole message. Only then a receiver has all of it once the request is accepted.</param>
internal sealed class RefusedAmongMany(Func<WeComPayload, CancellationToken, Task<SendOutcome>> send, bool isWhole)
{
    /// <summary>Enough to find several among a thousand; with more, something else is wrong than a few receivers.</summary>
    private const int MostRequests = 100;

    public async Task<SendOutcome> SendAsync(WeComPayload payload, CancellationToken cancellation)
    {
        var last = await send(payload, cancellation);
        if (!IsForSome(payload, last)) return last;
        var (judged, waiting, requests) = (new List<ReceiverOutcome>(), new Stack<WeComPayload>(), 1);
        Divide(payload, last);
        SendOutcome? taken = null;
        while (waiting.TryPop(out var part))
        {
            last = await send(part, cancellation);
            requests++;
            if (last.Class is OutcomeClass.Ok or OutcomeClass.Partial) taken = last;
            else if (last.Class != OutcomeClass.Receiver) return Interrupted(last);
            if (IsForSome(part, last) && requests < MostRequests) Divide(part, last);
            else Judge(part, last);
        }

        var failed = judged.Count(x => x.Outcome == ReceiverOutcome.Failed);
        return (taken ?? last) with
        {
            Class = failed == 0 ? OutcomeClass.Ok : failed == judged.Count ? OutcomeClass.Receiver : OutcomeClass.Partial,
            Receivers = judged,
            IsJudgedByReceiver = true,
        };

        void Divide(WeComPayload refused, SendOutcome outcome)
        {
            if (refused.Without(outcome.Receivers) is not { } rest)
            {
                foreach (var half in refused.Halves()) waiting.Push(half);
                return;
            }

            judged.AddRange(outcome.Receivers.Select(WithKind));
            waiting.Push(rest);
        }

        void Judge(WeComPayload part, SendOutcome outcome)
        {
            judged.AddRange(outcome.Receivers.Select(WithKind));
            if (outcome.Class != OutcomeClass.Receiver || part.Without(outcome.Receivers) is not { } others) return;
            judged.AddRange(others.Receivers.Select(x => new ReceiverOutcome(x.Id, ReceiverOutcome.Failed, outcome.PlatformCode, x.Kind)));
        }

        // A part without groups does not name kinds.
        ReceiverOutcome WithKind(ReceiverOutcome x) => x.Kind is null && payload.Groups.Any ? x with { Kind = WeComSettings.Account } : x;

        // Those who have only this part of the message get all of it again, with the others.
        SendOutcome Interrupted(SendOutcome outcome) => outcome with
        {
            Receivers = [.. judged.Where(x => isWhole || x.Outcome == ReceiverOutcome.Failed)],
            IsJudgedByReceiver = judged.Count > 0,
            MayHaveArrived = outcome.MayHaveArrived || (!isWhole && taken is not null),
        };
    }

    /// <summary>Whether others among the receivers may still be reached. 81013 means that none of them can.</summary>
    private static bool IsForSome(WeComPayload payload, SendOutcome outcome) =>
        outcome is { Class: OutcomeClass.Receiver, IsJudgedByReceiver: false, PlatformCode: not "81013" } && payload.IsDivisible;
}
