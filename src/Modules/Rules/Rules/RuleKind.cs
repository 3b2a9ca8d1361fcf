using System.Text.Json.Nodes;
using Marten;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Wolverine;

namespace Notify.Rules.Rules;

public sealed class RuleKind : ResourceKind<Rule, RuleSettings>
{
    public override string Noun => "rule";

    public override object Created(string name, string description, RuleSettings settings) => new RuleCreated(name, description, settings);
    public override object Changed(string name, string description, RuleSettings settings) => new RuleChanged(name, description, settings);
    public override object Enabled() => new RuleEnabled();
    public override object Disabled() => new RuleDisabled();
    public override object Deleted() => new RuleDeleted();

    public override Task<RuleSettings?> ReadAsync(JsonObject body, RuleSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<RuleSettings>(body, "", errors);
        settings?.Validate(errors);
        return Task.FromResult(settings);
    }

    public override async Task CheckReferencesAsync(RuleSettings settings, ResourceChange change, Errors errors)
    {
        var (session, cancellation) = (change.Session, change.Cancellation);
        var messages = await session.LoadManyAsync<Message>(cancellation, settings.Actions.Select(x => x.MessageId).Distinct(StringComparer.Ordinal).ToArray());
        var schedules = await session.LoadManyAsync<Schedule>(cancellation, settings.Actions.Select(x => x.ScheduleId).Distinct(StringComparer.Ordinal).ToArray());
        var services = new Dictionary<string, ConfiguredService>(StringComparer.Ordinal);
        foreach (var id in settings.Actions.Select(x => x.ServiceId).Distinct(StringComparer.Ordinal))
        {
            var described = await change.Bus.InvokeAsync<ServicesDescribed>(new DescribeServices(id), cancellation);
            if (described.Services.Count > 0) services[id] = CurrentSnapshot.Service(described.Services[0]);
        }

        new RuleReferences(
            services.GetValueOrDefault,
            id => messages.FirstOrDefault(x => x.Id == id) is { } message ? CurrentSnapshot.Configured(message) : null,
            id => schedules.FirstOrDefault(x => x.Id == id) is { } schedule ? CurrentSnapshot.Configured(schedule) : null)
            .Validate(settings, errors);
    }

    private static readonly string[] referredKinds = ["service", "message", "schedule"];

    /// <summary><c>serviceId</c> becomes <c>service</c>; an id that leads nowhere stays.</summary>
    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf)
    {
        foreach (var action in settings["actions"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            foreach (var kind in referredKinds)
            {
                if (action[$"{kind}Id"] is not { } id || nameOf(kind, id.GetValue<string>()) is not { } name) continue;
                action[kind] = name;
                action.Remove($"{kind}Id");
            }
        }
    }

    public override void ReplaceNames(JsonObject body, Func<string, string, string?> idOf, Errors errors)
    {
        if (body["actions"] is not JsonArray actions) return;
        foreach (var (i, item) in actions.Index())
        {
            if (item is not JsonObject action) continue;
            foreach (var kind in referredKinds)
            {
                if (action[kind] is not { } node) continue;
                action.Remove(kind);
                var name = node.GetValueKind() == System.Text.Json.JsonValueKind.String ? node.GetValue<string>() : "";
                if (idOf(kind, name) is { } id) action[$"{kind}Id"] = id;
                else errors.Add($"actions[{i}].{kind}", name.Length == 0 ? "The value must be text." : $"There is no {kind} '{name}'.");
            }
        }
    }

    public static async Task<IReadOnlyList<ResourceUser>> RulesThatUseAsync(IQueryable<Rule> rules, CancellationToken cancellation) =>
        [.. (await rules.OrderBy(x => x.NameKey).ToListAsync(cancellation)).Select(x => new ResourceUser("rule", x.Id, x.Name, x.Enabled))];
}
