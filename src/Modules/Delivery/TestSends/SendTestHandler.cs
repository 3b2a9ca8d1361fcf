using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Delivery.Lanes;
using Notify.Kernel;

namespace Notify.Delivery.TestSends;

/// <summary>Checks that a test can be sent, and has it sent.</summary>
public static class SendTestHandler
{
    /// <summary>A test is for a few; the platform's limits count it like any other message.</summary>
    public const int MaxReceivers = 100;

    public static async Task<TestAnswer> Handle(SendTest command, CurrentServices services, TestSender sender, CancellationToken cancellation)
    {
        if (!(await services.GetAsync(cancellation)).TryGetValue(command.ServiceId, out var service)) return new(false, [], null, []);
        var faults = Check(command, service).ToList();
        if (faults.Count > 0) return new(true, faults, null, []);
        var (id, results) = await sender.SendAsync(command, service);
        return new(true, [], id, results);
    }

    private static IEnumerable<TestFault> Check(SendTest command, ServiceDescription service)
    {
        if (command.ChannelType is { } type && type != service.Type)
            yield return new("serviceId", $"Service '{service.Name}' is of type {service.Type}, the message of type {type}.");
        if (service.WeCom is not { } weCom)
        {
            yield return new("serviceId", $"Services of type {service.Type} cannot be tested.");
            yield break;
        }

        if (command.Receivers.Count is 0 or > MaxReceivers) yield return new("receivers", $"Give 1 to {MaxReceivers} receivers.");
        var seen = new HashSet<string>(Names.Comparer);
        foreach (var (i, receiver) in command.Receivers.Take(MaxReceivers).Index())
        {
            var path = $"receivers[{i}]";
            if (FaultOf(receiver, weCom, service.Name) is { } fault) yield return fault with { Path = path + fault.Path };
            else if (!seen.Add($"{receiver!.Kind} {receiver.Alias}{receiver.Account}")) yield return new(path, "This receiver is listed twice.");
        }
    }

    private static TestFault? FaultOf(Receiver? receiver, WeComDescription weCom, string service) => receiver switch
    {
        null => new("", "A receiver must not be null."),
        { Kind: Receiver.Bot, Alias: null or "" } => new(".alias", "A receiver of kind bot needs the robot's alias."),
        { Kind: Receiver.Bot, Account: not null } => new(".account", "A receiver of kind bot has no account."),
        { Kind: Receiver.Bot } => CurrentServices.Robot(weCom, receiver.Alias) is null ? new("", $"Service '{service}' has no robot '{receiver.Alias}'.") : null,
        { Kind: Receiver.AccountKind, Account: null or "" } => new(".account", "A receiver of kind account needs the account."),
        { Kind: Receiver.AccountKind, Alias: not null } => new(".alias", "A receiver of kind account has no alias."),
        { Kind: Receiver.AccountKind, Account: Receiver.All } => weCom.App is null ? new("", $"Service '{service}' has no accounts to send to.") : null,
        { Kind: Receiver.AccountKind } => weCom.App is not null && weCom.Accounts.Contains(receiver.Account, StringComparer.OrdinalIgnoreCase)
            ? null : new("", $"Service '{service}' has no account '{receiver.Account}'."),
        _ => new(".kind", $"'{receiver.Kind}' is not a kind of receiver; use {Receiver.Bot} or {Receiver.AccountKind}."),
    };
}
