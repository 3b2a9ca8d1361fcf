using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary><c>POST /alarms</c>: 202 means that the accepted alarms are on durable storage.</summary>
public sealed class PostAlarms(AlarmWriter writer, TimeProvider time)
{
    /// <summary>Only for the OpenAPI document; <see cref="AlarmReport"/> reads reports, including unknown fields.</summary>
    private sealed record Request([property: ShownAs(typeof(Report))] IReadOnlyList<Report> Alarms);

    private sealed record Report(
        string Name, string? Path, string? Type, AlarmLevel? Level, AlarmState? State, JsonElement? Value, DateTimeOffset? EventTime,
        string? Description,
        AcknowledgeMode? AckMode, string? AckUser, string? Rule, Dictionary<string, string>? Labels, string? SourceId);

    /// <param name="body">An object with the field <c>alarms</c>.</param>
    /// <param name="hasDuplicates">Whether any object in it has a field twice.</param>
    /// <param name="first">The first request with the same idempotency key; null: none.</param>
    /// <returns>Completes when all valid alarms are on durable storage.</returns>
    /// <exception cref="ProblemException">400: the body or all of its alarms are invalid; 503: the database is unavailable.</exception>
    public Task<IntakeAnswer> RunAsync(JsonElement body, bool hasDuplicates, AuditContext audit, FirstRequest? first)
    {
        var items = IntakeText.List(body, "alarms", "Give the alarms as a list.");
        CheckOtherFields(body, hasDuplicates);
        if (items.GetArrayLength() is 0 or > 1000) throw ProblemException.Invalid("alarms", "Give 1 to 1000 alarms.");

        var batch = new IntakeBatch(audit, "alarms");
        // A repeated request means the same events, even if their reports give no event time.
        var now = first?.At ?? time.GetUtcNow();
        var order = items.GetArrayLength() > 1 ? new ReportOrder() : null;
        foreach (var (index, item) in items.EnumerateArray().Index())
        {
            batch.Add(index, hasDuplicates ? item : default, (errors, warnings) =>
            {
                if (AlarmReport.Read(item, now, errors, warnings) is not { } report) return null;
                var command = AlarmReport.Command(report, audit);
                return order is null ? command : order.Of(command, report.Report);
            });
        }

        return batch.WriteAnyAsync(writer);
    }

    public static void Map(RouteGroupBuilder alarms) =>
        alarms.MapPost("", async (HttpContext http, PostAlarms post) =>
        {
            using var body = await http.Request.ReadJsonAsync(findDuplicates: true);
            return http.Accepted(await post.RunAsync(body.Root, body.HasDuplicates, http.Audit(), http.FirstRequest()));
        }).Idempotent().TakesBasicCredentials().Requires(Permission.AlarmsReport).KeepsToPaths()
            .Document(
                "reportAlarms", "Report alarms",
                "1 to 1000 alarms in a request. 202 means that the accepted alarms are on durable storage. The same event sent again "
                + "notifies nobody twice.")
            .Takes<Request>("""
                { "alarms": [ { "name": "Motor too hot", "path": "Site1/Line1/Motor", "type": "temperature", "level": "Critical", "state": "ActiveUnacked", "value": 98.5,
                  "eventTime": "2026-01-31T08:00:00Z", "description": "Above 90 degrees", "ackMode": "manual", "labels": { "team": "ops" } } ] }
                """)
            .Answers<IntakeAnswer>(StatusCodes.Status202Accepted, IntakeEndpoint.Durable);

    /// <summary>The body must contain nothing but the alarms; inside an alarm unknown fields are tolerated.</summary>
    private static void CheckOtherFields(JsonElement body, bool hasDuplicates)
    {
        var errors = new Errors();
        var names = hasDuplicates ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var field in body.EnumerateObject())
        {
            if (JsonText.NameOf(field, out var fault) is not { } name) errors.Add("", $"A field's name: {fault}");
            else if (names?.Add(name) == false) errors.Add(name, "This field is given twice.");
            else if (name != "alarms" && !RequestBody.ReadOnlyFields.Contains(name, StringComparer.Ordinal)) errors.Add(
                name, Misspelling.Of("field", name, ["alarms"]));
        }

        errors.ThrowIfAny();
    }
}
