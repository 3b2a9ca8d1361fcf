using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary><c>POST /alarms/{id}/shelve</c>: put aside until a moment, at most a year ahead. Shelving again moves the end.</summary>
public static class Shelve
{
    private const int MaxMinutes = 366 * 24 * 60;
    private const int MaxReason = 500;

    private sealed record Body(DateTimeOffset? Until = null, int? Minutes = null, string? Reason = null);

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/shelve", async (string id, HttpContext http, AlarmWriter writer, TimeProvider time, NpgsqlDataSource database) =>
        {
            var body = await http.Request.ReadAsync<Body>();
            var now = time.GetUtcNow();
            var (until, reason) = (UntilOf(body, now), body.Reason?.Trim() ?? "");
            OperatorText.Check("reason", reason, MaxReason);
            return await writer.ChangeAsync(id, _ => Alarm.Shelve(until, reason, now), http, database);
        }).Idempotent().Requires(Permission.AlarmsShelve)
            .Document(
                "shelveAlarm", "Shelve an alarm",
                "For a number of minutes or until an instant. Meanwhile rules that do not accept shelved alarms do not notify.")
            .Takes<Body>("""{ "minutes": 60, "reason": "Maintenance" }""").Answers<AlarmView>();

    private static DateTimeOffset UntilOf(Body body, DateTimeOffset now)
    {
        switch (body)
        {
            case { Until: null, Minutes: { } minutes }:
                return minutes is >= 1 and <= MaxMinutes ? now.AddMinutes(minutes) : throw ProblemException.Invalid("minutes", $"Give 1 to {MaxMinutes} minutes.");
            case { Until: { } until, Minutes: null }:
                return until <= now.AddMinutes(MaxMinutes) ? until : throw ProblemException.Invalid("until", "An alarm can be shelved for at most one year.");
            default:
                throw ProblemException.Invalid("until", "Give either until or minutes.");
        }
    }
}
