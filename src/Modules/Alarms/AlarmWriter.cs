using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Notify.Alarms;

/// <summary>A change of one alarm.</summary>
/// <param name="Decide">Decides on the current alarm: an event, an <see cref="Extension"/>, or null when nothing changes. May throw a <see
/// cref="ProblemException"/>, which only this caller receives.</param>
/// <param name="EventId">Given for a report that may be delivered twice: the second delivery changes nothing.</param>
/// <param name="Said">Given if a second delivery is to be recorded as a repeat.</param>
/// <param name="Path">The path in the report; null for a change by an operator.</param>
/// <param name="Within">Refused if the existing alarm's path is outside, or the one that it would get; null: no limit.</param>
public sealed record AlarmCommand(
    string AlarmId, Func<Alarm?, object?> Decide, AuditContext Audit, Guid? EventId = null, SourceReport? Said = null, string? Path = null,
    PathLimit? Within = null)
{
    /// <summary>Why a report is refused whose path is outside.</summary>
    public static string OutsideOf(PathLimit limit) => $"Only alarms below these paths may be reported with these credentials: {limit}.";
}

/// <summary>The only writer of alarms on this node. Requests that arrive together are committed together: one read, then one transaction with the
/// events, the alarms' new state and one message for the decisions. A request is answered only after its commit.</summary>
public sealed class AlarmWriter : IHostedService, IAsyncDisposable
{
    /// <summary>Alarms in one transaction, at most; a single request of 1,000 may exceed it.</summary>
    private const int BatchSize = 500;

    private const int Capacity = 10_000;

    private readonly IDocumentStore store;
    private readonly NpgsqlDataSource database;
    private readonly IServiceProvider services;
    private readonly EventBatches batches;
    private readonly TimeProvider time;
    private readonly CurrentSilences current;
    private readonly ReportsHeard heard;
    private readonly GroupCommit<IReadOnlyList<AlarmCommand>, IReadOnlyDictionary<int, ProblemException>> commits;
    private readonly RepeatedReports repeated = new();

    private readonly bool tellsStates;

    public AlarmWriter(
        IDocumentStore store, NpgsqlDataSource database, IServiceProvider services, EventBatches batches, TimeProvider time, CurrentSilences current,
        ReportsHeard heard, ToldStates told)
    {
        tellsStates = told.IsOn;
        (this.store, this.database, this.services, this.batches, this.time, this.current, this.heard) = (
            store, database, services, batches, time, current, heard);
        commits = new(CommitAsync, x => x.Count, BatchSize, Capacity, time) { Name = "alarms" };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        commits.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => commits.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => commits.DisposeAsync();

    /// <returns>Completes when the changes of all commands are committed.</returns>
    /// <exception cref="ProblemException">A command was refused; or 503: the database is unavailable.</exception>
    public async Task WriteAsync(IReadOnlyList<AlarmCommand> commands)
    {
        foreach (var (_, refusal) in await WriteEachAsync(commands)) throw refusal;
    }

    /// <returns>The refusals by the index of their command, when the changes of all other commands are committed.</returns>
    /// <exception cref="ProblemException">503: the database is unavailable.</exception>
    public Task<IReadOnlyDictionary<int, ProblemException>> WriteEachAsync(IReadOnlyList<AlarmCommand> commands) => commits.AddAsync(commands);

    /// <summary>A sender reports that it has nothing to report.</summary>
    /// <param name="paths">The paths that it may report.</param>
    public void NoteSignOfLife(PathLimit paths) => heard.NoteAll(paths);

    private async Task<IReadOnlyList<IReadOnlyDictionary<int, ProblemException>>> CommitAsync(
        IReadOnlyList<IReadOnlyList<AlarmCommand>> requests, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryCommitAsync(requests, again: attempt > 1, cancellation);
            }
            catch (Exception e) when (attempt < 5 && WriteConflict.Is(e))
            {
                // Another node changed one of these alarms meanwhile: decide again on its current state. Or an alarm returns whose events were
                // archived.
            }
        }
    }

    private async Task<IReadOnlyList<IReadOnlyDictionary<int, ProblemException>>> TryCommitAsync(
        IReadOnlyList<IReadOnlyList<AlarmCommand>> requests, bool again, CancellationToken cancellation)
    {
        string[] ids = [.. requests.SelectMany(x => x).Select(x => x.AlarmId).Distinct(StringComparer.Ordinal)];
        var (alarms, recorded, silences) = await AlarmTable.LoadAsync(
            database, services.GetRequiredService<EventReader>(), ids,
            [.. requests.SelectMany(x => x).Where(x => x.EventId is not null).Select(x => x.EventId!.Value)], cancellation);
        var putAway = again ? await Streams.PutAwayAsync(database, [.. ids.Where(x => !alarms.ContainsKey(x))], cancellation) : [];

        var inForce = await current.GetAsync(silences, cancellation);
        var transaction = new AlarmTransaction(alarms, putAway, recorded, batches.New(), repeated, inForce, time.GetUtcNow(), tellsStates);
        var results = new List<IReadOnlyDictionary<int, ProblemException>>(requests.Count);
        foreach (var request in requests)
        {
            var refusals = new Dictionary<int, ProblemException>();
            results.Add(refusals);
            foreach (var (index, command) in request.Index())
            {
                try
                {
                    transaction.Add(command);
                    // A report on a known alarm need not give its path.
                    if (command.Path is { } path) heard.Note(alarms.GetValueOrDefault(command.AlarmId)?.Facts.Path ?? path);
                }
                catch (ProblemException refusal)
                {
                    refusals[index] = refusal;
                }
            }
        }

        transaction.Complete();
        if (transaction.IsEmpty) return results;
        await using var session = store.LightweightSession();
        transaction.QueueTo(session);
        if (transaction.Changes.Count > 0)
        {
            var outbox = new MartenOutbox(services.GetRequiredService<IWolverineRuntime>(), session);
            await outbox.PublishAsync(new AlarmsChanged(Ids.New("batch", time.GetUtcNow()), transaction.Changes));
        }

        await session.SaveChangesAsync(cancellation);
        repeated.Recorded(transaction.Repeats);
        return results;
    }
}
