using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Channels.Connections;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Kernel.Texts;

namespace Notify.Services;

/// <summary>A service's settings were tested with its platform. Stream <c>connection-…</c>.</summary>
/// <param name="Outcome"><c>passed</c>, <c>failed</c> or <c>notTested</c>.</param>
public sealed record ConnectionTested(VersionedRef Service, string Channel, string Outcome, IReadOnlyList<TestedCheck> Checks);

/// <param name="Lines">The dialogue with the platform, without secrets.</param>
public sealed record TestedCheck(string Call, bool? Passed, IReadOnlyList<string> Lines, string? Code);

/// <summary><c>POST /services/{id}/connection-test</c>: verifies a service's settings with its platform, without notifying anybody. A disabled
/// service can be tested too.</summary>
public sealed class TestConnection(
    IDocumentStore store, CurrentResources<Service, ServiceSettings> stored, ChannelCatalog channels, EventBatches batches, KnownSecrets known,
    TimeProvider time)
{
    /// <summary>The deadline of all checks together.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    /// <param name="Outcome"><c>passed</c>, <c>failed</c>, or <c>notTested</c> if no check is possible without notifying somebody.</param>
    public sealed record Answer(string Id, string Outcome, IReadOnlyList<Check> Checks);

    /// <param name="Call">The platform's call or command, such as <c>EHLO</c>.</param>
    /// <param name="Passed">Absent if the check was not possible.</param>
    /// <param name="Lines">The dialogue with the platform, without secrets.</param>
    public sealed record Check(string Call, bool? Passed, IReadOnlyList<string> Lines, string? Code, BilingualText? Meaning, BilingualText? Advice);

    /// <exception cref="ProblemException">404: there is no such service; 409: its channel has no connection test.</exception>
    public async Task<Answer> RunAsync(string id, AuditContext audit)
    {
        Service service;
        await using (var session = store.QuerySession())
            service = await stored.FindAsync(session, id, CancellationToken.None) ?? throw ProblemException.NotFound("service", id);
        var channel = channels.Of(service.Settings.Type);
        var test = channel.ConnectionTest ?? throw ProblemException.Conflict(
            $"The service '{service.Name}' cannot be tested without sending a message: it is of type {channel.Type}.");

        var checks = new List<Check>();
        using var deadline = new CancellationTokenSource(patience, time);
        try
        {
            await foreach (var x in test.TestAsync(channel.Routes(service.Settings.In(channel)), deadline.Token))
                checks.Add(Shown(x));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            checks.Add(Shown(new("", false, ["no answer in time"], Explained: channel.Texts.Unreachable)));
        }
        catch (SecretUnreadableException e)
        {
            checks.Add(Shown(new("", false, [e.Message])));
        }

        var outcome = checks.Exists(x => x.Passed == false) ? "failed" : checks.Exists(x => x.Passed == true) ? "passed" : "notTested";
        var testId = Ids.New("connection", time.GetUtcNow());
        var tested = new ConnectionTested(
            new(service.Id, service.Version, service.Name), channel.Type, outcome,
            [.. checks.Select(x => new TestedCheck(x.Call, x.Passed, x.Lines, x.Code))]);
        // The caller may disconnect; the test is recorded all the same.
        await using var writing = store.LightweightSession();
        var events = batches.New();
        events.Append(testId, 1, tested, audit);
        events.QueueTo(writing);
        await writing.SaveChangesAsync(CancellationToken.None);
        return new(testId, outcome, checks);
    }

    private Check Shown(ConnectionCheck x) => new(
        x.Call, x.Passed, [.. x.Lines.Select(line => known.Strike(line))], x.Code, x.Explained?.Meaning, x.Explained?.Advice);

    public static void Map(RouteGroupBuilder services) =>
        services.MapPost("/{id}/connection-test", async (string id, HttpContext http, TestConnection test) => await test.RunAsync(id, http.Audit()))
            .Idempotent().Requires(Permission.ConfigurationChange)
            .Document(
                "testServiceConnection", "Test the connection",
                "Verifies the service's settings with the platform, without notifying anybody, even if the service is disabled. The answer contains what "
                + "the platform said to each call, without secrets, what it means and what to do. Recorded in the history.");
}
