using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// A store without a single event is new: it gets the mark of a log that was never signed. Every other store has had a mark since then, so that one
/// without is not taken for new: somebody who takes away all that was signed cannot have Notify sign what is left. To be started before anything is
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
