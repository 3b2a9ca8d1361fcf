using Notify.Channels;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reports;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Delivery.Flights;

/// <summary>Chooses the waiting notifications that are sent now, and prepares their messages.</summary>
public sealed class FlightPlanner(
    HeldLanes lanes, ChannelCatalog channels, AcknowledgeLinks links, PublicAddress address, TimeProvider time)
{
    private readonly MergeParts parts = new(time);

    /// <summary>The part of new work that its lanes can start at once.</summary>
    public async Task<List<Flight>> TakeAsync(
        IReadOnlyList<Work> work, Reachable known, BatchWatch watch, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        var now = time.GetUtcNow();
        foreach (var item in work)
        {
            try
            {
                var audience = AudienceOf(item, known);
                if (!lanes.MayTake(item, audience, watch, now)) continue;
                var (dispatch, unsendable) = await PrepareAsync(item, known, cancellation);
                if (dispatch is null) lanes.Queue([item.Lane]);
                else if (lanes.TryTake(item, audience, Flight.MessagesOf(item, dispatch), watch, now) is { } times)
                    flights.Add(new([item], dispatch, unsendable, audience, times));
            }
            catch (Exception e) when (StoreFault.IsOfOne(e))
            {
                // It waits in the store like everything that cannot start at once, and fails when it is taken from there.
                lanes.Queue([item.Lane]);
            }
        }

        return flights;
    }

    /// <summary>Plans what waits on one lane: separate messages while the pace of the receivers allows it, merged ones when they have fallen
    /// behind.</summary>
    /// <param name="waiting">The most urgent first; those of one alarm in their order.</param>
    public async Task<List<Flight>> PlanAsync(
        string laneId, IReadOnlyList<Work> waiting, Reachable known, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        if (lanes.Find(laneId) is not { } lane) return flights;
        // Work in flight may not be visible in the store yet; later notifications of the same alarm still have to wait for it.
        var underWay = lanes.AlarmsUnderWay(lane);
        foreach (var work in waiting.Where(x => x.IsAsked)) await AskAsync(lane, work, known, flights, now, cancellation);
        var free = InTurn([.. waiting.Where(x => !x.IsAsked)]).Where(x => !underWay.Contains(x.Request.AlarmId));
        foreach (var group in free.GroupBy(ReceiversOf, StringComparer.Ordinal))
        {
            List<Work> together = [.. group];
            try
            {
                await PlanAsync(lane, together, known, flights, now, cancellation);
            }
            catch (Exception e) when (StoreFault.IsOfOne(e))
            {
                // The fault must not delay the rest of the lane, or other lanes.
                flights.Add(Fail(lane, together[0], e, FailureStage.Planning, now));
            }
        }

        return flights;
    }

    /// <summary>Asks for the result of an accepted message, regardless of the pace; on a blocked lane this is its one trial.</summary>
    private async Task AskAsync(
        Lane lane, Work work, Reachable known, List<Flight> flights, DateTimeOffset now,
        CancellationToken cancellation)
    {
        try
        {
            if (work.Unreadable is { } unreadable) flights.Add(Fail(lane, work, unreadable, FailureStage.Planning, now));
            else if (lane.Fault is { } fault) flights.Add(Fail(lane, work, fault, FailureStage.Planning, now));
            else
            {
                var audience = AudienceOf(work, known);
                var (dispatch, unsendable) = await PrepareAsync(work, known, cancellation);
                if (lanes.TryUp(lane, work, audience, Flight.MessagesOf(work, dispatch), first: true, now) is { } times)
                    flights.Add(new([work], dispatch, unsendable, audience, times));
            }
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            flights.Add(Fail(lane, work, e, FailureStage.Planning, now));
        }
    }

    /// <summary>Plans the notifications for the same receivers.</summary>
    private async Task PlanAsync(
        Lane lane, List<Work> together, Reachable known, List<Flight> flights, DateTimeOffset now,
        CancellationToken cancellation)
    {
        foreach (var work in together.FindAll(x => x.Unreadable is not null)) flights.Add(
            Fail(lane, work, work.Unreadable!, FailureStage.Planning, now));
        together.RemoveAll(x => x.Unreadable is not null);
        if (together.Count == 0) return;
        if (lane.Fault is { } fault)
        {
            foreach (var work in together) flights.Add(Fail(lane, work, fault, FailureStage.Planning, now));
            return;
        }

        var audience = AudienceOf(together[0], known);
        var (oneByOne, merged) = lanes.RoomFor(lane, audience, together.Count, now);
        if (oneByOne) await OneByOneAsync(lane, together, audience, known, flights, now, cancellation);
        else if (merged) await MergedAsync(lane, together, audience, known, flights, now, cancellation);
    }

    /// <summary>For each alarm, only the notifications for the same receivers as its earliest one, up to the first for others: those might be the
    /// same people, and a later change must not overtake an earlier one.</summary>
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

    private async Task OneByOneAsync(
        Lane lane, List<Work> waiting, Audience audience, Reachable known, List<Flight> flights,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        var (alarms, first) = (new HashSet<string>(StringComparer.Ordinal), true);
        foreach (var work in waiting)
        {
            if (!alarms.Add(work.Request.AlarmId)) continue; // the older one of the same alarm first
            var (dispatch, unsendable) = await PrepareAsync(work, known, cancellation);
            if (lanes.TryUp(lane, work, audience, Flight.MessagesOf(work, dispatch), first, now) is not { } times) break;
            flights.Add(new([work], dispatch, unsendable, audience, times));
            first = false;
        }
    }

    /// <summary>One message that lists as many as fit; the first notification alone if it was partly sent already, or is too long to be listed with
    /// others.</summary>
    private async Task MergedAsync(
        Lane lane, List<Work> waiting, Audience audience, Reachable known, List<Flight> flights,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        var part = parts.Of(waiting[0]);
        List<Work> together = MayMerge(waiting[0]) ? [.. waiting.Where(x => MayMerge(x) && parts.Of(x) == part)] : [];
        if (together.Count > 1 && Merge(lane, together, flights, now) is var (listing, count))
        {
            var (dispatch, unsendable) = await PrepareAsync(listing, known, cancellation);
            if (unsendable?.Class != OutcomeClass.Fault)
            {
                flights.Add(Up(lane, together[..count], audience, dispatch, unsendable, now));
                return;
            }
        }

        if (waiting.Find(x => !flights.Exists(f => f.Works.Contains(x))) is not { } next) return;
        var (alone, why) = await PrepareAsync(next, known, cancellation);
        flights.Add(Up(lane, [next], audience, alone, why, now));
    }

    /// <summary>A notification of which parts were sent already cannot be merged.</summary>
    private static bool MayMerge(Work work) => work is { RequestsDone: 0, Earlier: null or { RequestId: null, Judged.Count: 0 } };

    /// <summary>A notification that cannot be listed at all fails and is removed from <paramref name="together"/>; the others are merged without
    /// it.</summary>
    private (Work Listing, int Count)? Merge(Lane lane, List<Work> together, List<Flight> flights, DateTimeOffset now)
    {
        try
        {
            return Listing(together);
        }
        catch (Exception)
        {
            foreach (var work in together.ToList())
            {
                try
                {
                    Listing([work, work]);
                }
                catch (Exception e)
                {
                    together.Remove(work);
                    flights.Add(Fail(lane, work, e, FailureStage.Merging, now));
                }
            }
        }

        try
        {
            return together.Count > 1 ? Listing(together) : null;
        }
        catch (Exception)
        {
            return null; // each by itself can be told, if not together
        }
    }

    /// <returns>The first notification with a text that lists several, and how many these are, at least two. Null when not even two fit.</returns>
    private (Work Listing, int Count)? Listing(List<Work> waiting) =>
        channels.Of(waiting[0].Request.ChannelType).Messages.Merge(waiting) is var (words, count)
            ? (waiting[0] with { Request = waiting[0].Request with { Content = words, StartTime = null }, Form = MessageForm.AsWritten }, count)
            : null;

    /// <summary>A failure takes the same path as everything else, so that it is recorded like any outcome.</summary>
    private Flight Fail(Lane lane, Work work, Exception e, string stage, DateTimeOffset now) =>
        Up(lane, [work], Audience.Nobody, null, SendOutcome.Of(e, stage), now);

    private Flight Up(Lane lane, IReadOnlyList<Work> works, Audience audience, Dispatch? dispatch, SendOutcome? unsendable, DateTimeOffset now) =>
        new(works, dispatch, unsendable, audience, lanes.Up(lane, works, audience, Flight.MessagesOf(works[0], dispatch), now));

    /// <inheritdoc cref="MergeParts.Part"/>
    public void Part(IReadOnlyList<Work> works) => parts.Part(works);

    /// <inheritdoc cref="MergeParts.Forget"/>
    public void Forget(IEnumerable<Work> started) => parts.Forget(started);

    /// <summary>A key for notifications that may be merged: the same receivers, addressed in the same way (openly or hidden). Replayed notifications
    /// have their own, since their text says that they are replays.</summary>
    private static string ReceiversOf(Work work) => string.Join(
        '\n', work.Request.Receivers.Select(x => x.Fields is { Count: > 0 } fields
            ? $"{ReceiverKey.Of(x)} {string.Join(' ', fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"))}"
            : ReceiverKey.Of(x)).Prepend(work.Request.ReplayId));

    private Audience AudienceOf(Work work, Reachable known)
    {
        var receivers = work.Receivers;
        var kinds = channels.Find(work.Request.ChannelType)?.Receivers ?? [];
        if (receivers.Any(x => x is { Account: null, Alias: null } && kinds.Of(x)?.Field != ReceiverField.None))
            throw new FormatException("A receiver has no name.");
        var audience = (known.Find(work.Request.Service.Id)?.Routes ?? NoRoutes.Instance).AudienceOf(receivers);
        return audience.Without(work.Judged);
    }

    private async ValueTask<(Dispatch? Dispatch, SendOutcome? Unsendable)> PrepareAsync(
        Work work, Reachable known, CancellationToken cancellation)
    {
        try
        {
            if (known.Find(work.Request.Service.Id) is not { } service) return (null, Refuse("The service was removed."));
            if (!service.Enabled) return (null, Refuse($"The service '{service.Name}' was disabled."));
            var channel = channels.Of(work.Request.ChannelType);
            if (service.Type != channel.Type) return (null, Refuse($"The service '{service.Name}' is of another type."));
            // A message that the platform has accepted is not changed; its result is only asked for.
            var (receivers, left) = (work.Receivers, work.Earlier?.RequestId is null ? known.LeftBy(work.Receivers) : []);
            if (left.Count > 0) receivers = [.. receivers.Except(left)];
            if (receivers.Count == 0) return (null, Refuse(LeftReceivers.Sentence(left)));
            var personal = OnlyPersonOf(work.Request, channel) is { } person ? links.For(person.Id, channel.Type) : null;
            var request = personal is null ? work.Request : work.Request with { Content = In(personal, work.Request.Content) };
            var link = new Uri(personal?.To(request.AlarmId, request.AlarmVersion) ?? links.To(request.AlarmId, request.AlarmVersion));
            var words = channel.Messages.WordsOf(request, work.Form, link);
            var (dispatch, unsendable) = await channel.Delivery.PrepareAsync(
                new Letter(work.Id, service.Name, receivers, words, work.Form, link)
                {
                    Notice = request,
                    ReportTo = ReceiveReports.AddressOf(address, channel, service.Id),
                    Earlier = EarlierOf(work),
                },
                service.Routes, cancellation);
            if (personal is not null) dispatch = dispatch is null ? null : dispatch with { Requests = [.. dispatch.Requests.Select(personal.Kept)] };
            return (dispatch is null || left.Count == 0 ? dispatch : LeftReceivers.Judge(dispatch, left), unsendable);
        }
        catch (SecretUnreadableException e)
        {
            return (null, new SendOutcome(OutcomeClass.Configuration) { PlatformMessage = e.Message });
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            return (null, SendOutcome.Of(e, FailureStage.Preparing));
        }
    }

    /// <summary>The only person to whom the notification is addressed; null: none, several, or others can read it too.</summary>
    private static ReachedPerson? OnlyPersonOf(NotificationRequested request, IChannel channel) =>
        request.Receivers is [{ People: [var person] } receiver] && channel.Receivers.Of(receiver)?.IsEveryone(receiver) != true ? person : null;

    private static RenderedMessage In(PersonalLinks personal, RenderedMessage content) => content with
    {
        Text = personal.In(content.Text),
        Fields = content.Fields?.ToDictionary(x => x.Key, x => personal.In(x.Value), StringComparer.Ordinal),
    };

    private static Earlier? EarlierOf(Work work)
    {
        var earlier = work.Earlier is { } known ? known with { Judged = work.Judged } : null;
        return work.Unknowns == 0 ? earlier : (earlier ?? new()) with { MayHaveArrived = true };
    }

    private static SendOutcome Refuse(string why) => new(OutcomeClass.Receiver) { PlatformMessage = why };
}
