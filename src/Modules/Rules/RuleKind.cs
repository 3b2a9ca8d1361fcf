using System.Text.Json.Nodes;
using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Wolverine;

namespace Notify.Rules;

public sealed class RuleKind(ChannelCatalog channels) : ResourceKind<Rule, RuleSettings>
{
    /// <summary>A request that creates a rule, for the OpenAPI document.</summary>
    public const string Example = """
        { "name": "Line 1 critical", "description": "",
          "criteria": { "states": ["ActiveUnacked", "ClearedUnacked"], "shelved": false, "levels": ["Critical", "High"], "paths": ["Site1/Line1/**"],
            "labels": { "team": "ops" }, "matchAll": true },
          "actions": [ { "type": "wecom", "serviceId": "service-…", "messageId": "message-…", "scheduleId": "schedule-…",
            "receivers": [ { "kind": "bot", "alias": "Line 1" }, { "kind": "account", "account": "zhangsan" } ] } ] }
        """;

    public override string Noun => "rule";

    public override object Created(string name, string description, RuleSettings settings) => new RuleCreated(name, description, settings);
    public override object Changed(string name, string description, RuleSettings settings) => new RuleChanged(name, description, settings);
    public override object Enabled() => new RuleEnabled();
    public override object Disabled() => new RuleDisabled();
    public override object Deleted() => new RuleDeleted();

    public override Task<RuleSettings?> ReadAsync(JsonObject body, RuleSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<RuleSettings>(body, "", errors)?.Complete(channels);
        settings?.Validate(errors, channels);
        return Task.FromResult(errors.Any ? settings : settings?.Keyed(current?.Complete(channels)));
    }

    public override async Task CheckReferencesAsync(RuleSettings settings, ResourceChange change, Errors errors)
    {
        var ids = settings.Actions.SelectMany(x => x.References).Select(x => x.Id);
        var (services, messages, schedules) = await change.OnceAsync(
            $"used by rules: {string.Join(' ', ids)}",
            async () => (
                await ServicesAsync(settings, change.Bus, change.Cancellation),
                await change.FindAsync<Message, MessageSettings>(IdsOf("message", settings)),
                await change.FindAsync<Schedule, ScheduleSettings>(settings.Actions.Select(x => x.ScheduleId))));
        var people = NamesPeople(settings)
            ? await change.OnceAsync("people of rules", () => PeopleAsync(change.Bus, change.Cancellation)) : ConfiguredPeople.None;
        new RuleReferences(
            id => services.Find(x => x.Id == id),
            id => messages.TryGetValue(id, out var message) ? Configured.Of(message) : null,
            id => schedules.TryGetValue(id, out var schedule) ? Configured.Of(schedule) : null,
            people, channels).Validate(settings, errors);
    }

    public override async Task WarnAsync(RuleSettings settings, IMessageBus bus, Errors warnings, CancellationToken cancellation)
    {
        if (!NamesPeople(settings)) return;
        var services = await ServicesAsync(settings, bus, cancellation);
        new RuleReferences(id => services.Find(x => x.Id == id), _ => null, _ => null, await PeopleAsync(bus, cancellation), channels)
            .Warn(settings, warnings);
    }

    private static bool NamesPeople(RuleSettings settings) => settings.Actions.SelectMany(x => x.People).Any();

    internal static async Task<ConfiguredPeople> PeopleAsync(IMessageBus bus, CancellationToken cancellation) =>
        ConfiguredPeople.Of(await bus.InvokeAsync<PeopleDescribed>(new DescribePeople(), cancellation));

    public override async Task<IReadOnlyList<ResourceUser>> UsedAsync(
        RuleSettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        var messages = await session.LoadManyAsync<Message>(
            cancellation, IdsOf("message", settings).Distinct(StringComparer.Ordinal).ToArray());
        var schedules = await session.LoadManyAsync<Schedule>(
            cancellation, settings.Actions.Select(x => x.ScheduleId).Distinct(StringComparer.Ordinal).ToArray());
        return
        [
            .. (await ServicesAsync(settings, bus, cancellation)).Select(x => new ResourceUser("service", x.Id, x.Name, x.Enabled)),
            .. messages.Select(x => new ResourceUser("message", x.Id, x.Name, x.Enabled)),
            .. schedules.Select(x => new ResourceUser("schedule", x.Id, x.Name, x.Enabled)),
            .. await UsedPeopleAsync(settings.Actions.SelectMany(x => x.People), bus, cancellation),
        ];
    }

    /// <param name="named">The people and groups among the receivers.</param>
    internal static async Task<IEnumerable<ResourceUser>> UsedPeopleAsync(
        IEnumerable<Receiver> named, IMessageBus bus, CancellationToken cancellation)
    {
        var receivers = named.DistinctBy(ReceiverKey.Of, StringComparer.Ordinal).ToList();
        if (receivers.Count == 0) return [];
        var people = await PeopleAsync(bus, cancellation);
        return receivers.Where(x => x.Kind == PeopleKinds.User).Select(x => people.Find(x.Account)).OfType<PersonDescription>()
            .Select(x => new ResourceUser(PeopleKinds.User, x.Id, x.Name, x.Enabled))
            .Concat(receivers.Where(x => x.Kind == PeopleKinds.Group).Select(x => people.FindGroup(x.Account)).OfType<GroupDescription>()
                .Select(x => new ResourceUser(PeopleKinds.Group, x.Id, x.Name, x.Enabled)));
    }

    private async Task<List<ConfiguredService>> ServicesAsync(RuleSettings settings, IMessageBus bus, CancellationToken cancellation)
    {
        var services = new List<ConfiguredService>();
        foreach (var id in IdsOf("service", settings).Distinct(StringComparer.Ordinal))
            services.AddRange(await ServiceAsync(id, channels, bus, cancellation));
        return services;
    }

    /// <returns>Empty if the service does not exist.</returns>
    internal static async Task<IEnumerable<ConfiguredService>> ServiceAsync(
        string id, ChannelCatalog channels, IMessageBus bus, CancellationToken cancellation) =>
        (await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(id), cancellation)).Services.Select(x => ConfiguredService.Of(x, channels));

    private static IEnumerable<string> IdsOf(string kind, RuleSettings settings) =>
        settings.Actions.SelectMany(x => x.References).Where(x => x.Kind == kind).Select(x => x.Id);

    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf)
    {
        foreach (var action in settings["actions"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            // Keys are ids of this installation; equal actions find theirs again without.
            action.Remove("key");
            WayNames.ReplaceIds(action, nameOf);
            if (action["otherwise"] is JsonObject other) WayNames.ReplaceIds(other, nameOf);
        }
    }

    public override void ReplaceNames(JsonObject body, Func<string, string, string?> idOf, Errors errors)
    {
        if (body["actions"] is not JsonArray actions) return;
        foreach (var (i, item) in actions.Index())
        {
            if (item is not JsonObject action) continue;
            WayNames.ReplaceNames(action, $"actions[{i}]", idOf, errors);
            if (action["otherwise"] is JsonObject other) WayNames.ReplaceNames(other, $"actions[{i}].otherwise", idOf, errors);
        }
    }
}
