using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms;

/// <summary><c>POST /alarms/{id}/shelve</c>: shelves an alarm until a given time, at most a year ahead. Shelving it again changes the end.</summary>
public sealed class Shelve(OperatorChange change, TimeProvider time)
{
    private const int MaxMinutes = 366 * 24 * 60;
    private const int MaxReason = 500;

    /// <summary>Exactly one of <paramref name="Until"/> and <paramref name="Minutes"/> is required.</summary>
    /// <param name="Minutes">1 to 527,040 (366 days).</param>
    /// <param name="Reason">At most 500 characters.</param>
    public sealed record Request(DateTimeOffset? Until = null, int? Minutes = null, string? Reason = null);

    /// <returns>The alarm afterwards.</returns>
    /// <exception cref="ProblemException">400: the end or the reason is invalid; 404: the alarm does not exist.</exception>
    public async Task<AlarmView> RunAsync(string id, Request request, AuditContext audit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (until, reason) = (UntilOf(request, now), OperatorChange.TextOf("reason", request.Reason, MaxReason));
        return await change.RunAsync(id, _ => Alarm.Shelve(until, reason, now), audit, cancellation);
    }

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/shelve", async (string id, HttpContext http, Shelve shelve) =>
            await shelve.RunAsync(id, await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted)).Idempotent()
                .Requires(Permission.AlarmsShelve).KeepsToPaths()
            .Document(
                "shelveAlarm", "Shelve an alarm",
                "For a number of minutes or until an instant. Meanwhile rules that do not accept shelved alarms do not notify.")
            .Takes<Request>("""{ "minutes": 60, "reason": "Maintenance" }""").Answers<AlarmView>();

    private static DateTimeOffset UntilOf(Request request, DateTimeOffset now)
    {
        switch (request)
        {
            case { Until: null, Minutes: { } minutes }:
                return minutes is >= 1 and <= MaxMinutes
                    ? now.AddMinutes(minutes) : throw ProblemException.Invalid("minutes", $"Give 1 to {MaxMinutes} minutes.");
            case { Until: { } until, Minutes: null }:
                return until <= now.AddMinutes(MaxMinutes)
                    ? until : throw ProblemException.Invalid("until", "An alarm can be shelved for at most one year.");
            default:
                throw ProblemException.Invalid("until", "Give either until or minutes.");
        }
    }
}
