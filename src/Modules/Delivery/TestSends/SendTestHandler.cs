using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Kernel;

namespace Notify.Delivery.TestSends;

/// <summary>Checks that a test can be sent, and sends it.</summary>
public static class SendTestHandler
{
    /// <summary>A test is meant for a few receivers; it counts towards the platform's limits like any other message.</summary>
    public const int MaxReceivers = 100;

    public static async Task<TestAnswer> Handle(
        SendTest command, CurrentServices services, ChannelCatalog channels, TestSender sender, CancellationToken cancellation)
    {
        var known = await services.GetAsync(cancellation);
        if (known.Find(command.ServiceId) is not { } service) return new(false, [], null, []);
        if (await sender.FindAsync(command.TestId, service, cancellation) is { } already) return new(true, [], command.TestId, already);
        var faults = Check(command, service, known.People, channels).ToList();
        if (faults.Count > 0) return new(true, faults, null, []);
        var (reached, missed) = Addressed.Of([.. command.Receivers.OfType<Receiver>()], channels.Of(service.Type).Person, known.People);
        if (reached.Count > MaxReceivers) return new(true, [new("receivers", $"Give 1 to {MaxReceivers} receivers.")], null, []);
        List<TestResult> unreached = [.. missed.Select(TestResults.Of)];
        if (reached.Count == 0) return new(true, [], null, unreached);
        var (id, results) = await sender.SendAsync(command with { Receivers = reached }, service);
        return new(true, [], id, [.. results, .. unreached]);
    }

    private static IEnumerable<TestFault> Check(
        SendTest command, ConfiguredService service, ConfiguredPeople people, ChannelCatalog channels)
    {
        if (command.ChannelType is { } type && type != service.Type)
            yield return new("serviceId", $"Service '{service.Name}' is of type {service.Type}, the message of type {type}.");
        if (channels.Find(service.Type) is not { } channel)
        {
            yield return new("serviceId", $"Services of type {service.Type} cannot be tested.");
            yield break;
        }

        if (command.Receivers.Count is 0 or > MaxReceivers) yield return new("receivers", $"Give 1 to {MaxReceivers} receivers.");
        var faults = new Errors();
        List<Receiver?> receivers = [.. command.Receivers.Take(MaxReceivers)];
        channel.Receivers.Check(receivers, "receivers", faults);
        foreach (var (path, messages) in faults.ToDictionary())
            foreach (var message in messages) yield return new(path, message);
        foreach (var (i, receiver) in receivers.Index())
        {
            if (receiver is null || channel.Receivers.Of(receiver)?.NameOf(receiver) is not { Length: > 0 }) continue;
            if (!service.Routes.Has(receiver)) yield return new(
                $"receivers[{i}]", PeopleKinds.IsPeople(receiver)
                    ? $"Service '{service.Name}' does not send to people." : $"Service '{service.Name}' has no {channel.Receivers.Describe(receiver)}.");
            else if (PeopleKinds.IsPeople(receiver) && !people.Has(receiver)) yield return new(
                $"receivers[{i}].account", Ids.NoSuch(receiver.Kind, receiver.Account!));
        }
    }
}
