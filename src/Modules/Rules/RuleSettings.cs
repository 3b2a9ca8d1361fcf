using System.Text.Json.Serialization;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>Which alarms go by which service, with which message, when, to whom.</summary>
public sealed record RuleSettings
{
    public const int MaxActions = 50;

    public RuleCriteria Criteria { get; init => field = value ?? new(); } = new();

    public IReadOnlyList<RuleAction> Actions { get; init => field = value ?? []; } = [];

    /// <summary>With the type that counts for an action which names none.</summary>
    public RuleSettings Complete(ChannelCatalog channels) => this with { Actions = [.. Actions.Select(x => x?.Complete(channels)!)] };

    /// <summary>Validates the complete rule by itself. Whether its references exist and fit is checked by <see cref="RuleReferences"/>.</summary>
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

/// <summary>One way out for the alarms of a rule.</summary>
public sealed record RuleAction
{
    public const int MaxReceivers = 1000;

    private readonly string? type;

    /// <summary>The channel: its service and its message are of this type too.</summary>
    public string Type { get => type ?? ""; init => type = value; }

    public string ServiceId { get; init => field = value ?? ""; } = "";
    public string MessageId { get; init => field = value ?? ""; } = "";
    public string ScheduleId { get; init => field = value ?? ""; } = "";
    public IReadOnlyList<Receiver> Receivers { get; init => field = value ?? []; } = [];

    /// <summary>What the schedule holds back is sent in one message that lists all of it, as soon as the schedule opens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Digest { get; init; }

    /// <summary>It is performed later, if nobody reacts; null: at once.</summary>
    public ActionDelay? After { get; init; }

    /// <summary>It is performed again until somebody reacts; null: once.</summary>
    public ActionRepeat? Repeat { get; init; }

    /// <summary>Another way out, if this one fails; null: none.</summary>
    public ActionOtherwise? Otherwise { get; init; }

    /// <summary>What it refers to, the other way too.</summary>
    internal IEnumerable<(string Kind, string Id, IReadOnlyList<Receiver> Receivers)> References =>
    [
        ("service", ServiceId, Receivers), ("message", MessageId, Receivers), ("schedule", ScheduleId, Receivers),
        .. Otherwise is { } other
            ? new[] { ("service", other.ServiceId, other.Receivers), ("message", other.MessageId, other.Receivers) } : [],
        .. People.Select(x => (x.Kind, x.Account ?? "", (IReadOnlyList<Receiver>)[x])),
    ];

    /// <summary>The people and groups that it names, the other way too.</summary>
    internal IEnumerable<Receiver> People => Receivers.Concat(Otherwise?.Receivers ?? []).Where(x => x is not null && PeopleKinds.IsPeople(x));

    internal RuleAction Complete(ChannelCatalog channels) => this with
    {
        Type = type ?? channels.Default.Type,
        // What is left out is said here, so that a reader of the record needs to know no default.
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
