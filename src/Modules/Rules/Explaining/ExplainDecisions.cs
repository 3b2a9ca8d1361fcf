using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.DeadLetters;
using Notify.Contracts.Delivery;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Rules.Deciding;
using Npgsql;
using Wolverine;

namespace Notify.Rules.Explaining;

/// <summary><c>GET /alarms/{id}/explain?receiver=</c> and <c>GET /explain?receiver=&amp;from=&amp;to=</c>: why somebody was, or was not, notified.
/// For each change of an alarm: the conditions that decided, by the configuration of that time, and the platform's answer.</summary>
public sealed class ExplainDecisions(
    DecisionLog log, SnapshotHistory history, ChannelCatalog channels, IMessageBus bus, NpgsqlDataSource database, EventReader events)
{
    private const int MostChanges = 1000;

    /// <summary>Longer than an incident; the audit history covers longer periods.</summary>
    private static readonly TimeSpan longestPeriod = TimeSpan.FromDays(31);

    /// <param name="To">Exclusive; at most 31 days after <paramref name="From"/>.</param>
    /// <param name="After">The position after which the page begins (<see cref="CursorPage{T}.Next"/>); null: the first page.</param>
    /// <param name="Limit">1 to 1,000.</param>
    public sealed record Period(DateTimeOffset From, DateTimeOffset To, long? After = null, int Limit = 100);

    /// <summary>The last 1,000 changes of one alarm, oldest first.</summary>
    /// <param name="receiver">The receiver's name; <c>kind:name</c> if several kinds have that name.</param>
    /// <exception cref="ProblemException">404: the alarm does not exist, or the caller may not see its path.</exception>
    public async Task<CursorPage<ExplainedChange>> OfAlarmAsync(string alarmId, string receiver, CancellationToken cancellation)
    {
        var changes = (await bus.InvokeAsync<AlarmChangesDescribed>(new DescribeAlarmChanges([], alarmId), cancellation)).Changes;
        // Changes made while the alarm had a path that the caller may not see stay hidden.
        changes = [.. changes.Where(x => PathLimit.Current.Allows(x.Alarm.Path))];
        if (changes.Count == 0) throw ProblemException.NotFound("alarm", alarmId);
        changes = [.. changes.TakeLast(MostChanges)];
        var decisions = await log.FindAsync(
            [.. changes.Where(IsToBeDecided).Select(x => (x.Sequence, x.EventId))], cancellation);
        var undecided = changes.Where(x => !decisions.ContainsKey(x.EventId)).Select(x => x.Version).ToHashSet();
        return new(await ExplainAsync(
            [.. changes.Select(x => (Known(x), decisions.GetValueOrDefault(x.EventId), decisions.ContainsKey(x.EventId)))],
            new(receiver, channels.Kinds), cancellation), null);

        // As long as the report is not decided, neither is what it ended.
        DescribedAlarmChange Known(DescribedAlarmChange x) =>
            x.DecidedWith is { } report && undecided.Contains(report) ? x with { DecidedWith = null } : x;
    }

    /// <summary>The changes of all alarms in a period, in order.</summary>
    /// <inheritdoc cref="OfAlarmAsync"/>
    /// <exception cref="ProblemException">400: the period is empty or longer than 31 days.</exception>
    public async Task<CursorPage<ExplainedChange>> OfPeriodAsync(string receiver, Period period, CancellationToken cancellation)
    {
        var (from, to, after, limit) = period;
        if (from >= to) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        if (to - from > longestPeriod)
            throw ProblemException.Invalid("from", string.Create(CultureInfo.InvariantCulture, $"At most {longestPeriod.TotalDays} days."));
        var positions = await EventPeriod.FindAsync(database, from, to, cancellation);
        if (after is { } position) positions = positions with { After = Math.Max(position, positions.After) };
        var unreadable = new List<UnreadableDecision>();
        var decisions = await log.ReadAsync(positions, from, to, limit + 1, cancellation, unreadable);
        // A decision that cannot be read does not name its change, but its cause does.
        var places = (await StoredEvents.CausesAsync(database, unreadable.ConvertAll(x => (x.Sequence, x.Change)), cancellation))
            .ToDictionary(x => x.Id, x => new AlarmVersion(x.Stream, x.Version));
        // Repeats, late reports and shelvings that a report ended have no decision. They are read only up to the last decision of the page, so that
        // the order stays correct.
        var repeats = new RepeatsIn(positions.After, decisions.Count > limit ? decisions[^1].Sequence : positions.UpTo, from, to, limit + 1);
        var described = await bus.InvokeAsync<AlarmChangesDescribed>(
            new DescribeAlarmChanges(
                [.. decisions.Select(x => new AlarmVersion(x.Decision.AlarmId, x.Decision.AlarmVersion)), .. places.Values], RepeatsIn: repeats),
            cancellation);
        var changes = described.Changes.ToDictionary(x => (x.AlarmId, x.Version));
        // A change that is no longer stored cannot be explained, but its decision counts towards the page, so that the next one begins after it.
        var found = decisions.Select(x => (
            x.Sequence, Change: changes.GetValueOrDefault((x.Decision.AlarmId, x.Decision.AlarmVersion)), Decision: (RecordedDecision?)x))
            .Concat(unreadable.Select(x => (x.Sequence, Change: ChangeOf(x), Decision: (RecordedDecision?)null)))
            .Concat(described.Changes.Where(x => !IsToBeDecided(x))
                .Select(x => (x.Sequence, Change: (DescribedAlarmChange?)x, Decision: (RecordedDecision?)null)))
            .OrderBy(x => x.Sequence).ToList();
        // Every change here was decided, except those that say themselves why not.
        var items = await ExplainAsync(
            [
                .. found.Take(limit).Where(x => x.Change is not null && PathLimit.Current.Allows(x.Change.Alarm.Path))
                    .Select(x => (x.Change!, x.Decision, true)),
            ],
            new(receiver, channels.Kinds), cancellation);
        return new(items, found.Count > limit ? found[limit - 1].Sequence : null);

        DescribedAlarmChange? ChangeOf(UnreadableDecision x) =>
            places.TryGetValue(x.Change, out var place) ? changes.GetValueOrDefault((place.AlarmId, place.Version)) : null;
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/alarms/{id}/explain", async (string id, HttpContext http, ExplainDecisions explain) =>
        {
            var query = http.Query();
            var receiver = ReceiverOf(query);
            query.ThrowIfInvalid();
            return await explain.OfAlarmAsync(id, receiver, http.RequestAborted);
        }).Query(QueryParameter.FromString("receiver").Required).WithTags("alarms").Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "explainAlarm", "Why a receiver was or was not notified of an alarm",
                "For each change of the alarm, the conditions that decided for one receiver, by the configuration of that time, and the "
                + "platform's answer.");

        routes.MapGet("/api/v1/explain", async (HttpContext http, ExplainDecisions explain) =>
        {
            var query = http.Query();
            var (receiver, from, to) = (ReceiverOf(query), query.RequiredInstant("from"), query.RequiredInstant("to"));
            var (cursor, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await explain.OfPeriodAsync(receiver, new(from, to, cursor, limit), http.RequestAborted);
        })
            .Query(
                QueryParameter.FromString("receiver").Required, QueryParameter.Instant("from").Required, QueryParameter.Instant("to").Required,
                QueryParameter.Cursor, QueryParameter.Limit)
            .WithTags("alarms").Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "explainPeriod", "Why a receiver was or was not notified in a period",
                "The same for every change of every alarm in a period, paged.");
    }

    /// <summary>The rules decide about it by itself, sooner or later.</summary>
    private static bool IsToBeDecided(DescribedAlarmChange x) => x is { Repeat: null, Late: false, DecidedWith: null };

    private static string ReceiverOf(QueryReader query)
    {
        var text = query.Text("receiver");
        if (text is null) query.Fault("receiver", "Give a receiver's name, or kind:name if several kinds have it.");
        return text ?? "";
    }

    private async Task<List<ExplainedChange>> ExplainAsync(
        IReadOnlyList<(DescribedAlarmChange Change, RecordedDecision? Decision, bool IsDecided)> changes, AskedReceiver receiver,
        CancellationToken cancellation)
    {
        var asked = new List<(RuleSnapshot? Snapshot, AskedReceiver Receiver)>(changes.Count);
        foreach (var (_, decision, _) in changes)
        {
            if (decision is null) asked.Add((null, receiver));
            else if (await history.GetAsync(decision.Decision.ConfigurationVersion, bus, cancellation) is var snapshot
                && asked.Find(x => x.Snapshot == snapshot) is { Snapshot: not null } same) asked.Add(same);
            else asked.Add((snapshot, snapshot.Resolve(receiver)));
        }

        string[] notifications =
        [
            .. changes.Zip(asked).SelectMany(x => (x.First.Decision?.Decision.Notifications ?? [])
                .Where(n => n.Receivers.Any(x.Second.Receiver.IsMeantBy))).Select(x => x.NotificationId),
        ];
        var deliveries = notifications.Length == 0 ? []
            : (await bus.InvokeAsync<DeliveriesDescribed>(new DescribeDeliveries(notifications), cancellation)).Deliveries.ToDictionary(
                x => x.NotificationId, StringComparer.Ordinal);
        // An undecided change is waiting for its decision, or its message is a dead letter.
        var aside = changes.Any(x => !x.IsDecided && IsToBeDecided(x.Change))
            ? (await bus.InvokeAsync<DeadLettersDescribed>(new DescribeDeadLetters(), cancellation)).Letters.SelectMany(
                x => x.Undecided.Select(a => (a.EventId, Letter: x))).ToLookup(x => x.EventId, x => x.Letter)
            : null;
        string[] planned = [.. changes.SelectMany(x => x.Decision?.Decision.Steps ?? []).Select(x => x.StepId)];
        var steps = (planned.Length == 0 ? [] : await events.ReadAsync(planned, cancellation)).ToLookup(x => x.StreamId, StringComparer.Ordinal);
        // Fallbacks are rare, so the few that were used are found by the ids of their streams.
        string[] instead =
        [
            .. changes.SelectMany(x => x.Decision?.Decision.Notifications ?? []).Where(x => x.Suppressed is null)
                .Select(x => OtherWayTaken.StreamOf(x.NotificationId)),
        ];
        var taken = (instead.Length == 0 ? [] : await events.ReadAsync(instead, cancellation)).Where(x => x.Data is OtherWayTaken)
            .ToDictionary(x => x.StreamId, x => ExplainedOtherWay.Of(x, (OtherWayTaken)x.Data), StringComparer.Ordinal);
        var explained = new List<ExplainedChange>(changes.Count);
        foreach (var ((change, decision, isDecided), (snapshot, meant)) in changes.Zip(asked))
        {
            if (decision is null || snapshot is null)
            {
                explained.Add(
                    change.Repeat is { } repeat ? ExplainedChange.Duplicate(change, repeat)
                    : change.Late ? ExplainedChange.CameLate(change)
                    : change.DecidedWith is { } report ? ExplainedChange.DecidedWith(change, report)
                    : isDecided ? ExplainedChange.Unreadable(change)
                    : aside?[change.EventId].FirstOrDefault() is { } letter ? ExplainedChange.PutAside(change, letter)
                    : ExplainedChange.Undecided(change));
                continue;
            }

            explained.Add(ExplainedChange.Of(
                change, decision, Verdict.Of(snapshot, change.Alarm, decision.At, meant), meant, deliveries,
                [
                    .. (decision.Decision.Steps ?? []).Where(x => snapshot.ReceiversOf(x.RuleId, x.Action).Any(meant.IsMeantBy))
                        .Select(x => PlannedForLater.Of(x, [.. steps[x.StepId]])),
                ],
                [
                    .. from x in decision.Decision.Notifications
                       let way = taken.GetValueOrDefault(OtherWayTaken.StreamOf(x.NotificationId))
                       where way is not null && (x.Receivers.Any(meant.IsMeantBy) || way.Receivers.Any(meant.IsMeantBy))
                       select way,
                ]));
        }

        return explained;
    }
}
