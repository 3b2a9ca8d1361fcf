using RabbitMQ.Client;

namespace Notify.Host.Operating;

/// <summary>Waits for a broker that is not there yet, as <see cref="StartTurn"/> does for the database. Later it may come and go: what is to be sent waits in the database.</summary>
internal sealed class BrokerTurn(Uri broker, TimeProvider time, ILogger<BrokerTurn> logger) : IHostedService
{
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory();
        Transport.Reach(factory, broker);
        var began = time.GetUtcNow();
        while (true)
        {
            try
            {
                await using var connection = await factory.CreateConnectionAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var fault = $"The message broker at {broker.Host}:{factory.Port} cannot be used: {e.GetBaseException().Message}";
                if (time.GetUtcNow() - began > patience) throw new StartException(fault, e);
                logger.LogWarning("The start waits for the message broker. {Fault}", fault);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
