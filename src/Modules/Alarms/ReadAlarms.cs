using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary><c>GET /alarms</c>, last changed first, and <c>/alarms/{id}</c> with its timeline.</summary>
public static class ReadAlarms
{
    public static void Map(RouteGroupBuilder alarms)
    {
        alarms.MapGet("", async (HttpContext http, NpgsqlDataSource database) =>
        {
            var query = http.Query();
            var (state, level) = (query.OneOf<AlarmState>("state"), query.OneOf<AlarmLevel>("level"));
            var (path, search) = (Text(query, "path"), Text(query, "search"));
            var (before, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            var rows = await AlarmTable.ListAsync(
                database, state is { } one ? [one] : null, level, path is null ? null : PathExpression(Names.Readable(path, out _)), search, before, limit + 1, http.RequestAborted);
            return new CursorPage<AlarmView>([.. rows.Take(limit).Select(x => AlarmView.Of(x.Alarm))], rows.Count > limit ? QueryReader.CursorOf(rows[limit - 1].Position) : null);
        })
            .Query(
                QueryParameter.OneOf<AlarmState>("state"), QueryParameter.OneOf<AlarmLevel>("level"), "path", "search", QueryParameter.Cursor,
                QueryParameter.Limit)
            .Requires(Permission.AlarmsRead)
            .Document("listAlarms", "List alarms", "Latest first, paged.");

        alarms.MapGet("/{id}", async (string id, HttpContext http, NpgsqlDataSource database, Timeline timeline) =>
        {
            var alarm = await FindAsync(database, id, http.RequestAborted);
            var (entries, complete) = await timeline.ReadAsync(id, http.RequestAborted);
            return AlarmView.Of(alarm) with { Timeline = entries, TimelineComplete = complete };
        }).Requires(Permission.AlarmsRead)
            .Document("getAlarm", "Read an alarm", "With its timeline: each change of state, each notification, each acknowledgement.");
    }

    /// <exception cref="ProblemException">404.</exception>
    internal static async Task<Alarm> FindAsync(NpgsqlDataSource database, string id, CancellationToken cancellation) =>
        Alarm.IsId(id) && await AlarmTable.FindAsync(database, id, cancellation) is { } alarm ? alarm : throw ProblemException.NotFound("alarm", id);

    /// <summary>
    /// A path and all below it; <c>*</c> stands for one segment, <c>**</c> for any number of them, as in a rule's paths. Without either, whatever
    /// begins with these segments fits.
    /// </summary>
    internal static string PathExpression(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!segments.Any(x => x is "*" or "**")) segments = [.. segments, "**"];
        var expression = new StringBuilder("^");
        foreach (var segment in segments)
        {
            // Each segment ends with a slash; the path is given one for this.
            expression.Append(segment switch { "*" => "[^/]+(/|$)", "**" => "([^/]+(/|$))*", _ => Escape(segment) + "(/|$)" });
        }

        return expression.Append('$').ToString();
    }

    private static string? Text(QueryReader query, string name)
    {
        var text = query.Text(name);
        if (text is null || text.Length <= 500) return text;
        query.Fault(name, "Give at most 500 characters.");
        return null;
    }

    /// <summary>For PostgreSQL's regular expressions: whatever is not a letter or a digit stands for itself behind a backslash.</summary>
    private static string Escape(string segment) => Regex.Replace(segment, @"[^\p{L}\p{N}\p{M}\p{Cs}]", @"\$0", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
