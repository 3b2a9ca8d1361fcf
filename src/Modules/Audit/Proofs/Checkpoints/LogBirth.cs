using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Gives a new store, one without a single event, the mark of a log that was never signed. Every other store must have a mark already, so one without
/// it is not taken for new: somebody who removes everything that was signed cannot make Notify sign what is left. Must start before anything is
/// recorded.
/// </summary>
public sealed class LogBirth(NpgsqlDataSource database, Marks marks, TimeProvider time) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var look = new NpgsqlCommand(
            $"select not exists (select from {EventTables.Events}) and not exists (select from {Marks.Table} where name = 'log')", connection);
        if ((bool)(await look.ExecuteScalarAsync(cancellationToken))!) await marks.WriteAsync(
            connection, LogMark.New(time.GetUtcNow()), cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
