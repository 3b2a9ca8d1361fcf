using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Notify.Alarms.Alarms;

/// <summary>What is to happen to one alarm.</summary>
/// <param name="Decide">
/// Decides on the alarm as it is then: an event, an <see cref="Extension"/>, or null when nothing changes. May throw a <see cref="ProblemException"/>,
/// which only this caller gets.
/// </param>
/// <param name="EventId">Given for a report that may come twice: the second time nothing changes, and that it came is on record.</param>
public sealed record AlarmCommand(string AlarmId, Func<Alarm?, object?> Decide, AuditContext Audit, Guid? EventId = null);

/// <summary>
/// The only writer of alarms on this node. Requests that arrive together are committed together: one read, then one transaction that holds the
/// events, the alarms' new state and one message to the deciders. Who is answered, is on disk.
/// </summary>
public sealed class AlarmWriter : IHostedService, IAsyncDisposable
{
    /// <summary>Alarms in one transaction, at most (a request of 1,000 may exceed it once).</summary>
    private const int BatchSize = 500;

    private const int Capacity = 10_000;

    private readonly IDocumentStore store;
    private readonly NpgsqlDataSource database;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;
    private readonly GroupCommit<IReadOnlyList<AlarmCommand>, ProblemException?> commits;
    private readonly RepeatedReports repeated = new();

    public AlarmWriter(IDocumentStore store, NpgsqlDataSource database, IServiceProvider services, TimeProvider time)
    {
        (this.store, this.database, this.services, this.time) = (store, database, services, time);
        commits = new(CommitAsync, x => x.Count, BatchSize, Capacity, time) { Name = "alarms" };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        commits.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => commits.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => commits.DisposeAsync();

    /// <returns>When all the commands' facts are on durable storage.</returns>
    /// <exception cref="ProblemException">What a decision refused, or 503 when the store cannot take it.</exception>
    public async Task WriteAsync(IReadOnlyList<AlarmCommand> commands)
    {
        if (await commits.AddAsync(commands) is { } refusal) throw refusal;
    }

    private async Task<IReadOnlyList<ProblemException?>> CommitAsync(IReadOnlyList<IReadOnlyList<AlarmCommand>> requests, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryCommitAsync(requests, again: attempt > 1, cancellation);
            }
            catch (Exception e) when (attempt < 5 && WriteConflict.Is(e))
            {
                // Another node changed one of these alarms in between: decide again on what it is now. Or one comes back whose events were put away.
            }
        }
    }

    private async Task<IReadOnlyList<ProblemException?>> TryCommitAsync(IReadOnlyList<IReadOnlyList<AlarmCommand>> requests, bool again, CancellationToken cancellation)
    {
        string[] ids = [.. requests.SelectMany(x => x).Select(x => x.AlarmId).Distinct(StringComparer.Ordinal)];
        var (alarms, recorded) = await AlarmTable.LoadAsync(
            database, ids, [.. requests.SelectMany(x => x).Where(x => x.EventId is not null).Select(x => x.EventId!.Value)], cancellation);
        var putAway = again ? await AlarmTable.PutAwayAsync(database, [.. ids.Where(x => !alarms.ContainsKey(x))], cancellation) : [];

        var events = services.GetRequiredService<EventBatch>();
        var changed = new Dictionary<string, Alarm>(StringComparer.Ordinal);
        var extended = new Dictionary<string, Alarm>(StringComparer.Ordinal);
        var changes = new List<AlarmChange>();
        var repeats = new List<RepeatedReport>();
        var results = new ProblemException?[requests.Count];
        for (var i = 0; i < requests.Count; i++)
        {
            foreach (var command in requests[i])
            {
                if (command.EventId is { } known && recorded.TryGetValue(known, out var told))
                {
                    if (command.Decide(alarms.GetValueOrDefault(told.AlarmId)) is AlarmReported report)
                        repeats.Add(new(told.AlarmId, report.Name, new ReportRepeated(told.Version, report.State, report.EventTime, Times: 1), command.Audit));
                    continue;
                }

                try
                {
                    var before = alarms.GetValueOrDefault(command.AlarmId);
                    if (command.Decide(before) is not { } fact) continue;
                    if (fact is Extension extension)
                    {
                        if (before is null || extension.Of(before) is not { } longer) continue;
                        alarms[longer.Id] = longer;
                        (changed.ContainsKey(longer.Id) ? changed : extended)[longer.Id] = longer;
                        continue;
                    }

                    var (after, eventId) = Record(command.AlarmId, fact, command.Audit, command.EventId);
                    if (command.EventId is { } first) recorded[first] = (after.Id, after.Version);
                    changes.Add(new AlarmChange(after.Id, after.Version, eventId, command.Audit.CorrelationId, Alarm.FactsAfter(fact, after), command.Audit.TraceParent));
                }
                catch (ProblemException refusal)
                {
                    results[i] = refusal;
                }
            }
        }

        // Nothing is decided about a repeat, so the deciders are not told of it.
        var selected = repeated.Select(repeats, time.GetUtcNow());
        foreach (var repeat in selected)
        {
            if (alarms.ContainsKey(repeat.AlarmId)) Record(repeat.AlarmId, repeat.Fact, repeat.Audit, null);
            else
            {
                // The alarm was put away since: it does not come back by a repeat, and its stream is closed.
                var fact = repeat.Fact;
                events.Append(
                    Ids.New("repeat", time.GetUtcNow()), 1,
                    new PutAwayReportRepeated(repeat.AlarmId, repeat.Name, fact.State, fact.EventTime, fact.Times, fact.QuietUntil), repeat.Audit);
            }
        }

        if (events.Count + extended.Count == 0) return results;
        await using var session = store.LightweightSession();
        AlarmTable.QueueUpsert(session, changed.Values);
        AlarmTable.QueueExtensions(session, extended.Values);
        events.QueueTo(session);
        if (changes.Count > 0)
        {
            var outbox = new MartenOutbox(services.GetRequiredService<IWolverineRuntime>(), session);
            await outbox.PublishAsync(new AlarmsChanged(Ids.New("batch", time.GetUtcNow()), changes));
        }

        await session.SaveChangesAsync(cancellation);
        repeated.Recorded(selected);
        return results;

        (Alarm After, Guid EventId) Record(string alarmId, object fact, AuditContext audit, Guid? id)
        {
            var before = alarms.GetValueOrDefault(alarmId);
            var after = Alarm.Apply(before, alarmId, fact);
            if (before is null && putAway.TryGetValue(alarmId, out var last)) after = after with { Version = last + 1 };
            alarms[alarmId] = changed[alarmId] = after;
            extended.Remove(alarmId);
            return (after, events.Append(alarmId, after.Version, fact, audit, id));
        }
    }
}
