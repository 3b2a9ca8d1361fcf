using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Outcomes;

namespace Notify.Delivery.Flights;

/// <summary>One message to send: a notification, or several merged ones.</summary>
/// <param name="Dispatch">Null when nothing can be sent; <paramref name="Unsendable"/> then says why.</param>
/// <param name="Times">When each of its messages may be sent; empty: at once.</param>
public sealed record Flight(
    IReadOnlyList<Work> Works, Dispatch? Dispatch, SendOutcome? Unsendable, Audience Audience, IReadOnlyList<DateTimeOffset> Times)
{
    public string LaneId => Works[0].Lane;

    /// <summary>Nothing is sent: the platform is only asked for the result of the last message.</summary>
    public bool IsAskOnly => Dispatch is { } dispatch && Works is [{ IsAsked: true } one] && MessagesOf(one, dispatch) == 0;

    /// <summary>The sends that count towards the platform's limits.</summary>
    public IEnumerable<CountedSend> Counted => CountedSends.Of(LaneId, Audience, Times);

    /// <summary>How many messages count towards the pace; asking for a result does not.</summary>
    public static int MessagesOf(Work work, Dispatch? dispatch) =>
        dispatch is null ? 0 : dispatch.Requests.Count - FirstOf(work, dispatch) - (work.IsAsked ? 1 : 0);

    /// <summary>The index of the first request to send: the one after those that the platform has accepted; 0 if the message has become so short that
    /// none would follow.</summary>
    public static int FirstOf(Work work, Dispatch dispatch) => work.RequestsDone < dispatch.Requests.Count ? work.RequestsDone : 0;

    /// <summary>When a request may be sent; null: at once. The first request of a work that is asked for its result is no message, and has no
    /// time.</summary>
    /// <param name="request">Its index among the requests of the dispatch.</param>
    public DateTimeOffset? TimeOf(int request)
    {
        var message = request - FirstOf(Works[0], Dispatch!) - (Works[0].IsAsked ? 1 : 0);
        return message >= 0 && message < Times.Count ? Times[message] : null;
    }

    /// <summary>The outcome for each notification. The requests of a merged message belong to none of them: even if the platform accepted some, each
    /// notification starts again from its own first request, alone or merged with others, and may then arrive twice.</summary>
    /// <param name="done">How many requests the platform has accepted, in this attempt and before.</param>
    public IEnumerable<AttemptResult> ResultsOf(SendOutcome outcome, int done)
    {
        var isMerged = Works.Count > 1;
        if (isMerged && done > 0) outcome = outcome with { MayHaveArrived = true };
        var isWhole = isMerged || (IsAskOnly ? Works[0].Earlier!.IsWhole : Dispatch?.Requests.Count == 1);
        return Works.Select(x => new AttemptResult(
            x, x.Attempts + 1, Dispatch is not null, outcome, isMerged ? 0 : done, Dispatch is { RepeatIsSafe: true } && !isMerged)
        { IsWhole = isWhole });
    }
}
