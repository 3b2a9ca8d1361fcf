using System.Text.Json.Serialization;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Messages;

namespace Notify.Rules;

/// <summary>Which alarms go by which service, with which message, when, to whom.</summary>
public sealed record RuleSettings
{
    public const int MaxActions = 50;

    public RuleCriteria Criteria { get; init => field = value ?? new(); } = new();

    public IReadOnlyList<RuleAction> Actions { get; init => field = value ?? []; } = [];

    /// <summary>What the rule itself must be. That its references exist and fit is <see cref="RuleReferences"/>' to say.</summary>
    public void Validate(Errors errors)
    {
        Criteria.Validate(errors);
        if (Actions.Count == 0) errors.Add("actions", "A rule needs at least one action.");
        if (Actions.Count > MaxActions) errors.Add("actions", $"A rule has at most {MaxActions} actions.");
        for (var i = 0; i < Actions.Count; i++)
            if (Actions[i] is { } action) action.Validate($"actions[{i}]", errors);
            else errors.Add($"actions[{i}]", "An action must not be null.");
    }
}

/// <summary>One way out for the alarms of a rule.</summary>
public sealed record RuleAction
{
    public const int MaxReceivers = 1000;

    public string Type { get; init => field = value ?? ""; } = "wecom";
    public string ServiceId { get; init => field = value ?? ""; } = "";
    public string MessageId { get; init => field = value ?? ""; } = "";
    public string ScheduleId { get; init => field = value ?? ""; } = "";
    public IReadOnlyList<Receiver> Receivers { get; init => field = value ?? []; } = [];

    /// <summary>What the schedule holds back is told in one message that lists all of it, as soon as the schedule opens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Digest { get; init; }

    internal void Validate(string path, Errors errors)
    {
        if (!MessageFormats.Types.Contains(Type))
            errors.Add($"{path}.type", $"'{Type}' is not a type of action; known types: {string.Join(", ", MessageFormats.Types)}.");
        if (ServiceId.Length == 0) errors.Add($"{path}.serviceId", "An action needs a service.");
        if (MessageId.Length == 0) errors.Add($"{path}.messageId", "An action needs a message.");
        if (ScheduleId.Length == 0) errors.Add($"{path}.scheduleId", "An action needs a schedule.");
        ValidateReceivers($"{path}.receivers", errors);
    }

    private void ValidateReceivers(string path, Errors errors)
    {
        if (Receivers.Count == 0) errors.Add(path, "An action needs at least one receiver.");
        if (Receivers.Count > MaxReceivers) errors.Add(path, $"An action has at most {MaxReceivers} receivers.");
        var reachesAll = Receivers.Any(x => x is { Kind: Receiver.AccountKind, Account: Receiver.All });
        var seen = new HashSet<string>(Names.Comparer);
        for (var i = 0; i < Receivers.Count; i++)
        {
            var at = $"{path}[{i}]";
            switch (Receivers[i])
            {
                case null:
                    errors.Add(at, "A receiver must not be null.");
                    break;
                case { Kind: Receiver.Bot } bot:
                    if (string.IsNullOrWhiteSpace(bot.Alias)) errors.Add($"{at}.alias", "A receiver of kind bot needs the robot's alias.");
                    else if (!seen.Add($"bot {bot.Alias}")) errors.Add(at, $"Robot '{bot.Alias}' is listed twice.");
                    if (bot.Account is not null) errors.Add($"{at}.account", "A receiver of kind bot has no account.");
                    break;
                case { Kind: Receiver.AccountKind } account:
                    if (string.IsNullOrWhiteSpace(account.Account)) errors.Add($"{at}.account", "A receiver of kind account needs the account.");
                    else if (!seen.Add($"account {account.Account}")) errors.Add(at, $"Account '{account.Account}' is listed twice.");
                    else if (reachesAll && account.Account != Receiver.All) errors.Add(at, $"{Receiver.All} already includes '{account.Account}'.");
                    if (account.Alias is not null) errors.Add($"{at}.alias", "A receiver of kind account has no alias.");
                    break;
                case { } other:
                    errors.Add($"{at}.kind", $"'{other.Kind}' is not a kind of receiver; use {Receiver.Bot} or {Receiver.AccountKind}.");
                    break;
            }
        }
    }
}
