using Notify.Contracts.Services;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;
using Notify.Delivery.WeCom;

namespace Notify.Delivery.Lanes;

/// <summary>Chooses what of the waiting leaves now, and makes its messages.</summary>
public sealed class FlightPlanner(HeldLanes lanes, WeComDelivery weCom, TimeProvider time)
{
    /// <summary>Of new work, what its lanes can start at once.</summary>
    public async Task<List<Flight>> TakeAsync(
        IReadOnlyList<Work> work, IReadOnlyDictionary<string, ServiceDescription> known, BatchWatch watch, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        var now = time.GetUtcNow();
        foreach (var item in work)
        {
            var audience = AudienceOf(item, known);
            if (!lanes.MayTake(item, audience, watch, now)) continue;
            var (dispatch, refusal) = await PrepareAsync(item, known, cancellation);
            if (lanes.TryTake(item, audience, dispatch, refusal, watch, now) is { } flight) flights.Add(flight);
        }

        return flights;
    }

    /// <summary>Of what waits on one lane: one by one while the pace of its receivers allows it, merged when they have fallen behind.</summary>
    /// <param name="waiting">Most urgent first; earlier before later of the same alarm.</param>
    public async Task<List<Flight>> PlanAsync(
        string laneId, IReadOnlyList<Work> waiting, IReadOnlyDictionary<string, ServiceDescription> known, DateTimeOffset now, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        if (lanes.Find(laneId) is not { } lane) return flights;
        // What is under way may not be visible in the store yet; what follows on it waits all the same.
        var underWay = lanes.AlarmsUnderWay(lane);
        foreach (var group in InTurn(waiting).Where(x => !underWay.Contains(x.Request.AlarmId)).GroupBy(ReceiversOf, StringComparer.Ordinal))
        {
            List<Work> together = [.. group];
            var audience = AudienceOf(together[0], known);
            var (oneByOne, merged) = lanes.RoomFor(lane, audience, together.Count, now);
            if (oneByOne) flights.AddRange(await OneByOneAsync(lane, together, audience, known, now, cancellation));
            else if (merged) flights.Add(await MergedAsync(lane, together, audience, known, now, cancellation));
        }

        return flights;
    }

    /// <summary>
    /// Of each alarm only what goes to the same receivers as its earliest, as far as nothing for others lies between: those might be the same people, and
    /// the later must not overtake the earlier.
    /// </summary>
    private static IEnumerable<Work> InTurn(IReadOnlyList<Work> waiting)
    {
        var turns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var work in waiting)
        {
            var receivers = ReceiversOf(work);
            if (!turns.TryAdd(work.Request.AlarmId, receivers) && turns[work.Request.AlarmId] != receivers) turns[work.Request.AlarmId] = "";
            else yield return work;
        }
    }

    private async Task<List<Flight>> OneByOneAsync(
        Lane lane, List<Work> waiting, Audience audience, IReadOnlyDictionary<string, ServiceDescription> known, DateTimeOffset now, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        var alarms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var work in waiting)
        {
            if (!alarms.Add(work.Request.AlarmId)) continue; // the older one of the same alarm first
            var (dispatch, refusal) = await PrepareAsync(work, known, cancellation);
            if (lanes.TryUp(lane, work, audience, dispatch, refusal, first: flights.Count == 0, now) is not { } flight) break;
            flights.Add(flight);
        }

        return flights;
    }

    /// <summary>One message for as many as it can list; for the first alone when it has begun to leave, or is too long to be listed with others.</summary>
    private async Task<Flight> MergedAsync(
        Lane lane, List<Work> waiting, Audience audience, IReadOnlyDictionary<string, ServiceDescription> known, DateTimeOffset now, CancellationToken cancellation)
    {
        List<Work> together = waiting[0].RequestsDone > 0 ? [] : [.. waiting.Where(x => x.RequestsDone == 0)];
        if (together.Count > 1 && WeComDelivery.Merge(together) is var (listing, count))
        {
            var (dispatch, refusal) = await PrepareAsync(listing, known, cancellation);
            return lanes.Up(lane, together[..count], audience, dispatch, refusal, now);
        }

        var (alone, why) = await PrepareAsync(waiting[0], known, cancellation);
        return lanes.Up(lane, [waiting[0]], audience, alone, why, now);
    }

    /// <summary>What is merged goes to the same receivers, and repeats apart from what is live: the text says that they are repeats.</summary>
    private static string ReceiversOf(Work work) => string.Join('\n', work.Request.Receivers.Select(NotificationTable.KeyOf).Prepend(work.Request.ReplayId));

    private static Audience AudienceOf(Work work, IReadOnlyDictionary<string, ServiceDescription> known) =>
        Audience.Of(work.Request.Receivers, known.GetValueOrDefault(work.Request.Service.Id));

    private async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(
        Work work, IReadOnlyDictionary<string, ServiceDescription> known, CancellationToken cancellation)
    {
        try
        {
            return await weCom.PrepareAsync(work, known.GetValueOrDefault(work.Request.Service.Id), cancellation);
        }
        catch (InvalidOperationException e)
        {
            return (null, new SendOutcome(OutcomeClass.Configuration) { PlatformMessage = e.Message });
        }
    }
}
