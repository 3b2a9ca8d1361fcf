using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Contracts.DeadLetters;
using Notify.Contracts.Delivery;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Rules.Deciding;
using Npgsql;
using Wolverine;

namespace Notify.Rules.Explaining;

/// <summary>
/// <c>GET /alarms/{id}/explain?receiver=</c> and <c>GET /explain?receiver=&amp;from=&amp;to=</c>: why somebody was, or was not, told; for each change of an
/// alarm what decided it, with the configuration of that moment, down to what the platform said.
/// </summary>
public static class ExplainDecisions
{
    /// <summary>Longer than an incident, shorter than a history: that is what the audit history is for.</summary>
    private static readonly TimeSpan longestPeriod = TimeSpan.FromDays(31);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/alarms/{id}/explain", async (string id, HttpContext http, DecisionLog log, SnapshotHistory history, IMessageBus bus) =>
        {
            var query = http.Query();
            var receiver = ReceiverOf(query);
            query.ThrowIfInvalid();
            var changes = (await bus.InvokeAsync<AlarmChangesDescribed>(new DescribeAlarmChanges([], id), http.RequestAborted)).Changes;
            if (changes.Count == 0) throw ProblemException.NotFound("alarm", id);
            changes = [.. changes.TakeLast(1000)];
            var decisions = await log.FindAsync([.. changes.Where(x => x is { Repeat: null, Late: false }).Select(x => (x.Sequence, x.EventId))], http.RequestAborted);
            var items = await ExplainAsync([.. changes.Select(x => (x, decisions.GetValueOrDefault(x.EventId)))], receiver, history, bus, http.RequestAborted);
            return new CursorPage<ExplainedChange>(items, null);
        }).Query(QueryParameter.FromString("receiver").Required).WithTags("alarms").Requires(Permission.AlarmsRead)
            .Document(
                "explainAlarm", "Why a receiver was or was not notified of an alarm",
                "For each change of the alarm, the condition that decided for one receiver, with the configuration of that time, down to the "
                + "platform's answer.");

        routes.MapGet("/api/v1/explain", async (HttpContext http, DecisionLog log, SnapshotHistory history, IMessageBus bus, NpgsqlDataSource database) =>
        {
            var query = http.Query();
            var (receiver, from, to) = (ReceiverOf(query), query.Instant("from"), query.Instant("to"));
            var (cursor, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            if (from is null && query.Text("from") is null) query.Fault("from", "This field is required.");
            if (to is null && query.Text("to") is null) query.Fault("to", "This field is required.");
            if (from >= to) query.Fault("to", "The end must be after the beginning.");
            else if (to - from > longestPeriod) query.Fault("from", string.Create(CultureInfo.InvariantCulture, $"At most {longestPeriod.TotalDays} days."));
            query.ThrowIfInvalid();
            var period = await EventPeriod.FindAsync(database, from!.Value, to!.Value, http.RequestAborted);
            if (cursor is { } position) period = period with { After = Math.Max(position, period.After) };
            var decisions = await log.ReadAsync(period, from.Value, to.Value, limit + 1, http.RequestAborted);
            // Repeats and late reports have no decision, and stand among those that have one; no further than these were read.
            var repeats = new RepeatsIn(period.After, decisions.Count > limit ? decisions[^1].Sequence : period.UpTo, from.Value, to.Value, limit + 1);
            var described = await bus.InvokeAsync<AlarmChangesDescribed>(
                new DescribeAlarmChanges([.. decisions.Select(x => new AlarmVersion(x.Decision.AlarmId, x.Decision.AlarmVersion))], RepeatsIn: repeats), http.RequestAborted);
            var changes = described.Changes.ToDictionary(x => (x.AlarmId, x.Version));
            var found = decisions.Select(x => (x.Sequence, Change: changes[(x.Decision.AlarmId, x.Decision.AlarmVersion)], Decision: (RecordedDecision?)x))
                .Concat(described.Changes.Where(x => x.Repeat is not null || x.Late).Select(x => (x.Sequence, Change: x, Decision: (RecordedDecision?)null)))
                .OrderBy(x => x.Sequence).ToList();
            var items = await ExplainAsync([.. found.Take(limit).Select(x => (x.Change, x.Decision))], receiver, history, bus, http.RequestAborted);
            return new CursorPage<ExplainedChange>(items, found.Count > limit ? QueryReader.CursorOf(found[limit - 1].Sequence) : null);
        })
            .Query(
                QueryParameter.FromString("receiver").Required, QueryParameter.Instant("from").Required, QueryParameter.Instant("to").Required,
                QueryParameter.Cursor, QueryParameter.Limit)
            .WithTags("alarms").Requires(Permission.AlarmsRead)
            .Document(
                "explainPeriod", "Why a receiver was or was not notified in a period",
                "The same for every change of every alarm in a period, paged.");
    }

    private static AskedReceiver ReceiverOf(QueryReader query)
    {
        var text = query.Text("receiver");
        if (text is null) query.Fault("receiver", "Give an account or a robot's alias (account:… or bot:… if a name is both).");
        return new AskedReceiver(text ?? "");
    }

    private static async Task<List<ExplainedChange>> ExplainAsync(
        IReadOnlyList<(DescribedAlarmChange Change, RecordedDecision? Decision)> changes, AskedReceiver receiver, SnapshotHistory history, IMessageBus bus,
        CancellationToken cancellation)
    {
        string[] notifications = [.. changes.SelectMany(x => x.Decision?.Decision.Notifications ?? []).Where(x => x.Receivers.Any(receiver.IsMeantBy)).Select(x => x.NotificationId)];
        var deliveries = notifications.Length == 0 ? []
            : (await bus.InvokeAsync<DeliveriesDescribed>(new DescribeDeliveries(notifications), cancellation)).Deliveries.ToDictionary(x => x.NotificationId, StringComparer.Ordinal);
        // What is not decided may be about to be, or be in a dead letter.
        var aside = changes.Any(x => x.Decision is null && x.Change.Repeat is null)
            ? (await bus.InvokeAsync<DeadLettersDescribed>(new DescribeDeadLetters(), cancellation)).Letters.SelectMany(x => x.Undecided.Select(a => (a.EventId, Letter: x))).ToLookup(x => x.EventId, x => x.Letter)
            : null;
        var explained = new List<ExplainedChange>(changes.Count);
        (long Version, RuleSnapshot? Snapshot) configuration = (0, null);
        foreach (var (change, decision) in changes)
        {
            if (decision is null)
            {
                explained.Add(
                    change.Repeat is { } repeat ? ExplainedChange.Duplicate(change, repeat)
                    : change.Late ? ExplainedChange.CameLate(change)
                    : aside?[change.EventId].FirstOrDefault() is { } letter ? ExplainedChange.PutAside(change, letter)
                    : ExplainedChange.Undecided(change));
                continue;
            }

            var version = decision.Decision.ConfigurationVersion;
            var snapshot = configuration.Snapshot is { } same && configuration.Version == version ? same : await history.GetAsync(version, bus, cancellation);
            configuration = (version, snapshot);
            var asked = snapshot.Resolve(receiver);
            explained.Add(ExplainedChange.Of(change, decision, Verdict.Of(snapshot, change.Alarm, decision.At, asked), asked, deliveries));
        }

        return explained;
    }
}
