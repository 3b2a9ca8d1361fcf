using Marten;
using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Outcomes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.TestSends;

/// <summary>Sends a test at once, bypassing the queues, since somebody waits for the answer; or in its turn, if nobody does. The pace still
/// applies: a message that the platform would refuse is not sent. A test is never repeated.</summary>
public sealed class TestSender(
    IDocumentStore store, NpgsqlDataSource database, EventBatches batches, ChannelCatalog channels, AcknowledgeLinks links, HeldLanes lanes,
    LaneWaking waking, LaneIncidents incidents, WaitingWork waiting, EventReader events, TimeProvider time, ILogger<TestSender> logger)
{
    /// <summary>The time limit for all receivers together.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan nextLook = TimeSpan.FromMilliseconds(500);

    /// <summary>The pauses between the attempts to record what the platform answered.</summary>
    private static readonly TimeSpan[] pauses = [.. new[] { 50, 250, 1000 }.Select(x => TimeSpan.FromMilliseconds(x))];

    private sealed record PreparedTest(
        IReadOnlyList<Receiver> Receivers, string Lane, Audience Audience, Dispatch? Dispatch, SendOutcome? Unsendable, bool Reserved = false);

    /// <summary>The recorded results of a test that was requested before; if it was interrupted, nobody knows them.</summary>
    /// <returns>Null: it was not requested before.</returns>
    public async Task<IReadOnlyList<TestResult>?> FindAsync(string id, ConfiguredService service, CancellationToken cancellation)
    {
        var recorded = await events.ReadAsync([id], cancellation);
        var channel = channels.Of(service.Type);
        if (recorded.Select(x => x.Data).OfType<TestSent>().FirstOrDefault() is { } sent)
            return [.. sent.Receivers.Select(x => TestResults.Of(x, channel))];
        return recorded.Select(x => x.Data).OfType<TestRequested>().FirstOrDefault() is { } requested
            ? [.. TestResults.Of(requested.Receivers, new SendOutcome(OutcomeClass.Unknown), channel)] : null;
    }

    public async Task<(string Id, IReadOnlyList<TestResult> Results)> SendAsync(SendTest command, ConfiguredService service)
    {
        var id = command.TestId;
        var receivers = command.Receivers.OfType<Receiver>().ToList();
        var tests = new List<PreparedTest>();
        var channel = channels.Of(service.Type);
        foreach (var together in channel.Receivers.Together(receivers)) tests.Add(
            await PrepareAsync(id, together, command.Content, service, channel));

        var serviceRef = new VersionedRef(service.Id, service.Version, service.Name);
        var audit = new AuditContext(
            new Actor(command.By.Id, command.By.Name, command.By.Kind), command.By.CorrelationId, null, command.By.SourceIp, command.By.Reason,
            command.By.Client);
        var began = time.GetTimestamp();
        for (var i = 0; i < tests.Count; i++) tests[i] = command.TurnWithinSeconds is { } seconds
            ? await TakeTurnAsync(tests[i], began, TimeSpan.FromSeconds(seconds)) : await PaceAsync(tests[i], inTurn: false);
        var paced = tests.Where(x => x.Dispatch is not null && lanes.LimitsOf(x.Lane).Any).ToList();
        var requested = await RecordAsync(id, 1, new TestRequested(serviceRef, command.Message, receivers, command.Content), audit, paced);
        foreach (var test in paced.Where(x => !x.Reserved)) lanes.CountRecorded(test.Lane, test.Audience, test.Dispatch!.Requests.Count);

        using var deadline = new CancellationTokenSource(patience, time);
        var outcomes = await Task.WhenAll(tests.Select(x => SendAsync(x, deadline.Token)));
        var results = tests.Zip(outcomes).SelectMany(x => TestResults.Of(x.First.Receivers, x.Second, channel)).ToList();
        var tested = results.Select(
            x => new TestedReceiver(x.Kind, x.Alias, x.Account, x.Outcome, x.PlatformCode, x.PlatformList, x.PlatformMessage, x.RequestId));
        await RecordSentAsync(
            id, new TestSent(serviceRef, command.Content.Text, [.. tested], channel.Type), audit with { CausationId = requested.ToString() });
        foreach (var lane in tests.Zip(outcomes)
            .Where(x => x.Second.Class is OutcomeClass.Ok or OutcomeClass.Partial or OutcomeClass.Accepted).Select(x => x.First.Lane)
            .Distinct(StringComparer.Ordinal)) await ResumeAsync(lane, audit.CorrelationId);
        return (id, results);
    }

    /// <summary>Only this process knows what the platform answered: a test that is handled again counts as unknown. So a fault that may pass is
    /// waited for.</summary>
    private async Task RecordSentAsync(string id, TestSent sent, AuditContext audit)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                // The answer to a commit may have been lost.
                if (attempt == 0 || !(await events.ReadAsync([id], CancellationToken.None)).Any(x => x.Data is TestSent))
                    await RecordAsync(id, 2, sent, audit, []);
                return;
            }
            catch (Exception e) when (attempt < pauses.Length)
            {
                logger.LogWarning(e, "The outcome of test {Test} could not be recorded; it is tried again", id);
                await Task.Delay(pauses[attempt], time);
            }
        }
    }

    /// <summary>The test has passed, whatever becomes of the lane: if it cannot be resumed now, its next trial does that.</summary>
    private async Task ResumeAsync(string lane, string correlationId)
    {
        try
        {
            if (await incidents.MendAsync(lane, LaneMended.ByTestSend, correlationId)) lanes.Mend(lane);
            else await waking.EndWaitAsync(lane);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "A test on lane {Lane} passed, but the lane could not be resumed; its next trial resumes it", lane);
        }
    }

    private async Task<PreparedTest> PrepareAsync(
        string id, IReadOnlyList<Receiver> receivers, RenderedMessage content, ConfiguredService service, IChannel channel)
    {
        var (lane, audience) = (CurrentServices.LaneOf(service, receivers), service.Routes.AudienceOf(receivers));
        try
        {
            var (dispatch, unsendable) = await channel.Delivery.PrepareAsync(
                new Letter(id, service.Name, receivers, content, MessageForm.AsWritten, new Uri(links.Sample)), service.Routes,
                CancellationToken.None);
            return new(receivers, lane, audience, dispatch, unsendable);
        }
        catch (InvalidOperationException e)
        {
            // The secret cannot be decrypted; the exception's text contains only its fingerprint.
            return new(receivers, lane, audience, null, new(OutcomeClass.Configuration) { PlatformMessage = e.Message });
        }
    }

    /// <summary>Waits until the alarms that wait for the lane are under way and there is room besides what is kept for alarms.</summary>
    /// <param name="began">When the first of the lanes was looked at; all of them wait no longer than <paramref name="within"/>.</param>
    private async Task<PreparedTest> TakeTurnAsync(PreparedTest test, long began, TimeSpan within)
    {
        while (test.Dispatch is not null)
        {
            var mayGo = !await waiting.HasAlarmsAsync(test.Lane, time.GetUtcNow(), CancellationToken.None);
            var paced = mayGo ? await PaceAsync(test, inTurn: true) : test with { Dispatch = null, Unsendable = behindAlarms };
            if (paced.Dispatch is not null || time.GetElapsedTime(began) >= within) return paced;
            await Task.Delay(nextLook, time);
        }

        return test;
    }

    private static readonly SendOutcome behindAlarms = new(OutcomeClass.Rate)
    {
        PlatformMessage = "Nothing was sent: alarms were still waiting for the same lane.",
    };

    private async Task<PreparedTest> PaceAsync(PreparedTest test, bool inTurn)
    {
        if (test.Dispatch is not { } dispatch || !lanes.LimitsOf(test.Lane).Any) return test;
        var now = time.GetUtcNow();
        var reserved = lanes.TryReserve(test.Lane, test.Audience, dispatch.Requests.Count, inTurn, out var freeAt);
        if (!reserved)
        {
            var limits = lanes.LimitsOf(test.Lane);
            var pace = new LanePace(limits);
            foreach (var send in await CountedSends.ReadAsync(
                database, [test.Lane], now - LanePace.MemoryOf(limits), CancellationToken.None)) pace.Restore(send);
            freeAt = HeldLanes.FreeAt(pace, test.Audience, dispatch.Requests.Count, inTurn, now);
        }

        return freeAt is null
            ? test with { Reserved = reserved } : test with { Dispatch = null, Unsendable = new(OutcomeClass.Rate) { RetryAfter = freeAt - now } };
    }

    private async Task<SendOutcome> SendAsync(PreparedTest test, CancellationToken deadline)
    {
        if (test.Dispatch is not { } dispatch) return test.Unsendable!;
        var verdicts = new Verdicts(dispatch, test.Receivers);
        SendOutcome? last = null;
        for (var i = 0; i < dispatch.Requests.Count; i++)
        {
            if (!verdicts.MayReachSomebody(i)) continue;
            try
            {
                last = await dispatch.SendAsync(i, deadline);
            }
            catch (OperationCanceledException)
            {
                return verdicts.Sum(new(OutcomeClass.Retry) { PlatformMessage = "no answer in time" }, i);
            }
            catch (Exception e)
            {
                // The other receivers' results are known.
                logger.LogError(e, "A test on lane {Lane} failed; whether it arrived is unknown", test.Lane);
                return verdicts.Sum(new(OutcomeClass.Unknown), i);
            }

            if (!verdicts.GoesOnAfter(last) && last.Class != OutcomeClass.Accepted) return verdicts.Sum(last, i);
        }

        return verdicts.Sum(last!, dispatch.Requests.Count);
    }

    private async Task<Guid> RecordAsync(string id, long version, object @event, AuditContext audit, IReadOnlyList<PreparedTest> counted)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        var eventId = events.Append(id, version, @event, audit);
        events.QueueTo(session);
        var now = time.GetUtcNow();
        LaneTable.QueueInsert(session, [.. counted.Select(x => x.Lane)]);
        CountedSends.QueueInsert(
            session, [.. counted.SelectMany(x => CountedSends.Of(x.Lane, x.Audience, Enumerable.Repeat(now, x.Dispatch!.Requests.Count)))]);
        await session.SaveChangesAsync(CancellationToken.None);
        return eventId;
    }
}
