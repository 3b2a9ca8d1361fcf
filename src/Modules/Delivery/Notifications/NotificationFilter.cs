using System.Globalization;
using System.Text;
using Notify.Channels;
using Notify.Contracts.Delivery;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>Criteria for notifications; null values do not restrict.</summary>
/// <param name="Receiver">A receiver's name; <c>kind:name</c> if several kinds have that name.</param>
/// <param name="Search">A part of the text, the rule's name or the reason.</param>
public sealed record NotificationQuery(
    NotificationStatus? Status = null, string? ServiceId = null, string? RuleId = null, string? AlarmId = null, string? Receiver = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Search = null)
{
    /// <summary>Reads all but <c>search</c>, which not every caller supports. The reader collects the faults.</summary>
    public static NotificationQuery Read(QueryReader query) => new(
        query.OneOf<NotificationStatus>("status"), query.Text("serviceId"), query.Text("ruleId"), query.Text("alarmId"), query.Text("receiver"),
        query.Instant("from"), query.Instant("to"));
}

/// <summary>SQL conditions on the rows of notifications (alias <c>n</c>), joined by "and", with their values as parameters.</summary>
public sealed class NotificationFilter
{
    private readonly StringBuilder sql = new("true");

    public List<object> Values { get; } = [];

    /// <summary>Only positions above this one.</summary>
    public long After { get; private set; } = long.MinValue;

    /// <summary>Only positions up to and including this one.</summary>
    public long Before { get; private set; } = long.MaxValue;

    /// <summary>Groups of keys in <see cref="NotificationSpans"/>: a notification has at least one key of each group.</summary>
    public List<string[]> Keys { get; } = [];

    /// <summary>The conditions that a selective index supports, though not in order of position; null: none.</summary>
    public string? Indexed { get; private set; }

    /// <summary>The SQL placeholder of the value that follows these.</summary>
    public string Next => string.Create(CultureInfo.InvariantCulture, $"${Values.Count + 1}");

    /// <summary>The conditions of the query, without its period.</summary>
    public static NotificationFilter Of(NotificationQuery query, ChannelCatalog channels)
    {
        var filter = new NotificationFilter();
        filter.WhereSeen();
        if (query.Status is { } status)
        {
            // Written literally, so that PostgreSQL recognizes the matching partial index.
            var condition = $"n.status = '{status}'";
            if (status is NotificationStatus.Delivered) filter.Where(condition);
            else filter.WhereIndexed(status is NotificationStatus.Pending or NotificationStatus.Scheduled
                ? $"{condition} and n.due_at is not null" : condition);
        }

        filter.WhereService(query.ServiceId);
        filter.WhereRule(query.RuleId);
        if (query.AlarmId is { } alarm) filter.WhereIndexed($"n.alarm_id = {filter.Add(alarm)}");
        if (query.Receiver is { } receiver) filter.WhereReceiver(channels.KeysOf(receiver));
        if (query.Search is { } search)
        {
            filter.Where(
                $"exists (select 1 from {EventTables.Events} e where e.stream_id = n.id and e.version = 1 and strpos(lower(concat_ws(' ', n.reason, e.data->'rule'->>'name', e.data->'content'->>'text')), lower({filter.Add(search)})) > 0)");
        }

        return filter;
    }

    /// <summary>Includes <c>from</c> and <c>to</c>, which apply to the time of the request.</summary>
    public static async Task<NotificationFilter> OfRequestedAsync(
        NotificationQuery query, ChannelCatalog channels, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var filter = Of(query, channels);
        await filter.WhereRequestedAsync(query.From, query.To, database, cancellation);
        return filter;
    }

    /// <param name="to">Exclusive.</param>
    public async Task WhereRequestedAsync(DateTimeOffset? from, DateTimeOffset? to, NpgsqlDataSource database, CancellationToken cancellation)
    {
        if (from is null && to is null) return;
        // Positions grow with the time of the request, so an old period is found by position without reading everything after it.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var order = new TimeOrder(connection, NotificationTable.Name, "position", "requested_at");
        if (from is { } start)
        {
            Where($"n.requested_at >= {Add(start)}");
            WhereAfter(await order.BeforeAsync(start, cancellation));
        }

        if (to is { } end)
        {
            Where($"n.requested_at < {Add(end)}");
            WhereBefore(await order.UpToAsync(end, cancellation) + 1);
        }
    }

    public void WhereAfter(long position)
    {
        After = Math.Max(After, position);
        Where($"n.position > {Add(position)}");
    }

    public void WhereBefore(long? position)
    {
        if (position is not { } end) return;
        Before = Math.Min(Before, end - 1);
        Where($"n.position < {Add(end)}");
    }

    /// <summary>Limits to the caller's paths. A digest covers many alarms and has no path: only callers without a limit see it.</summary>
    public void WhereSeen()
    {
        if (PathLimit.Current.Expression is not { } paths) return;
        Where($"exists (select 1 from {EventTables.Events} e where e.stream_id = n.id and e.version = 1 and e.data->>'alarmPath' ~* {Add(paths)})");
    }

    public void WhereService(string? id)
    {
        if (id is null) return;
        Keys.Add([NotificationSpans.OfService(id)]);
        Where($"n.service_id = {Add(id)}");
    }

    public void WhereRule(string? id)
    {
        if (id is null) return;
        Keys.Add([NotificationSpans.OfRule(id)]);
        Where($"n.rule_id = {Add(id)}");
    }

    /// <param name="keys">One of them must be among the receivers (<see cref="ReceiverKey"/>).</param>
    public void WhereReceiver(string[] keys)
    {
        Keys.Add(keys);
        Where($"n.receivers && {Add(keys)}");
    }

    public void WhereIndexed(string condition)
    {
        Indexed = Indexed is null ? condition : $"{Indexed} and {condition}";
        Where(condition);
    }

    public void Where(string condition) => sql.Append(CultureInfo.InvariantCulture, $" and {condition}");

    /// <returns>The SQL placeholder of the value.</returns>
    public string Add(object value)
    {
        Values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${Values.Count}");
    }

    public override string ToString() => sql.ToString();
}
