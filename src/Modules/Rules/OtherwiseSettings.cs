using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>A fallback for an action, by any service. It is used once, when a notification of the action has failed for good or reached only some
/// of its receivers, or a blocked lane has held it for the given time. All of its own receivers are notified.</summary>
public sealed record ActionOtherwise
{
    public const int MaxMinutes = 1_440;

    public string ServiceId { get; init => field = value ?? ""; } = "";

    /// <summary>A message of the service's type.</summary>
    public string MessageId { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<Receiver> Receivers { get; init => field = value ?? []; } = [];

    /// <summary>How many minutes a blocked lane may hold a notification, 0 to 1,440. Null means 0: at once.</summary>
    public int? AfterMinutes { get; init; }

    internal void Validate(string path, Errors errors)
    {
        if (ServiceId.Length == 0) errors.Add($"{path}.serviceId", "An action needs a service.");
        if (MessageId.Length == 0) errors.Add($"{path}.messageId", "An action needs a message.");
        if (Receivers.Count == 0) errors.Add($"{path}.receivers", "An action needs at least one receiver.");
        if (Receivers.Count > RuleAction.MaxReceivers)
            errors.Add($"{path}.receivers", $"An action has at most {RuleAction.MaxReceivers} receivers.");
        if (AfterMinutes is < 0 or > MaxMinutes) errors.Add($"{path}.afterMinutes", $"Give a number from 0 to {MaxMinutes}.");
    }

    /// <summary>The fallback as an action of its own, with the schedule of the action that it belongs to.</summary>
    /// <param name="type">The service's type.</param>
    internal RuleAction AsAction(RuleAction of, string type) =>
        new() { Type = type, ServiceId = ServiceId, MessageId = MessageId, ScheduleId = of.ScheduleId, Receivers = Receivers };
}
