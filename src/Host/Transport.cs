using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Wolverine;
using Wolverine.RabbitMQ;

namespace Notify.Host;

/// <summary>How stored messages get from one module to the next.</summary>
public static class Transport
{
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>Notify:Transport</c>: <c>postgresql</c> (the default: queues in Notify's own database) or <c>rabbitmq</c>, a broker at
    /// <c>ConnectionStrings:RabbitMq</c> (<c>amqp://user:password@host:5672/vhost</c>). Either way a message is stored together with its cause until
    /// the broker has it, and the receiver stores it before the broker forgets it.
    /// </summary>
    /// <exception cref="StartException">The settings name an unknown transport, or no broker.</exception>
    public static void UseTransport(this WolverineOptions options, IConfiguration configuration)
    {
        if (BrokerOf(configuration) is not { } broker) return;
        // The outbox deletes a message when the broker has confirmed it, not when it was sent.
        options.UseRabbitMq(factory => Reach(factory, broker)).AutoProvision()
            .ConfigureChannelCreation(x => (x.PublisherConfirmationsEnabled, x.PublisherConfirmationTrackingEnabled) = (true, true));
        Route<AlarmsChanged>(options, "notify.alarms-changed");
        Route<NotificationsDecided>(options, "notify.notifications-decided");
    }

    /// <summary>Connects to the broker, if one is configured. Later it may come and go: messages wait in the database.</summary>
    /// <exception cref="BrokerUnreachableException">The broker cannot be used now, for example because of a wrong password.</exception>
    internal static async Task TryBrokerAsync(IConfiguration configuration, CancellationToken cancellation)
    {
        if (BrokerOf(configuration) is not { } broker) return;
        var factory = new ConnectionFactory();
        Reach(factory, broker);
        await using var connection = await factory.CreateConnectionAsync(cancellation);
    }

    /// <returns>Null: messages go through the database.</returns>
    internal static Uri? BrokerOf(IConfiguration configuration) => configuration["Notify:Transport"]?.ToLowerInvariant() switch
    {
        null or "postgresql" => null,
        "rabbitmq" when Uri.TryCreate(configuration.GetConnectionString("RabbitMq"), UriKind.Absolute, out var broker) && broker.Scheme is "amqp"
        or "amqps" => broker,
        "rabbitmq" => throw new StartException(
        "Notify:Transport is rabbitmq: ConnectionStrings:RabbitMq must be an address like amqp://user:password@host:5672/vhost."),
        var other => throw new StartException($"Notify:Transport is {other}; there are postgresql and rabbitmq."),
    };

    /// <summary>
    /// Makes Notify notice within 20 seconds that a broker hangs or was cut off. By default, whatever waits for the broker (intake for a
    /// confirmation, a shutdown for the end of the connection) would wait four minutes.
    /// </summary>
    private static void Reach(ConnectionFactory factory, Uri broker)
    {
        factory.Uri = broker;
        // For amqps: by default the library accepts a certificate with another name.
        factory.Ssl.AcceptablePolicyErrors = System.Net.Security.SslPolicyErrors.None;
        factory.RequestedHeartbeat = silence;
        (factory.RequestedConnectionTimeout, factory.HandshakeContinuationTimeout, factory.ContinuationTimeout) = (silence, silence, silence);
    }

    /// <summary>Only one node at a time listens, so that the changes of an alarm are decided and notified in order.</summary>
    private static void Route<T>(WolverineOptions options, string queue)
    {
        options.PublishMessage<T>().ToRabbitQueue(queue).UseDurableOutbox();
        options.ListenToRabbitQueue(queue).UseDurableInbox().ListenWithStrictOrdering();
    }
}
