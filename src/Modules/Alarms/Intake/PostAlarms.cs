using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Alarms.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary><c>POST /alarms</c>: 202 means that the alarms are on durable storage.</summary>
public static class PostAlarms
{
    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("", async (HttpContext http, AlarmWriter writer, TimeProvider time) =>
        {
            using var body = await http.Request.ReadAsync<JsonDocument>();
            var items = IntakeText.List(body.RootElement, "alarms", "Give the alarms as a list.");
            if (items.GetArrayLength() is 0 or > 1000) throw ProblemException.Invalid("alarms", "Give 1 to 1000 alarms.");

            var batch = new IntakeBatch(http.Audit(), "alarms");
            // A repeat stands for the same event, also where the report leaves the time of the event to us.
            var now = http.FirstRequest()?.At ?? time.GetUtcNow();
            foreach (var (index, item) in items.EnumerateArray().Index())
                batch.Add(index, (errors, warnings) => AlarmReport.Read(item, now, errors, warnings) is { } report ? AlarmReport.Command(report, batch.Audit) : null);
            return await batch.WriteAndAnswerAsync(writer);
        }).Idempotent().TakesBasicCredentials();
}
