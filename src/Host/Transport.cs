using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Host.Operating;
using RabbitMQ.Client;
using Wolverine;
using Wolverine.RabbitMQ;

namespace Notify.Host;

/// <summary>How stored messages get from one module to the next.</summary>
public static class Transport
{
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>Notify:Transport</c>: <c>postgresql</c> (the default: queues in Notify's own database) or <c>rabbitmq</c>, a broker at
    /// <c>ConnectionStrings:RabbitMq</c> (<c>amqp://user:password@host:5672/vhost</c>). Either way a message is stored with what it follows from, until
    /// the broker has it, and stored again by who receives it, before the broker forgets it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The settings name no transport that there is.</exception>
    public static void UseTransport(this WolverineOptions options, IConfiguration configuration)
    {
        switch (configuration["Notify:Transport"]?.ToLowerInvariant() ?? "postgresql")
        {
            case "postgresql":
                break;
            case "rabbitmq":
                if (!Uri.TryCreate(configuration.GetConnectionString("RabbitMq"), UriKind.Absolute, out var broker) || broker.Scheme is not ("amqp" or "amqps"))
                    throw new InvalidOperationException("Notify:Transport is rabbitmq: ConnectionStrings:RabbitMq must be an address like amqp://user:password@host:5672/vhost.");
                // The outbox forgets a message when the broker has said that it has it, not when it was put on the wire.
                options.UseRabbitMq(factory => Reach(factory, broker)).AutoProvision()
                    .ConfigureChannelCreation(x => (x.PublisherConfirmationsEnabled, x.PublisherConfirmationTrackingEnabled) = (true, true));
                options.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(x => ActivatorUtilities.CreateInstance<BrokerTurn>(x, broker)));
                Route<AlarmsChanged>(options, "notify.alarms-changed");
                Route<NotificationsDecided>(options, "notify.notifications-decided");
                break;
            case var other:
                throw new InvalidOperationException($"Notify:Transport is {other}; there are postgresql and rabbitmq.");
        }
    }

    /// <summary>
    /// A broker that is frozen, or cut off without a word, is noticed after 20 seconds at the latest. Whoever waits for it until then (intake for its word that it
    /// has a message, a stop for its farewell) would by the defaults wait for four minutes.
    /// </summary>
    internal static void Reach(ConnectionFactory factory, Uri broker)
    {
        factory.Uri = broker;
        factory.RequestedHeartbeat = silence;
        (factory.RequestedConnectionTimeout, factory.HandshakeContinuationTimeout, factory.ContinuationTimeout) = (silence, silence, silence);
    }

    /// <summary>One node at a time listens, so that what happens to an alarm is decided and told in its order.</summary>
    private static void Route<T>(WolverineOptions options, string queue)
    {
        options.PublishMessage<T>().ToRabbitQueue(queue).UseDurableOutbox();
        options.ListenToRabbitQueue(queue).UseDurableInbox().ListenWithStrictOrdering();
    }
}
