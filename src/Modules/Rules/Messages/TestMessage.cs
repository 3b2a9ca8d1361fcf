using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Rules.Messages;

/// <summary><c>POST /messages/{id}/test</c>, and <c>POST /messages/test</c> for one that is not saved: sends a message, rendered for an example
/// alarm, to chosen receivers of a service, and returns the platform's answers.</summary>
public sealed class TestMessage(
    IQuerySession session, CurrentResources<Message, MessageSettings> messages, PreviewMessage preview, IMessageBus bus, TimeProvider time)
{
    /// <param name="Alarm">An alarm as in <c>POST /alarms</c>; null: an example.</param>
    public sealed record Request(
        [property: Required] string? ServiceId, [property: Required] IReadOnlyList<Receiver?>? Receivers,
        [property: ShownAs("PostAlarmsReport")] JsonObject? Alarm = null);

    /// <param name="Message">As in <c>POST /messages/preview</c>.</param>
    public sealed record DraftRequest(
        [property: Required] string? ServiceId, [property: Required] IReadOnlyList<Receiver?>? Receivers,
        [property: Required] PreviewMessage.Request? Message);

    public sealed record Answer(string Id, string Body, IReadOnlyList<TestResult> Results, IReadOnlyList<NotMentioned>? NotMentioned);

    /// <param name="first">Identifies a request that the caller may repeat: it is sent once, and a repeat returns the recorded answers.</param>
    /// <exception cref="ProblemException">400: the request does not fit the message or the service; 404: the message does not exist.</exception>
    public async Task<Answer> RunAsync(string id, Request request, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var message = await messages.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound("message", id);
        return await SendAsync(
            request, message.Settings, new VersionedRef(message.Id, message.Version, message.Name), new Errors(), audit, first, cancellation);
    }

    /// <exception cref="ProblemException">400: the message is invalid, or the request does not fit it or the service.</exception>
    /// <inheritdoc cref="RunAsync(string, Request, AuditContext, FirstRequest?, CancellationToken)"/>
    public Task<Answer> RunAsync(DraftRequest request, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var (errors, within) = (new Errors(), new Errors());
        if (request.Message is null) errors.Add("message", "Give the message.");
        var settings = preview.SettingsOf(request.Message ?? new(), within);
        if (request.Message is not null) errors.AddAll("message", within);
        return SendAsync(new(request.ServiceId, request.Receivers, request.Message?.Alarm), settings, null, errors, audit, first, cancellation);
    }

    private async Task<Answer> SendAsync(
        Request request, MessageSettings settings, VersionedRef? message, Errors errors, AuditContext audit, FirstRequest? first,
        CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(request.ServiceId)) errors.Add("serviceId", "Choose a service.");
        if (request.Receivers is null) errors.Add("receivers", "Choose the receivers.");
        errors.ThrowIfAny();

        var now = time.GetUtcNow();
        var alarm = await SampleAlarm.ReadAsync(request.Alarm, bus, now, cancellation);
        var content = preview.Render(settings, alarm, now);
        var by = new Requester(audit.Actor.Id, audit.Actor.Name, audit.Actor.Kind, audit.CorrelationId, audit.SourceIp, audit.Reason, audit.Client);
        var command = new SendTest(
            request.ServiceId!, settings.Type, request.Receivers!, content, message, by,
            first is null ? Ids.New("test", now) : Ids.Of("test", first.Id));
        // Not cancelled when the caller disconnects, so that the result is recorded.
        var answer = await bus.InvokeAsync<TestAnswer>(command, CancellationToken.None, timeout: TimeSpan.FromSeconds(60));
        if (!answer.ServiceExists) errors.Add("serviceId", Ids.NoSuch("service", request.ServiceId!));
        foreach (var fault in answer.Faults) errors.Add(fault.Path, fault.Message);
        errors.ThrowIfAny();
        return new Answer(answer.TestId!, content.Text, answer.Results, content.NotMentioned);
    }

    public static void Map(RouteGroupBuilder messages)
    {
        messages.MapPost("/test", async (HttpContext http, TestMessage test) =>
            await test.RunAsync(await http.Request.ReadAsync<DraftRequest>(), http.Audit(), http.FirstRequest(), http.RequestAborted)).Idempotent()
                .Requires(Permission.ConfigurationChange)
            .Document(
                "testDraftMessage", "Send a message that is not saved as a test",
                "Renders the message, as a preview does, and sends it immediately to chosen receivers of a service. Recorded in the history.")
            .Takes<DraftRequest>(
                """
                { "serviceId": "service-…", "receivers": [ { "kind": "bot", "alias": "Line 1" } ],
                  "message": { "type": "wecom", "format": "text", "content": "{level} {name}" } }
                """);
        messages.MapPost("/{id}/test", async (string id, HttpContext http, TestMessage test) =>
            await test.RunAsync(id, await http.Request.ReadAsync<Request>(), http.Audit(), http.FirstRequest(), http.RequestAborted))
                .Idempotent()
                .Requires(Permission.ConfigurationChange)
            .Document(
                "testMessage", "Send a message as a test",
                "Renders the message with the given alarm, or with a sample, and sends it immediately to chosen receivers of a service. "
                + "Recorded in the history.")
            .Takes<Request>("""{ "serviceId": "service-…", "receivers": [ { "kind": "bot", "alias": "Line 1" } ] }""");
    }
}
