using System.Globalization;
using Notify.Audit.History;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Resources;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Audit.Replays.Review;

/// <summary>Reads the events of a period in order, with few round trips for thousands of events.</summary>
public sealed class ReviewReader(NpgsqlDataSource database, ReviewedEvents events, PathSight sight, IWolverineRuntime runtime)
{
    public async Task<List<ReviewEvent>> ReadAsync(ReplayRequested request, long after, int limit, CancellationToken cancellation)
    {
        var paths = PathLimit.Current.Expression;
        var seen = paths is null ? "true" : PathSight.Condition("e", "$6", "$7");
        await using var command = database.CreateCommand(
            $"select {StoredRow.Columns} from {EventTables.Events} e where {EventPeriod.Holds} and not e.is_archived and e.type like any($5) and {seen} order by e.seq_id limit {limit}");
        new EventPeriod(after, request.UpTo).AddTo(command, request.From, request.To);
        command.Parameters.AddWithValue(events.Patterns);
        if (paths is not null)
        {
            command.Parameters.AddWithValue(paths);
            command.Parameters.AddWithValue(sight.Configuration);
        }

        return (await StoredRow.ReadAllAsync(command, cancellation)).ConvertAll(x => new ReviewEvent(x, events));
    }

    /// <summary>The subjects of the streams, from the first event of each alarm and notification, or the first after those that have
    /// expired.</summary>
    public async Task<Dictionary<string, ReviewedSubject>> SubjectsAsync(
        ReplayRequested request, IReadOnlyList<ReviewEvent> read, CancellationToken cancellation)
    {
        var streams = read.Select(x => x.Row.StreamId).Where(events.HasSubject).ToHashSet(StringComparer.Ordinal);
        var subjects = new Dictionary<string, ReviewedSubject>(streams.Count, StringComparer.Ordinal);
        foreach (var e in read)
            if (e.Row.Version == 1 && streams.Remove(e.Row.StreamId)) Add(e.Row.StreamId, e.As, isOfPeriod: true);
        if (streams.Count == 0) return subjects;
        await using var command = database.CreateCommand(
            $"select e.stream_id, e.data, {EventPeriod.Holds} from unnest($5) s(stream_id) cross join lateral {EventPeriod.FirstNamed} e");
        new EventPeriod(request.After, request.UpTo).AddTo(command, request.From, request.To);
        command.Parameters.AddWithValue(streams.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var data = reader.GetFieldValue<byte[]>(1);
            Add(reader.GetString(0), type => ReviewedEvents.Read(type, data), reader.GetBoolean(2));
        }

        return subjects;

        void Add(string stream, Func<Type, object?> first, bool isOfPeriod)
        {
            if (events.SubjectOf(stream, first) is { } subject) subjects[stream] = new(subject, isOfPeriod);
        }
    }

    /// <summary>The alarms and notifications that a filter selects; null: all.</summary>
    public async Task<ReviewScope?> ScopeAsync(ReplayRequested request, CancellationToken cancellation)
    {
        var filter = request.Filter;
        if (filter == new ReplayFilter()) return null;
        var (bus, period) = (new MessageBus(runtime), new ReviewedPeriod(request.From, request.To, request.After, request.UpTo));
        var found = await bus.InvokeAsync<ReviewedNotificationsFound>(new FindReviewedNotifications(period, filter), cancellation);
        var streams = found.Notifications.Concat(found.Alarms).ToHashSet(StringComparer.Ordinal);
        // Also alarms of which nobody was to be notified.
        if (filter.AlarmPath is { } path && filter with { AlarmPath = null } == new ReplayFilter())
            streams.UnionWith((await bus.InvokeAsync<ReviewedAlarmsFound>(new FindReviewedAlarms(period, path), cancellation)).Alarms);
        return new ReviewScope(streams);
    }

    /// <summary>The settings of configuration resources in the versions that were used, each with the event that made them.</summary>
    /// <param name="used">Ids and versions: <c>rule-…@3</c>.</param>
    public async Task<List<UsedConfiguration>> UsedAsync(IEnumerable<string> used, CancellationToken cancellation)
    {
        var versions = used.Select(x => x.Split('@')).Select(x => (x[0], long.Parse(x[1], CultureInfo.InvariantCulture))).ToList();
        var found = await SettingsOnRecord.ReadAsync(database, versions, cancellation);
        var signatures = await SignaturesAsync(found.Select(x => x.Event.Headers), cancellation);
        return found.ConvertAll(x => new UsedConfiguration(
            x.Id, x.Version, x.Event.Json, x.Event.At, ReviewEntry.ActorOf(x.Event.UserName, x.Event.Headers),
            ReviewEntry.ApproverOf(x.Event.Headers, signatures)));
    }

    /// <summary>Who approved the first event of a stream, and what was signed; null: it needed no approval.</summary>
    public async Task<Approver?> ApproverAsync(string stream, CancellationToken cancellation)
    {
        var headers = (await StoredEvents.OfStreamAsync(database, stream, cancellation)).Select(x => x.Headers).FirstOrDefault();
        return ReviewEntry.ApproverOf(headers, await SignaturesAsync([headers], cancellation));
    }

    /// <summary>The signatures of the proposals that these event headers name.</summary>
    public Task<ILookup<string, Signature>> SignaturesAsync(IEnumerable<string?> headers, CancellationToken cancellation) =>
        SignaturesOnRecord.ReadAsync(
            database, headers.Where(x => x?.Contains(AuditContext.ProposalHeader, StringComparison.Ordinal) == true)
                .Select(x => ReviewEntry.Header(x, AuditContext.ProposalHeader)).OfType<string>(), cancellation);

    /// <summary>The settings before a change.</summary>
    public Task<string?> BeforeAsync(string stream, long version, CancellationToken cancellation) =>
        SettingsOnRecord.BeforeAsync(database, stream, version, cancellation);
}

/// <summary>A rule, service, message or schedule as it was when it was used.</summary>
public sealed record UsedConfiguration(string Id, long Version, string Data, DateTimeOffset At, Actor By, Approver? ApprovedBy);
