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
/// Compares read models with their events when Notify starts, and soon after anybody has written into their tables: nothing is decided by them, but
/// who writes there beside Notify is up to something. What is found raises an alarm, which ends when the rows are right again.
/// </summary>
public sealed class FoldedTableWatch(
    FoldedTables tables, LogIntegrity integrity, NpgsqlDataSource database, IConfiguration configuration, ILogger<FoldedTableWatch> logger)
    : Worker("Check of the tables", logger)
{
    private string seen = "";

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await CheckAsync(cancellation);
        return configuration.GetValue("Notify:Audit:TableCheckInterval", TimeSpan.FromSeconds(30));
    }

    /// <summary>Does nothing when nobody has written there since.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        try
        {
            if (await CompareAsync(cancellation) is not var (mark, findings)) return;
            foreach (var finding in findings) Logger.LogCritical("{Explanation}", finding.Explanation);
            await integrity.TablesAsync(findings.Count > 0 ? findings[0].Explanation : null, cancellation);
            seen = mark;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.Log(StoreFault.IsStoreDown(e)
                ? LogLevel.Warning : LogLevel.Error, e, "The tables of configuration could not be compared with their events; trying again");
        }
    }

    /// <summary>
    /// On one connection, and done with it before anything is told on another: somebody who wants to change the table of events waits for the one,
    /// and the other waits for them.
    /// </summary>
    /// <returns>Null when nobody has written there.</returns>
    private async Task<(string Mark, IReadOnlyList<Finding> Findings)?> CompareAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Rows and events of one moment: a change of configuration writes both in one transaction.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var mark = await tables.MarkAsync(connection, cancellation);
        return mark == seen ? null : (mark, await tables.CheckAsync(connection, cancellation));
    }
}
