using System.Text.Json.Nodes;
using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Wolverine;

namespace Notify.Rules;

public sealed class RuleKind(ChannelCatalog channels) : ResourceKind<Rule, RuleSettings>
{
    /// <summary>A request to create one, as the OpenAPI document shows it.</summary>
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
        return Task.FromResult(settings);
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

    private static async Task<ConfiguredPeople> PeopleAsync(IMessageBus bus, CancellationToken cancellation) =>
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
            .. await UsedPeopleAsync(settings, bus, cancellation),
        ];
    }

    private static async Task<IEnumerable<ResourceUser>> UsedPeopleAsync(RuleSettings settings, IMessageBus bus, CancellationToken cancellation)
    {
        if (!NamesPeople(settings)) return [];
        var people = await PeopleAsync(bus, cancellation);
        var receivers = settings.Actions.SelectMany(x => x.People).DistinctBy(ReceiverKey.Of, StringComparer.Ordinal).ToList();
        return receivers.Where(x => x.Kind == PeopleKinds.User).Select(x => people.Find(x.Account)).OfType<PersonDescription>()
            .Select(x => new ResourceUser(PeopleKinds.User, x.Id, x.Name, x.Enabled))
            .Concat(receivers.Where(x => x.Kind == PeopleKinds.Group).Select(x => people.FindGroup(x.Account)).OfType<GroupDescription>()
                .Select(x => new ResourceUser(PeopleKinds.Group, x.Id, x.Name, x.Enabled)));
    }

    private async Task<List<ConfiguredService>> ServicesAsync(RuleSettings settings, IMessageBus bus, CancellationToken cancellation)
    {
        var services = new List<ConfiguredService>();
        foreach (var id in IdsOf("service", settings).Distinct(StringComparer.Ordinal))
            services.AddRange((await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(id), cancellation)).Services.Select(
                x => ConfiguredService.Of(x, channels)));
        return services;
    }

    private static IEnumerable<string> IdsOf(string kind, RuleSettings settings) =>
        settings.Actions.SelectMany(x => x.References).Where(x => x.Kind == kind).Select(x => x.Id);

    private static readonly string[] referredKinds = ["service", "message", "schedule"];

    /// <summary><c>serviceId</c> becomes <c>service</c>, a person's or group's id in <c>account</c> becomes a name in <c>user</c> or <c>group</c>;
    /// an id that leads nowhere stays.</summary>
    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf)
    {
        foreach (var action in settings["actions"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            Replace(action);
            if (action["otherwise"] is JsonObject other) Replace(other);
        }

        void Replace(JsonObject way)
        {
            foreach (var kind in referredKinds)
            {
                if (way[$"{kind}Id"] is not { } id || nameOf(kind, id.GetValue<string>()) is not { } name) continue;
                way[kind] = name;
                way.Remove($"{kind}Id");
            }

            foreach (var node in way["receivers"] as JsonArray ?? [])
            {
                if (PeopleKindOf(node) is not var (receiver, kind)) continue;
                if ((string?)receiver["account"] is not { } id || nameOf(kind, id) is not { } name) continue;
                receiver[kind] = name;
                receiver.Remove("account");
            }
        }
    }

    /// <summary>Null when it does not stand for people.</summary>
    private static (JsonObject Receiver, string Kind)? PeopleKindOf(JsonNode? node) =>
        node is JsonObject receiver && receiver["kind"] is JsonValue value && value.TryGetValue<string>(out var kind)
            && kind is PeopleKinds.User or PeopleKinds.Group ? (receiver, kind) : null;

    public override void ReplaceNames(JsonObject body, Func<string, string, string?> idOf, Errors errors)
    {
        if (body["actions"] is not JsonArray actions) return;
        foreach (var (i, item) in actions.Index())
        {
            if (item is not JsonObject action) continue;
            Replace(action, $"actions[{i}]");
            if (action["otherwise"] is JsonObject other) Replace(other, $"actions[{i}].otherwise");
        }

        void Replace(JsonObject way, string path)
        {
            foreach (var kind in referredKinds) Exchange(way, kind, $"{kind}Id", path);
            foreach (var (i, node) in (way["receivers"] as JsonArray ?? []).Index())
                if (PeopleKindOf(node) is var (receiver, kind)) Exchange(receiver, kind, "account", $"{path}.receivers[{i}]");
        }

        void Exchange(JsonObject owner, string kind, string field, string path)
        {
            if (owner[kind] is not { } node) return;
            owner.Remove(kind);
            var name = node.GetValueKind() == System.Text.Json.JsonValueKind.String ? node.GetValue<string>() : "";
            if (idOf(kind, name) is { } id) owner[field] = id;
            else errors.Add($"{path}.{kind}", name.Length == 0 ? "The value must be text." : $"There is no {kind} '{name}'.");
        }
    }
}
