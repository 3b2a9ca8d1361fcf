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
    private sealed record Accepted(int Index, string AlarmId, string CorrelationId);

    private sealed record Rejected(int Index, IDictionary<string, string[]> Errors);

    private sealed record Answer(IReadOnlyList<Accepted> Accepted, IReadOnlyList<Rejected> Rejected);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/alarms", async (HttpContext http, AlarmWriter writer, TimeProvider time) =>
        {
            using var body = await http.Request.ReadAsync<JsonDocument>();
            if (body.RootElement.ValueKind != JsonValueKind.Object || !body.RootElement.TryGetProperty("alarms", out var items) || items.ValueKind != JsonValueKind.Array)
                throw ProblemException.Invalid("alarms", "Give the alarms as a list.");
            var count = items.GetArrayLength();
            if (count is 0 or > 1000) throw ProblemException.Invalid("alarms", "Give 1 to 1000 alarms.");

            var audit = http.Audit();
            // A repeat stands for the same event, also where the report leaves the time of the event to us.
            var now = http.FirstRequest()?.At ?? time.GetUtcNow();
            var (accepted, rejected, commands) = (new List<Accepted>(count), new List<Rejected>(), new List<AlarmCommand>(count));
            var index = 0;
            foreach (var item in items.EnumerateArray())
            {
                var errors = new Errors();
                if (AlarmReport.Read(item, now, errors) is { } report)
                {
                    var command = AlarmReport.Command(report, audit);
                    commands.Add(command);
                    accepted.Add(new Accepted(index, command.AlarmId, audit.CorrelationId));
                }
                else
                {
                    rejected.Add(new Rejected(index, errors.ToDictionary()));
                }

                index++;
            }

            if (accepted.Count == 0)
            {
                var errors = new Errors();
                foreach (var item in rejected)
                    foreach (var (path, messages) in item.Errors)
                        foreach (var message in messages)
                            errors.Add(JsonFault.Join($"alarms[{item.Index}]", path), message);
                errors.ThrowIfAny();
            }

            await writer.WriteAsync(commands);
            return Results.Json(new Answer(accepted, rejected), NotifyJson.Options, statusCode: 202);
        }).Idempotent().WithTags("alarms");
}
