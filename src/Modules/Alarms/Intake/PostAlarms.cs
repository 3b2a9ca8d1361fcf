using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary><c>POST /alarms</c>: 202 means that the alarms are on durable storage.</summary>
public static class PostAlarms
{
    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("", async (HttpContext http, AlarmWriter writer, TimeProvider time) =>
        {
            using var body = await http.Request.ReadJsonAsync(findDuplicates: true);
            var items = IntakeText.List(body.Root, "alarms", "Give the alarms as a list.");
            CheckOtherFields(body.Root);
            if (items.GetArrayLength() is 0 or > 1000) throw ProblemException.Invalid("alarms", "Give 1 to 1000 alarms.");

            var batch = new IntakeBatch(http.Audit(), "alarms");
            // A repeat stands for the same event, also where the report leaves the time of the event to us.
            var now = http.FirstRequest()?.At ?? time.GetUtcNow();
            foreach (var (index, item) in items.EnumerateArray().Index())
                batch.Add(index, body.HasDuplicates ? item : default, (errors, warnings) => AlarmReport.Read(item, now, errors, warnings) is { } report ? AlarmReport.Command(report, batch.Audit) : null);
            return await batch.WriteAndAnswerAsync(writer, http);
        }).Idempotent().TakesBasicCredentials().Requires(Permission.AlarmsReport);

    /// <summary>Beside the alarms there is nothing; inside them, what is not known is no reason to lose one.</summary>
    private static void CheckOtherFields(JsonElement body)
    {
        var errors = new Errors();
        foreach (var field in body.EnumerateObject())
        {
            if (JsonText.NameOf(field, out var fault) is not { } name) errors.Add("", $"A field's name: {fault}");
            else if (name != "alarms" && !RequestBody.ReadOnlyFields.Contains(name, StringComparer.Ordinal)) errors.Add(name, Misspelling.Of("field", name, ["alarms"]));
        }

        errors.ThrowIfAny();
    }
}
