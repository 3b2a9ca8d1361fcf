using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;

namespace Notify.Rules;

/// <summary>Checks that what a rule refers to exists, is enabled and fits: a service and a message of the action's type, a standard schedule,
/// receivers that the service has. Each lookup returns null for an unknown id.</summary>
public sealed class RuleReferences(
    Func<string, ConfiguredService?> service,
    Func<string, Configured<MessageSettings>?> message,
    Func<string, Configured<ScheduleSettings>?> schedule,
    ConfiguredPeople people,
    ChannelCatalog channels)
{
    /// <param name="settings">They have passed <see cref="RuleSettings.Validate"/>.</param>
    public void Validate(RuleSettings settings, Errors errors)
    {
        for (var i = 0; i < settings.Actions.Count; i++) Validate(settings.Actions[i], $"actions[{i}]", errors);
    }

    private void Validate(RuleAction action, string path, Errors errors)
    {
        var found = service(action.ServiceId);
        if (IsUsable("service", action.ServiceId, found?.Name, found?.Enabled, $"{path}.serviceId", errors))
        {
            Fits($"{path}.serviceId", $"Service '{found!.Name}'", found.Type, action.Type, errors);
            CheckReceivers(found, action.Receivers, $"{path}.receivers", errors);
        }

        var text = message(action.MessageId);
        if (IsUsable("message", action.MessageId, text?.Name, text?.Enabled, $"{path}.messageId", errors))
            Fits($"{path}.messageId", $"Message '{text!.Name}'", text.Settings.Type, action.Type, errors);

        var times = schedule(action.ScheduleId);
        if (IsUsable("schedule", action.ScheduleId, times?.Name, times?.Enabled, $"{path}.scheduleId", errors)
            && times!.Settings.Kind != ScheduleSettings.Standard)
            errors.Add($"{path}.scheduleId", $"Schedule '{times.Name}' is a holiday; an action needs a standard schedule.");
        if (action.Otherwise is { } other) Validate(other, $"{path}.otherwise", errors);
    }

    /// <summary>The fallback has no type of its own: its service determines it.</summary>
    private void Validate(ActionOtherwise other, string path, Errors errors) =>
        Validate(other.ServiceId, other.MessageId, other.Receivers, path, "the action", errors);

    /// <summary>Checks a service, message and receivers without a type of their own: the service determines it.</summary>
    /// <param name="path">The JSON path of the object with these fields; empty: the whole body.</param>
    /// <param name="what">The name of the object in error texts, such as <c>the action</c>.</param>
    internal void Validate(string serviceId, string messageId, IReadOnlyList<Receiver> receivers, string path, string what, Errors errors)
    {
        var (found, text) = (service(serviceId), message(messageId));
        var (at, to) = (JsonFault.Join(path, "messageId"), JsonFault.Join(path, "receivers"));
        var isUsable = IsUsable("service", serviceId, found?.Name, found?.Enabled, JsonFault.Join(path, "serviceId"), errors);
        if (IsUsable("message", messageId, text?.Name, text?.Enabled, at, errors) && isUsable)
            Fits(at, $"Message '{text!.Name}'", text.Settings.Type, found!.Type, errors, what);
        if (!isUsable) return;
        channels.Find(found!.Type)?.Receivers.Check(receivers, to, errors);
        CheckReceivers(found, receivers, to, errors);
    }

    /// <summary>Warns of people named by the rule whom it cannot reach at present. The rule stays valid, since people change independently of
    /// rules.</summary>
    /// <param name="settings">Complete, not a partial change.</param>
    public void Warn(RuleSettings settings, Errors warnings)
    {
        foreach (var (i, action) in settings.Actions.Index())
        {
            Warn(action.ServiceId, action.Receivers, $"actions[{i}].receivers", warnings);
            if (action.Otherwise is { } other) Warn(other.ServiceId, other.Receivers, $"actions[{i}].otherwise.receivers", warnings);
        }
    }

    internal void Warn(string serviceId, IReadOnlyList<Receiver> receivers, string path, Errors warnings)
    {
        if (service(serviceId) is not { } found || channels.Find(found.Type) is not { Person: { } address }) return;
        foreach (var (i, receiver) in receivers.Index())
            foreach (var same in Addressed.Of([receiver], address, people).Missed.GroupBy(x => x.Why))
                warnings.Add($"{path}[{i}]", LeftOut.Sentence(found.Name, [.. same], address, people));
    }

    private void CheckReceivers(ConfiguredService found, IReadOnlyList<Receiver> receivers, string path, Errors errors)
    {
        foreach (var (i, receiver) in receivers.Index())
        {
            if (receiver is null) continue;
            if (!PeopleKinds.IsPeople(receiver))
            {
                if (!found.Routes.Has(receiver)) errors.Add($"{path}[{i}]", $"Service '{found.Name}' has no {Describe(found, receiver)}.");
            }
            else if (!found.Routes.Has(receiver)) errors.Add($"{path}[{i}]", $"Service '{found.Name}' does not send to people.");
            else if (!people.Has(receiver)) errors.Add($"{path}[{i}].account", Ids.NoSuch(receiver.Kind, receiver.Account ?? ""));
        }
    }

    private static bool IsUsable(string kind, string id, string? name, bool? isEnabled, string path, Errors errors)
    {
        if (isEnabled == true) return true;
        errors.Add(path, isEnabled is null ? Ids.NoSuch(kind, id) : $"{char.ToUpperInvariant(kind[0])}{kind[1..]} '{name}' is disabled.");
        return false;
    }

    private static void Fits(string path, string what, string actual, string expected, Errors errors, string of = "the action")
    {
        if (actual != expected) errors.Add(path, $"{what} is of type {actual}, {of} of type {expected}.");
    }

    private string Describe(ConfiguredService service, Receiver receiver) => (channels.Find(service.Type)?.Receivers ?? []).Describe(receiver);
}
