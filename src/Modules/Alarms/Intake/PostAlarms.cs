using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary><c>POST /alarms</c>: 202 means that the alarms are on durable storage.</summary>
public static class PostAlarms
{
    /// <summary>As the OpenAPI document shows it; how a report is read, with what is passed over in it, is <see cref="AlarmReport"/>'s business.</summary>
    private sealed record Request([property: ShownAs(typeof(Report))] IReadOnlyList<Report> Alarms);

    private sealed record Report(
        string Name, string? Path, string? Type, AlarmLevel? Level, AlarmState? State, JsonElement? Value, DateTimeOffset? EventTime, string? Description,
        AcknowledgeMode? AckMode, string? AckUser, string? Rule, Dictionary<string, string>? Labels, string? SourceId);

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
        }).Idempotent().TakesBasicCredentials().Requires(Permission.AlarmsReport)
            .Document(
                "reportAlarms", "Report alarms",
                "1 to 1000 alarms in a request. 202 means that the accepted alarms are on durable storage. The same event sent again "
                + "notifies nobody twice.")
            .Takes<Request>("""
                { "alarms": [ { "name": "Motor too hot", "path": "Site1/Line1/Motor", "type": "temperature", "level": "Critical", "state": "ActiveUnacked", "value": 98.5,
                  "eventTime": "2026-01-31T08:00:00Z", "description": "Above 90 degrees", "ackMode": "manual", "labels": { "team": "ops" } } ] }
                """)
            .Answers<IntakeBatch.Answer>(StatusCodes.Status202Accepted, IntakeBatch.Durable);

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
