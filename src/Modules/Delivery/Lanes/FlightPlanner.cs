using Notify.Contracts.Services;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;
using Notify.Delivery.WeCom;

namespace Notify.Delivery.Lanes;

/// <summary>Chooses what of the waiting leaves now, and makes its messages.</summary>
public sealed class FlightPlanner(HeldLanes lanes, WeComDelivery weCom, TimeProvider time)
{
    /// <summary>Of new work, what its lanes can start at once.</summary>
    public async Task<List<Flight>> TakeAsync(IReadOnlyList<Work> work, IReadOnlyDictionary<string, ServiceDescription> known, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        var now = time.GetUtcNow();
        foreach (var item in work)
        {
            if (!lanes.MayTake(item, now)) continue;
            var (dispatch, refusal) = await PrepareAsync(item, known, cancellation);
            if (lanes.TryTake(item, dispatch, refusal, now) is { } flight) flights.Add(flight);
        }

        return flights;
    }

    /// <summary>Of what waits on one lane: one by one while the pace allows it, merged when the lane has fallen behind.</summary>
    public async Task<List<Flight>> PlanAsync(
        string laneId, IReadOnlyList<Work> waiting, IReadOnlyDictionary<string, ServiceDescription> known, DateTimeOffset now, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        if (lanes.Find(laneId) is not { } lane) return flights;
        var alarms = new HashSet<string>(StringComparer.Ordinal);
        var (oneByOne, mergedAt) = lanes.RoomFor(lane, waiting.Count, now);
        if (!oneByOne && mergedAt > now) return flights;

        if (!oneByOne && waiting.Where(x => x.RequestsDone == 0).GroupBy(ReceiversOf, StringComparer.Ordinal).FirstOrDefault()?.ToList() is { Count: > 1 } together)
        {
            var (dispatch, count, refusal) = await weCom.PrepareMergedAsync(
                [.. together.Select(x => (x.Id, x.Request))], known.GetValueOrDefault(together[0].Request.Service.Id), cancellation);
            flights.Add(lanes.Up(lane, together[..count], dispatch, refusal, now));
            return flights;
        }

        foreach (var work in waiting)
        {
            if (!alarms.Add(work.Request.AlarmId)) continue; // the older one of the same alarm first
            var (dispatch, refusal) = await PrepareAsync(work, known, cancellation);
            if (lanes.TryUp(lane, work, dispatch, refusal, flights.Count == 0, now) is not { } flight) break;
            flights.Add(flight);
            if (!oneByOne) break;
        }

        return flights;
    }

    private static string ReceiversOf(Work work) => string.Join('\n', work.Request.Receivers.Select(NotificationTable.KeyOf));

    private async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(
        Work work, IReadOnlyDictionary<string, ServiceDescription> known, CancellationToken cancellation)
    {
        try
        {
            return await weCom.PrepareAsync(work.Id, work.Request, known.GetValueOrDefault(work.Request.Service.Id), cancellation);
        }
        catch (InvalidOperationException e)
        {
            return (null, new SendOutcome(OutcomeClass.Configuration) { PlatformMessage = e.Message });
        }
    }
}
