using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Alarms;

/// <summary>Criteria for alarms; null values do not restrict.</summary>
/// <param name="Path">A path, including everything below it, or a pattern as in a rule's paths; at most 500 characters.</param>
/// <param name="Search">A part of the name, the path or the description; at most 500 characters.</param>
/// <param name="Before">The position before which the page begins (<see cref="CursorPage{T}.Next"/>); null: the first page.</param>
/// <param name="Limit">1 to 1,000.</param>
/// <param name="Open">True: omits alarms that are cleared and acknowledged.</param>
/// <param name="BySeverity">Unacknowledged before acknowledged ones, then the most severe, then the last changed first.</param>
public sealed record AlarmQuery(
    AlarmState? State = null, AlarmLevel? Level = null, string? Path = null, string? Search = null, long? Before = null, int Limit = 100,
    bool Open = false, bool? Shelved = null, bool BySeverity = false)
{
    /// <summary>Null: any.</summary>
    internal AlarmState[]? States => State is { } one ? Open ? [.. AlarmStates.Open.Where(x => x == one)] : [one] : Open ? AlarmStates.Open : null;
}

/// <summary><c>GET /alarms</c>, last changed or most severe first, and <c>/alarms/{id}</c> with its timeline.</summary>
public sealed class ReadAlarms(NpgsqlDataSource database, EventReader events, Timeline timeline, IMessageBus bus)
{
    private const int MaxText = 500;
    internal const string Severity = "severity";

    private static readonly string[] Orders = ["changed", Severity];

    /// <exception cref="ProblemException">400: a text is too long.</exception>
    public async Task<CursorPage<AlarmView>> ListAsync(AlarmQuery query, CancellationToken cancellation)
    {
        var errors = new Errors();
        foreach (var (name, text) in new[] { ("path", query.Path), ("search", query.Search) })
            if (text?.Length > MaxText) errors.Add(name, "Give at most 500 characters.");
        errors.ThrowIfAny();
        var rows = await AlarmTable.ListAsync(
            database, events, query.States, query.Level,
            query.Path is null ? null : PathExpression(Names.Readable(query.Path, out _)), query.Search, query.Before, query.Limit + 1, cancellation,
            query.Shelved, query.BySeverity);
        return new([.. rows.Take(query.Limit).Select(x => AlarmView.Of(x.Alarm))], rows.Count > query.Limit ? rows[query.Limit - 1].Position : null);
    }

    /// <exception cref="ProblemException">404: the alarm does not exist, or the caller may not see its path.</exception>
    public async Task<AlarmView> GetAsync(string id, CancellationToken cancellation)
    {
        var alarm = await FindAsync(database, events, id, cancellation);
        var (entries, complete) = await timeline.ReadAsync(id, cancellation);
        var waiting = (await bus.InvokeAsync<StepsDescribed>(new DescribeSteps(id), cancellation)).Steps;
        return AlarmView.Of(alarm) with { Timeline = entries, TimelineComplete = complete, WaitingSteps = waiting };
    }

    public static void Map(RouteGroupBuilder alarms)
    {
        alarms.MapGet("", async (HttpContext http, ReadAlarms read) =>
        {
            var query = http.Query();
            var wanted = new AlarmQuery(
                query.OneOf<AlarmState>("state"), query.OneOf<AlarmLevel>("level"), query.Text("path"), query.Text("search"), query.Cursor(),
                query.Number("limit", 100, 1, 1000), query.Flag("open") ?? false, query.Flag("shelved"), query.OneOf("order", Orders) == Severity);
            query.ThrowIfInvalid();
            return await read.ListAsync(wanted, http.RequestAborted);
        })
            .Query(
                QueryParameter.OneOf<AlarmState>("state"), QueryParameter.OneOf<AlarmLevel>("level"), "path", "search", QueryParameter.Cursor,
                QueryParameter.Limit, QueryParameter.Flag("open") with { Description = "True: omits alarms that are cleared and acknowledged." },
                QueryParameter.Flag("shelved") with { Description = "True: only shelved alarms; false: only others; by default both." },
                QueryParameter.OneOf("order", Orders) with
                {
                    Description = "changed: the last changed first (default); severity: unacknowledged before acknowledged ones, then the most severe first.",
                })
            .Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document("listAlarms", "List alarms", "Paged; the last changed first, or the most severe.");

        alarms.MapGet("/{id}", (string id, HttpContext http, ReadAlarms read) => read.GetAsync(id, http.RequestAborted))
            .Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "getAlarm", "Read an alarm",
                "With its timeline (each change of state, notification and acknowledgement), and the escalations and reminders that wait.");
    }

    /// <exception cref="ProblemException">404: the alarm does not exist, or the caller may not see its path.</exception>
    internal static async Task<Alarm> FindAsync(NpgsqlDataSource database, EventReader events, string id, CancellationToken cancellation) =>
        Alarm.IsId(id) && await AlarmTable.FindAsync(database, events, id, cancellation) is { } alarm && PathLimit.Current.Allows(alarm.Facts.Path)
            ? alarm
            : throw ProblemException.NotFound("alarm", id);

    /// <summary>The regular expression for a path and everything below it. <c>*</c> stands for one segment, <c>**</c> for any number, as in a rule's
    /// paths; without either, every path that begins with these segments matches.</summary>
    internal static string PathExpression(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!segments.Any(x => x is "*" or "**")) segments = [.. segments, "**"];
        return Kernel.PathExpression.Of(segments);
    }
}
