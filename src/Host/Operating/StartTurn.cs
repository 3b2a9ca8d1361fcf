using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Notify.Host.Operating;

/// <summary>
/// Nodes of one cluster start one after the other: two that create the same schema, or the same first key, would collide. Also waits for a database
/// that is not available yet, and for a broker if one is configured; the rest of the start needs them.
/// </summary>
internal sealed class StartTurn(NpgsqlDataSource database, StoreKey key, IConfiguration settings, TimeProvider time,
    ILogger<StartTurn> logger) : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>Any number that nobody else uses in this database.</summary>
    private const long LockKey = 0x4E6F74696679;

    private static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    private NpgsqlConnection? turn;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (began, told) = (time.GetTimestamp(), "");
        while (true)
        {
            try
            {
                await Transport.TryBrokerAsync(settings, cancellationToken);
                if (await TryTakeAsync(cancellationToken))
                {
                    if (!Storage.CreatesSchema(settings) && !await EventTables.ExistAsync(database, cancellationToken)) throw new StartException(
                        "The database has no schema, and Notify:CreateSchema is false. Create it with: dotnet Notify.Host.dll db-apply");
                    await key.CheckAsync(cancellationToken);
                    var data = settings["Notify:DataDirectory"]!;
                    if (DataDirectory.OthersMayEnter(data)) logger.LogWarning(
                        "The data directory {Directory} contains keys, but users other than its owner can enter it. Run chmod 700", data);
                    return;
                }

                logger.LogInformation("Another node is starting; waiting for it");
            }
            catch (Exception e) when (e is BrokerUnreachableException || StoreFault.IsStoreDown(e))
            {
                // Otherwise every node, this one included, would wait for this one.
                await DisposeAsync();
                var who = e is BrokerUnreachableException
                    ? $"The message broker at {Transport.BrokerOf(settings)!.Authority} cannot be used." : StoreState.Describe(e);
                var fault = $"{who} {e.GetBaseException().Message}";
                if (time.GetElapsedTime(began) > patience) throw new StartException(fault, e);
                if (fault != told) logger.LogWarning("Startup is waiting. {Fault}", told = fault);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    public async Task StartedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref turn, null) is not { } held) return;
        await using (held)
        {
            try
            {
                // A connection that goes back to the pool keeps its locks until it is used again.
                await using var command = new NpgsqlCommand($"select pg_advisory_unlock({LockKey})", held);
                await command.ExecuteNonQueryAsync();
            }
            catch (Exception e) when (StoreFault.Passes(e))
            {
                // Closed instead, which frees the lock as well.
                NpgsqlConnection.ClearPool(held);
            }
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> TryTakeAsync(CancellationToken cancellation)
    {
        // Held from the beginning: a statement whose answer was lost may have taken the lock.
        turn = await database.OpenConnectionAsync(cancellation);
        await using (var command = new NpgsqlCommand($"select pg_try_advisory_lock({LockKey})", turn))
            if (await command.ExecuteScalarAsync(cancellation) is true) return true;
        await turn.DisposeAsync();
        turn = null;
        return false;
    }
}
