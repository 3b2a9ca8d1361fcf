using System.ComponentModel.DataAnnotations;
using System.Text;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Contracts;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Services;

/// <summary><c>POST /services/{id}/test</c>: sends a text to chosen receivers immediately, and returns the platform's answer. A disabled service can
/// be tested too.</summary>
public sealed class SendServiceTest(
    IQuerySession session, CurrentResources<Service, ServiceSettings> stored, ChannelCatalog channels, IMessageBus bus, TimeProvider time)
{
    /// <param name="Text">At most as long as a test message of the service's channel.</param>
    public sealed record Request([property: Required] IReadOnlyList<Receiver?>? Receivers, [property: Required] string? Text);

    public sealed record Answer(string Id, IReadOnlyList<TestResult> Results);

    /// <param name="first">Identifies a request that the caller may repeat: it is sent once, and a repeat returns the recorded answers.</param>
    /// <exception cref="ProblemException">400: the request does not suit the service; 404: there is no such service.</exception>
    public async Task<Answer> RunAsync(string id, Request request, AuditContext audit, FirstRequest? first)
    {
        var errors = new Errors();
        if (request.Receivers is null) errors.Add("receivers", "Choose the receivers.");
        if (string.IsNullOrWhiteSpace(request.Text)) errors.Add("text", "A text is required.");
        else if (await stored.FindAsync(session, id, CancellationToken.None) is { } service
            && channels.Of(service.Settings.Type).Messages is var messages
            && Encoding.UTF8.GetByteCount(request.Text) > messages.TestBytes)
            errors.Add("text", $"The text has at most {messages.TestBytes} bytes.");
        errors.ThrowIfAny();

        var by = new Requester(audit.Actor.Id, audit.Actor.Name, audit.Actor.Kind, audit.CorrelationId, audit.SourceIp, audit.Reason, audit.Client);
        var command = new SendTest(
            id, null, request.Receivers!, RenderedMessage.None with { Text = request.Text! }, null, by,
            first is null ? Ids.New("test", time.GetUtcNow()) : Ids.Of("test", first.Id));
        // The caller may disconnect; what was sent is recorded all the same.
        var answer = await bus.InvokeAsync<TestAnswer>(command, CancellationToken.None, timeout: TimeSpan.FromSeconds(60));
        if (!answer.ServiceExists) throw ProblemException.NotFound("service", id);
        foreach (var fault in answer.Faults) errors.Add(fault.Path, fault.Message);
        errors.ThrowIfAny();
        return new Answer(answer.TestId!, answer.Results);
    }

    public static void Map(RouteGroupBuilder services) =>
        services.MapPost("/{id}/test", async (string id, HttpContext http, SendServiceTest test) =>
            await test.RunAsync(id, await http.Request.ReadAsync<Request>(), http.Audit(), http.FirstRequest())).Idempotent()
            .Requires(Permission.ConfigurationChange)
            .Document(
                "testService", "Send a test",
                "Sends a text immediately to chosen receivers, even if the service is disabled. The answer has, for each receiver, the "
                + "platform's code and message, what it means and what to do. Recorded in the history.")
            .Takes<Request>("""{ "receivers": [ { "kind": "bot", "alias": "Line 1" } ], "text": "A test of Notify" }""");
}
