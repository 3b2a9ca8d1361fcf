using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.Messages;

/// <summary><c>POST /messages/{id}/test</c>: sends a message, filled with an example, to chosen receivers of a service at once, and shows what the platform said.</summary>
public static class TestMessage
{
    /// <param name="Alarm">As one of <c>POST /alarms</c>; an example when it is left out.</param>
    private sealed record Request(
        [property: Required] string? ServiceId, [property: Required] IReadOnlyList<Receiver?>? Receivers, [property: ShownAs("PostAlarmsReport")] JsonObject? Alarm);

    private sealed record Answer(string Id, string Body, IReadOnlyList<TestResult> Results, IReadOnlyList<NotMentioned>? NotMentioned);

    public static void Map(RouteGroupBuilder messages) =>
        messages.MapPost("/{id}/test", async (
            string id, HttpContext http, IQuerySession session, CurrentResources<Message, MessageSettings> stored, IMessageBus bus, PublicAddress address,
            IConfiguration configuration, TimeProvider time) =>
        {
            var message = await stored.FindAsync(session, id, http.RequestAborted) ?? throw ProblemException.NotFound("message", id);
            var request = await http.Request.ReadAsync<Request>();
            var errors = new Errors();
            if (string.IsNullOrEmpty(request.ServiceId)) errors.Add("serviceId", "Choose a service.");
            if (request.Receivers is null) errors.Add("receivers", "Choose the receivers.");
            errors.ThrowIfAny();

            var now = time.GetUtcNow();
            var alarm = await SampleAlarm.ReadAsync(request.Alarm, bus, now, http.RequestAborted);
            var content = PreviewMessage.Render(message.Settings, alarm, now, address, configuration);
            var audit = http.Audit();
            var by = new Requester(audit.Actor.Id, audit.Actor.Name, audit.Actor.Kind, audit.CorrelationId, audit.SourceIp, audit.Reason, audit.Client);
            var command = new SendTest(
                request.ServiceId!, message.Settings.Type, request.Receivers!, content, new VersionedRef(message.Id, message.Version, message.Name), by,
                Ids.New("test", now));
            // Whoever asked may leave; what was sent is still put on record.
            var answer = await bus.InvokeAsync<TestAnswer>(command, CancellationToken.None, timeout: TimeSpan.FromSeconds(60));
            if (!answer.ServiceExists) errors.Add("serviceId", Ids.NoSuch("service", request.ServiceId!));
            foreach (var fault in answer.Faults) errors.Add(fault.Path, fault.Message);
            errors.ThrowIfAny();
            return new Answer(answer.TestId!, content.Text, answer.Results, content.NotMentioned);
        }).Idempotent().Requires(Permission.ConfigurationChange)
            .Document(
                "testMessage", "Send a message as a test",
                "Renders the message with the given alarm, or with a sample, and sends it immediately to chosen receivers of a service. "
                + "Recorded in the history.")
            .Takes<Request>("""{ "serviceId": "service-…", "receivers": [ { "kind": "bot", "alias": "Line 1" } ] }""");
}
