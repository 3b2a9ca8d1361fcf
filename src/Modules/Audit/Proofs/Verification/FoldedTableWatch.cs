using System.Data;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>
/// Compares read models with their events when Notify starts, and soon after their tables were written. Nothing is decided by these tables, but
/// somebody who writes to them besides Notify is up to something. A difference raises an alarm, which ends when the rows are right again.
/// </summary>
public sealed class FoldedTableWatch(
    FoldedTables tables, LogIntegrity integrity, NpgsqlDataSource database, IConfiguration configuration, ILogger<FoldedTableWatch> logger)
    : Worker("Check of the tables", logger)
{
    private string seen = "";

    /// <summary>The first finding of the last comparison; null: there was none.</summary>
    private string? fault;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await CheckAsync(cancellation);
        return configuration.GetValue("Notify:Audit:TableCheckInterval", TimeSpan.FromSeconds(30));
    }

    /// <summary>Compares only if the tables were written since the last check. A difference that remains is reported each time, since its alarm is
    /// raised again each day.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        try
        {
            if (await CompareAsync(cancellation) is not var (mark, findings))
            {
                if (fault is not null) await integrity.TablesAsync(fault, cancellation, isNews: false);
                return;
            }

            foreach (var finding in findings) Logger.LogCritical("{Explanation}", finding.Explanation);
            var found = findings.Count > 0 ? findings[0].Explanation : null;
            await integrity.TablesAsync(found, cancellation);
            (seen, fault) = (mark, found);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.Log(StoreFault.IsStoreDown(e)
                ? LogLevel.Warning : LogLevel.Error, e, "The tables of configuration could not be compared with their events; trying again");
        }
    }

    /// <summary>
    /// Is finished with its connection before the alarm uses another one. Otherwise a process that wants to lock the table of events could wait for
    /// the first connection, while the second one waits for that process.
    /// </summary>
    /// <returns>Null: the tables were not written.</returns>
    private async Task<(string Mark, IReadOnlyList<Finding> Findings)?> CompareAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // In one snapshot, because a change of configuration writes rows and events in one transaction.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var mark = await tables.MarkAsync(connection, cancellation);
        return mark == seen ? null : (mark, await tables.CheckAsync(connection, cancellation));
    }
}
