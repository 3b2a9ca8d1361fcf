using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Flights;

/// <summary>What leaves together: one notification, or several in one merged message.</summary>
/// <param name="Dispatch">Null when nothing can be sent; then <paramref name="Unsendable"/> says why.</param>
/// <param name="Times">When each of its messages may leave; empty: at once.</param>
public sealed record Flight(
    IReadOnlyList<Work> Works, Dispatch? Dispatch, SendOutcome? Unsendable, Audience Audience, IReadOnlyList<DateTimeOffset> Times)
{
    public string LaneId => Works[0].Lane;

    /// <summary>What of it counts towards the platform's limits.</summary>
    public IEnumerable<CountedSend> Counted => CountedSends.Of(LaneId, Audience, Times);

    /// <summary>How many messages of the pace it takes.</summary>
    public static int MessagesOf(Work work, Dispatch? dispatch) => dispatch is null ? 0 : dispatch.Requests.Count - work.RequestsDone;
}
