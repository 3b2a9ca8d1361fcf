using System.Text.Json.Serialization;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>Which alarms are sent by which service, with which message, when and to whom.</summary>
public sealed record RuleSettings
{
    public const int MaxActions = 50;

    public RuleCriteria Criteria { get; init => field = value ?? new(); } = new();

    public IReadOnlyList<RuleAction> Actions { get; init => field = value ?? []; } = [];

    /// <summary>Fills in the default type of actions that name none, and the defaults of steps and fallbacks; cleans the names of labels.</summary>
    public RuleSettings Complete(ChannelCatalog channels) =>
        this with { Criteria = Criteria.Complete(), Actions = [.. Actions.Select(x => x?.Complete(channels)!)] };

    /// <summary>Validates the complete rule by itself; <see cref="RuleReferences"/> checks that what it refers to exists and fits.</summary>
    public void Validate(Errors errors, ChannelCatalog channels)
    {
        Criteria.Validate(errors);
        if (Actions.Count == 0) errors.Add("actions", "A rule needs at least one action.");
        if (Actions.Count > MaxActions) errors.Add("actions", $"A rule has at most {MaxActions} actions.");
        for (var i = 0; i < Actions.Count; i++)
            if (Actions[i] is { } action) action.Validate($"actions[{i}]", errors, channels);
            else errors.Add($"actions[{i}]", "An action must not be null.");
    }
}

/// <summary>One way to send the alarms of a rule.</summary>
public sealed record RuleAction
{
    public const int MaxReceivers = 1000;

    private readonly string? type;

    /// <summary>Identifies the action within its rule, wherever it stands (<see cref="ActionKeys"/>); null: it is new. A request may repeat it, so
    /// that an action that is moved and changed at once stays the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>The channel; its service and its message must be of this type.</summary>
    public string Type { get => type ?? ""; init => type = value; }

    public string ServiceId { get; init => field = value ?? ""; } = "";
    public string MessageId { get; init => field = value ?? ""; } = "";
    public string ScheduleId { get; init => field = value ?? ""; } = "";
    public IReadOnlyList<Receiver> Receivers { get; init => field = value ?? []; } = [];

    /// <summary>Notifications that the schedule holds back are sent as one message that lists them all, as soon as the schedule opens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Digest { get; init; }

    /// <summary>The delay of an escalation, performed only if nobody reacts; null: the action is performed at once.</summary>
    public ActionDelay? After { get; init; }

    /// <summary>How the action is repeated until somebody reacts; null: it is performed once.</summary>
    public ActionRepeat? Repeat { get; init; }

    /// <summary>The fallback if this action fails; null: none.</summary>
    public ActionOtherwise? Otherwise { get; init; }

    /// <summary>Everything that the action and its fallback refer to.</summary>
    internal IEnumerable<(string Kind, string Id, IReadOnlyList<Receiver> Receivers)> References =>
    [
        ("service", ServiceId, Receivers), ("message", MessageId, Receivers), ("schedule", ScheduleId, Receivers),
        .. Otherwise is { } other
            ? new[] { ("service", other.ServiceId, other.Receivers), ("message", other.MessageId, other.Receivers) } : [],
        .. People.Select(x => (x.Kind, x.Account ?? "", (IReadOnlyList<Receiver>)[x])),
    ];

    /// <summary>The people and groups among the receivers of the action and its fallback.</summary>
    internal IEnumerable<Receiver> People => Receivers.Concat(Otherwise?.Receivers ?? []).Where(x => x is not null && PeopleKinds.IsPeople(x));

    internal RuleAction Complete(ChannelCatalog channels) => this with
    {
        Type = type ?? channels.Default.Type,
        // Defaults are stored explicitly, so that readers of the record need not know them.
        After = After is null ? null : After with { Unless = After.End },
        Repeat = Repeat is null ? null : Repeat with { AtMost = Repeat.AtMost ?? ActionRepeat.DefaultTimes, Until = Repeat.End },
        Otherwise = Otherwise is null ? null : Otherwise with { AfterMinutes = Otherwise.AfterMinutes ?? 0 },
    };

    internal void Validate(string path, Errors errors, ChannelCatalog channels)
    {
        var channel = channels.Find(Type);
        if (channel is null) errors.Add($"{path}.type", $"'{Type}' is not a type of action; known types: {string.Join(", ", channels.Types)}.");
        if (ServiceId.Length == 0) errors.Add($"{path}.serviceId", "An action needs a service.");
        if (MessageId.Length == 0) errors.Add($"{path}.messageId", "An action needs a message.");
        if (ScheduleId.Length == 0) errors.Add($"{path}.scheduleId", "An action needs a schedule.");
        if (Receivers.Count == 0) errors.Add($"{path}.receivers", "An action needs at least one receiver.");
        if (Receivers.Count > MaxReceivers) errors.Add($"{path}.receivers", $"An action has at most {MaxReceivers} receivers.");
        After?.Validate($"{path}.after", errors);
        Repeat?.Validate($"{path}.repeat", errors);
        Otherwise?.Validate($"{path}.otherwise", errors);
        channel?.Receivers.Check(Receivers, $"{path}.receivers", errors);
    }
}
