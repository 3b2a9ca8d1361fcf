using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary><c>POST /alarms/{id}/acknowledge</c>: somebody has seen it and takes care. A body is needed only when the alarm asks for a note.</summary>
public static class Acknowledge
{
    private const int MaxNote = 1000;

    private sealed record Body(string? Note = null);

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("/{id}/acknowledge", async (string id, HttpContext http, AlarmWriter writer, NpgsqlDataSource database) =>
        {
            var note = http.HasBody() ? (await http.Request.ReadAsync<Body>()).Note?.Trim() ?? "" : "";
            OperatorText.Check("note", note, MaxNote);
            var audit = http.Audit();
            return await writer.ChangeAsync(id, alarm => alarm.Acknowledge(note, audit.Actor.Name), http, database);
        }).Idempotent().Requires(Permission.AlarmsAcknowledge)
            .Document("acknowledgeAlarm", "Acknowledge an alarm", "Alarms with ackMode manualWithNote require a note.")
            .Takes<Body>("""{ "note": "Fan replaced" }""").Answers<AlarmView>();

    private static bool HasBody(this HttpContext http) =>
        http.Request.ContentLength != 0 && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
}
