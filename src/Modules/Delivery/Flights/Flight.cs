using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Outcomes;

namespace Notify.Delivery.Flights;

/// <summary>What leaves together: one notification, or several in one merged message.</summary>
/// <param name="Dispatch">Null when nothing can be sent; then <paramref name="Unsendable"/> says why.</param>
/// <param name="Times">When each of its messages may leave; empty: at once.</param>
public sealed record Flight(
    IReadOnlyList<Work> Works, Dispatch? Dispatch, SendOutcome? Unsendable, Audience Audience, IReadOnlyList<DateTimeOffset> Times)
{
    public string LaneId => Works[0].Lane;

    /// <summary>Nothing is sent in it: the platform is asked what became of the last message.</summary>
    public bool IsAskOnly => Dispatch is { } dispatch && Works is [{ IsAsked: true } one] && MessagesOf(one, dispatch) == 0;

    /// <summary>What of it counts towards the platform's limits.</summary>
    public IEnumerable<CountedSend> Counted => CountedSends.Of(LaneId, Audience, Times);

    /// <summary>How many messages of the pace it takes: to ask for one takes none.</summary>
    public static int MessagesOf(Work work, Dispatch? dispatch) =>
        dispatch is null ? 0 : dispatch.Requests.Count - FirstOf(work, dispatch) - (work.IsAsked ? 1 : 0);

    /// <summary>With which request it begins: behind those that the platform has taken, or with the first when the message has become so short that
    /// none would follow.</summary>
    public static int FirstOf(Work work, Dispatch dispatch) => work.RequestsDone < dispatch.Requests.Count ? work.RequestsDone : 0;

    /// <summary>
    /// How it ended for each of its notifications. The requests of a merged message belong to none of them: whatever the platform accepted of it,
    /// each starts again from its own first request, alone or merged with others, and may then have arrived twice.
    /// </summary>
    /// <param name="done">How many of its requests the platform has taken, in this attempt and before.</param>
    public IEnumerable<AttemptResult> ResultsOf(SendOutcome outcome, int done)
    {
        var isMerged = Works.Count > 1;
        if (isMerged && done > 0) outcome = outcome with { MayHaveArrived = true };
        return Works.Select(x => new AttemptResult(
            x, x.Attempts + 1, Dispatch is not null, outcome, isMerged ? 0 : done, Dispatch is { RepeatIsSafe: true } && !isMerged));
    }
}
