using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Operation.Rebuild;

/// <summary>Rows of read models that somebody had changed were rewritten from their events. Stream <c>restore-…</c>.</summary>
public sealed record ReadModelsRestored(IReadOnlyList<RestoredRow> Rows);

/// <summary>The tables of configuration and of API keys, and the configuration's version number: few rows, restored in one transaction.</summary>
internal sealed class ConfigurationTables(FoldedTables tables, IDocumentStore store, EventBatches batches, ChangeTurns turns,
    NpgsqlDataSource database, IEnumerable<ConfiguredKind> kinds, TimeProvider time) : IReadModel
{
    public string Name => "configuration";

    public IReadOnlyList<string> Tables => tables.Tables;

    public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
    {
        var (restored, unreadable) = await RestoreAsync(audit, cancellation);
        return new(restored.Count + unreadable, restored.Count(x => x.Name is not null), restored.Count(x => x.Name is null), unreadable);
    }

    /// <summary>Restores the rows that differ from their events, and records each.</summary>
    public async Task<(IReadOnlyList<RestoredRow> Restored, int Unreadable)> RestoreAsync(AuditContext audit, CancellationToken cancellation)
    {
        using var turn = await turns.TakeAsync(cancellation);
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var isSetBack = await IsSetBackAsync(cancellation);
        // Keeps the configuration unchanged meanwhile.
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        var (restored, unreadable) = await tables.RestoreAsync(session, cancellation);
        if (restored.Count == 0 && !isSetBack) return (restored, unreadable);
        var events = batches.New();
        events.Append(Ids.New("restore", time.GetUtcNow()), 1, new ReadModelsRestored(restored), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        return (restored, unreadable);
    }

    private async Task<bool> IsSetBackAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (kept, recorded) = await ConfigurationStamp.CompareAsync(connection, kinds, cancellation);
        return kept < recorded;
    }
}

/// <summary><c>POST /configuration/rebuild</c>: restores from the events the rows that somebody changed by SQL.</summary>
internal static class RebuildTables
{
    internal sealed record Answer(IReadOnlyList<RestoredRow> Restored);

    public static void Map(RouteGroupBuilder configuration) =>
        configuration.MapPost("/rebuild", async (HttpContext http, ConfigurationTables tables) =>
            new Answer((await tables.RestoreAsync(http.Audit(), http.RequestAborted)).Restored))
            .Requires(Permission.OperationManage)
            .Document(
                "rebuildConfiguration", "Restore changed tables",
                "Rewrites rows of rules, services, messages, schedules and API keys from the events where they were changed outside Notify. "
                + "No decision was based on the changed rows.");
}
