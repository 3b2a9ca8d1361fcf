using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms;

/// <summary><c>POST /alarms/{id}/acknowledge</c>: somebody has seen the alarm and takes care of it. A body is needed only when the alarm requires a
/// note.</summary>
public sealed class Acknowledge(OperatorChange change)
{
    internal const int MaxNote = 1000;

    private sealed record Body(string? Note = null);

    /// <param name="note">At most 1,000 characters; required when the alarm's mode is manualWithNote.</param>
    /// <returns>The alarm afterwards.</returns>
    /// <exception cref="ProblemException">400: the note is missing or invalid; 404: the alarm does not exist; 409: it is acknowledged
    /// already.</exception>
    public Task<AlarmView> RunAsync(string id, string? note, AuditContext audit, CancellationToken cancellation)
    {
        var text = OperatorChange.TextOf("note", note, MaxNote);
        return change.RunAsync(id, alarm => alarm.Acknowledge(text, audit.Actor.Name), audit, cancellation);
    }

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/acknowledge", async (string id, HttpContext http, Acknowledge acknowledge) =>
            await acknowledge.RunAsync(id, (await http.Request.ReadOptionalAsync<Body>())?.Note, http.Audit(), http.RequestAborted)).Idempotent()
                .Requires(Permission.AlarmsAcknowledge).KeepsToPaths()
            .Document("acknowledgeAlarm", "Acknowledge an alarm", "Alarms with ackMode manualWithNote require a note.")
            .MayTake<Body>("""{ "note": "Fan replaced" }""").Answers<AlarmView>();
}
