using System.Text.Json;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Replays.Review;

/// <summary>Reads the events of a period in their order, in sets: some round trips for thousands of events.</summary>
public sealed class ReviewReader(NpgsqlDataSource database)
{
    private const string Events = $"{Database.Schema}.mt_events";
    private const string InPeriod = "e.seq_id > $1 and e.seq_id <= $2 and e.timestamp >= $3 and e.timestamp < $4 and not e.is_archived";

    /// <summary>What an incident consists of. Who signed in, or asked for a replay, is not part of it.</summary>
    private const string Reviewed = "(e.type like 'alarms.%' or e.type like 'rules.%' or e.type like 'delivery.%' or e.type like 'services.%' or e.type like 'audit.dead_letter%')";

    public async Task<List<ReviewEvent>> ReadAsync(ReplayRequested request, long after, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.user_name, e.headers, e.correlation_id, e.causation_id, e.data
            from {Events} e where {InPeriod} and {Reviewed} order by e.seq_id limit {limit}
            """);
        AddPeriod(command, request, after);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<ReviewEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt64(3), reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5), Text(reader, 6),
                Text(reader, 7), Text(reader, 8), Text(reader, 9), reader.GetFieldValue<byte[]>(10)));
        }

        return events;
    }

    /// <summary>The first event of each alarm and notification says what it is.</summary>
    public async Task<Dictionary<string, ReviewSubject>> SubjectsAsync(ReplayRequested request, IEnumerable<ReviewEvent> events, CancellationToken cancellation)
    {
        var streams = events.Where(x => x.IsAbout("notification") || x.IsAbout("alarm")).Select(x => x.StreamId).ToHashSet(StringComparer.Ordinal);
        var subjects = new Dictionary<string, ReviewSubject>(streams.Count, StringComparer.Ordinal);
        foreach (var e in events)
            if (e.Version == 1 && streams.Remove(e.StreamId)) subjects[e.StreamId] = SubjectOf(e.StreamId, e.Json) with { IsOfPeriod = true };
        await using var command = database.CreateCommand($"select e.stream_id, e.data, {InPeriod} from {Events} e where e.stream_id = any($5) and e.version = 1");
        AddPeriod(command, request, request.After);
        command.Parameters.AddWithValue(streams.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            using var data = JsonDocument.Parse(reader.GetFieldValue<byte[]>(1));
            subjects[reader.GetString(0)] = SubjectOf(reader.GetString(0), data.RootElement) with { IsOfPeriod = reader.GetBoolean(2) };
        }

        return subjects;
    }

    /// <summary>The settings of configuration resources in the versions that were used, each with the event that made them.</summary>
    /// <param name="used"><c>rule-…@3</c>.</param>
    public async Task<List<UsedConfiguration>> UsedAsync(IEnumerable<string> used, CancellationToken cancellation)
    {
        var (ids, versions) = (new List<string>(), new List<long>());
        foreach (var text in used)
        {
            var at = text.LastIndexOf('@');
            ids.Add(text[..at]);
            versions.Add(long.Parse(text.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture));
        }

        await using var command = database.CreateCommand(
            $"""
            select u.id, u.version, e.data, e.timestamp, e.user_name, e.headers
            from unnest($1::text[], $2::bigint[]) with ordinality as u(id, version, place)
            cross join lateral (
              select * from {Events} e where e.stream_id = u.id and e.version <= u.version and e.data ? 'settings' order by e.version desc limit 1) e
            order by u.place
            """);
        command.Parameters.AddWithValue(ids.ToArray());
        command.Parameters.AddWithValue(versions.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<UsedConfiguration>();
        while (await reader.ReadAsync(cancellation))
            found.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), ReviewEntry.ActorOf(Text(reader, 4), Text(reader, 5))));
        return found;
    }

    /// <summary>The settings before a change.</summary>
    public async Task<string?> BeforeAsync(string stream, long version, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select data from {Events} where stream_id = $1 and version < $2 and data ? 'settings' order by version desc limit 1");
        command.Parameters.AddWithValue(stream);
        command.Parameters.AddWithValue(version);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    /// <summary>Which alarms and notifications a filter lets through; null: all.</summary>
    public async Task<ReviewScope?> ScopeAsync(ReplayRequested request, CancellationToken cancellation)
    {
        var filter = request.Filter;
        if (filter == new ReplayFilter()) return null;
        var path = filter.AlarmPath is null ? null : PathPattern.Parse(filter.AlarmPath);
        var scope = new ReviewScope([], []);
        await using var command = database.CreateCommand(
            $"""
            select v.stream_id, v.data, l.type, l.data
            from (select distinct e.stream_id from {Events} e where {InPeriod} and e.type like 'delivery.%' and e.stream_id like 'notification-%') s
            join {Events} v on v.stream_id = s.stream_id and v.version = 1
            cross join lateral (
              select e.type, e.data from {Events} e where e.stream_id = s.stream_id and e.seq_id <= $2 and e.timestamp < $4 and e.type <> 'delivery.notification_resent.v1'
              order by e.version desc limit 1) l
            where ($5::text is null or v.data->'rule'->>'id' = $5) and ($6::text is null or v.data->'service'->>'id' = $6)
            """);
        AddPeriod(command, request, request.After);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = filter.RuleId });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = filter.ServiceId });
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                using var request1 = JsonDocument.Parse(reader.GetFieldValue<byte[]>(1));
                using var last = JsonDocument.Parse(reader.GetFieldValue<byte[]>(3));
                var subject = SubjectOf(reader.GetString(0), request1.RootElement);
                if (path?.Matches(subject.AlarmPath) == false || !ReviewScope.Reaches(request1.RootElement, filter.Receiver)) continue;
                if (filter.Status is { } status && ReviewScope.StatusOf(reader.GetString(2), last.RootElement) != status) continue;
                scope.Notifications.Add(reader.GetString(0));
                scope.Alarms.Add(subject.AlarmId);
            }
        }

        if (filter with { AlarmPath = null } == new ReplayFilter()) await AddAlarmsAsync(scope, path!, request, cancellation);
        return scope;
    }

    /// <summary>Also those of which nobody was to be told.</summary>
    private async Task AddAlarmsAsync(ReviewScope scope, PathPattern path, ReplayRequested request, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select v.stream_id, v.data->>'path' from (select distinct e.stream_id from {Events} e where {InPeriod} and e.type like 'alarms.%') s
            join {Events} v on v.stream_id = s.stream_id and v.version = 1
            """);
        AddPeriod(command, request, request.After);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            if (path.Matches(Text(reader, 1) ?? "")) scope.Alarms.Add(reader.GetString(0));
    }

    private static ReviewSubject SubjectOf(string stream, JsonElement data) => stream.StartsWith("alarm-", StringComparison.Ordinal)
        ? new(stream, Text(data, "name"), Text(data, "path"))
        : new(Text(data, "alarmId"), Text(data, "alarmName"), Text(data, "alarmPath"), ReviewEntry.Receivers(data));

    private static string Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static void AddPeriod(NpgsqlCommand command, ReplayRequested request, long after)
    {
        command.Parameters.AddWithValue(after);
        command.Parameters.AddWithValue(request.UpTo);
        command.Parameters.AddWithValue(request.From);
        command.Parameters.AddWithValue(request.To);
    }
}

/// <summary>A rule, service, message or schedule as it was when it was used.</summary>
public sealed record UsedConfiguration(string Id, long Version, string Data, DateTimeOffset At, Actor By);
