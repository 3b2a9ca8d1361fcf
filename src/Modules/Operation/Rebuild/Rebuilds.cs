using Marten;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Operation.Rebuild;

/// <summary>Somebody started a rebuild of read models from the events. Stream <c>rebuild-…</c>.</summary>
public sealed record RebuildStarted(IReadOnlyList<string> Models);

/// <summary>The rebuild ended, or stopped at a fault.</summary>
/// <param name="Failure">At which model and why; null: all were rebuilt.</param>
public sealed record RebuildEnded(IReadOnlyList<RebuiltModel> Models, string? Failure = null);

/// <param name="Model">Its name.</param>
/// <param name="Checked">Rows, streams or blocks that were compared with the events.</param>
/// <param name="Written">How many of them differed and were written.</param>
/// <param name="Removed">Rows without events, which were removed.</param>
/// <param name="Unreadable">Streams that could not be read; their rows stay as they were.</param>
public sealed record RebuiltModel(string Model, long Checked, long Written, long Removed, long Unreadable)
{
    internal static RebuiltModel Of(string model, RebuiltRows rows) => new(model, rows.Checked, rows.Written, rows.Removed, rows.Unreadable);
}

/// <summary>The progress of the rebuild, or the result of the last one.</summary>
/// <param name="Models">The finished models, and the current one.</param>
/// <param name="Waiting">The models that follow.</param>
/// <param name="Failure">Why it stopped; null: it did not.</param>
public sealed record RebuildState(
    string? Id, bool Running, IReadOnlyList<RebuiltModel> Models, IReadOnlyList<string> Waiting, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    string? Failure);

/// <summary>
/// Rebuilds read models, one after the other, while Notify runs. There is only one rebuild at a time in the whole installation. If it is interrupted,
/// the tables remain usable, and it can simply be started again.
/// </summary>
internal sealed class Rebuilds(IEnumerable<IReadModel> models, IDocumentStore store, NpgsqlDataSource database, EventBatches batches,
    TimeProvider time, ILogger<Rebuilds> logger)
{
    public const string All = "all";

    /// <summary>How often the progress is written for other nodes.</summary>
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(1);

    public IReadOnlyList<string> Names { get; } = [.. models.Select(x => x.Name)];

    /// <summary>The chosen models in the order in which they are rebuilt, whatever the order of the request.</summary>
    /// <param name="wanted">Names, or <see cref="All"/>.</param>
    /// <exception cref="ProblemException">400: there is no such model.</exception>
    public IReadOnlyList<IReadModel> Choose(IReadOnlyList<string?> wanted)
    {
        if (wanted.Count == 0) throw ProblemException.Invalid("models", $"Name at least one model, or all. There are {string.Join(", ", Names)}.");
        foreach (var name in wanted)
            if (name != All && !Names.Contains(name, StringComparer.Ordinal)) throw ProblemException.Invalid(
                "models", $"There is no model '{Errors.Cut(name ?? "", 100)}'. There are {string.Join(", ", Names)}, and all.");
        return [.. models.Where(x => wanted.Contains(All, StringComparer.Ordinal) || wanted.Contains(x.Name, StringComparer.Ordinal))];
    }

    /// <summary>The state of the rebuild, on whichever node it runs.</summary>
    public Task<RebuildState> StateAsync(CancellationToken cancellation) => RebuildProgress.ReadAsync(database, cancellation);

    /// <returns>Its initial state, and a task that ends with it and never fails: the result says how it went.</returns>
    /// <exception cref="ProblemException">409: another rebuild is running.</exception>
    public async Task<(RebuildState Begun, Task<RebuildState> End)> BeginAsync(
        IReadOnlyList<IReadModel> chosen, AuditContext audit, CancellationToken stopping)
    {
        var connection = await database.OpenConnectionAsync(stopping);
        try
        {
            if (!await RebuildProgress.TryLockAsync(connection, stopping)) throw ProblemException.Conflict(
                "A rebuild is already running; GET /api/v1/operation/rebuild shows its progress.");
            var (id, now) = (Ids.New("rebuild", time.GetUtcNow()), time.GetUtcNow());
            await RecordAsync(id, 1, new RebuildStarted([.. chosen.Select(x => x.Name)]), audit, stopping);
            var state = new RebuildState(id, true, [], [.. chosen.Select(x => x.Name)], now, null, null);
            await RebuildProgress.WriteAsync(connection, state, stopping);
            return (state, Task.Run(() => RunAsync(state, chosen, audit, connection, stopping), CancellationToken.None));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<RebuildState> RunAsync(
        RebuildState state, IReadOnlyList<IReadModel> chosen, AuditContext audit, NpgsqlConnection held, CancellationToken stopping)
    {
        var done = new List<RebuiltModel>();
        string? failure = null;
        await using (held)
        {
            foreach (var model in chosen)
            {
                state = state with { Models = [.. done, RebuiltModel.Of(model.Name, RebuiltRows.None)], Waiting = [.. state.Waiting.Skip(1)] };
                try
                {
                    using var shown = new CancellationTokenSource();
                    var showing = ShowAsync(held, () => state, shown.Token);
                    try
                    {
                        done.Add(RebuiltModel.Of(model.Name, await model.RebuildAsync(audit, Report, stopping)));
                    }
                    finally
                    {
                        await shown.CancelAsync();
                        await showing;
                    }
                }
                catch (Exception e)
                {
                    failure = stopping.IsCancellationRequested
                        ? $"{model.Name}: Notify was stopped; ask for it again." : $"{model.Name}: {FaultText.Of(e)}";
                    logger.LogError(e, "The rebuild of {Model} stopped", model.Name);
                    break;
                }

                void Report(RebuiltRows rows) => state = state with { Models = [.. done, RebuiltModel.Of(model.Name, rows)] };
            }

            state = state with { Running = false, Models = [.. done], Waiting = [], EndedAt = time.GetUtcNow(), Failure = failure };
            try
            {
                await RecordAsync(state.Id!, 2, new RebuildEnded(done, failure), audit, CancellationToken.None);
                await RebuildProgress.WriteAsync(held, state, CancellationToken.None);
                await RebuildProgress.UnlockAsync(held);
            }
            catch (Exception e)
            {
                logger.LogError(e, "The end of the rebuild {Rebuild} could not be recorded", state.Id);
                // Closing the connection releases the lock.
                NpgsqlConnection.ClearPool(held);
            }
        }

        return state;
    }

    /// <summary>Writes the progress until it is cancelled. A failed write is only logged: the next one may succeed.</summary>
    private async Task ShowAsync(NpgsqlConnection held, Func<RebuildState> state, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await RebuildProgress.WriteAsync(held, state(), CancellationToken.None);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The progress of the rebuild could not be written");
            }

            await Task.Delay(interval, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RecordAsync(string stream, long version, object fact, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(stream, version, fact, audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
    }
}
