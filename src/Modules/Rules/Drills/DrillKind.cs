using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Rules.Messages;
using Wolverine;

namespace Notify.Rules.Drills;

/// <param name="timeZone">The time zone of a drill that gives none.</param>
public sealed class DrillKind(
    ChannelCatalog channels, DrillRuns runs, AcknowledgeLinks links, string timeZone, TimeProvider time) : ResourceKind<Drill, DrillSettings>
{
    private const string State = "state";

    /// <summary>A request that creates a drill, for the OpenAPI document.</summary>
    public const string Example = """
        { "name": "Night shift is reached", "description": "", "serviceId": "service-…", "messageId": "message-…",
          "receivers": [ { "kind": "bot", "alias": "Line 1" } ],
          "at": { "weekdays": ["monday", "thursday"], "time": "08:00:00", "timeZone": "Asia/Shanghai" },
          "confirmWithinMinutes": 30, "provenEveryHours": 168 }
        """;

    public override string Noun => "drill";

    public override object Created(string name, string description, DrillSettings settings) => new DrillCreated(name, description, settings);
    public override object Changed(string name, string description, DrillSettings settings) => new DrillChanged(name, description, settings);
    public override object Enabled() => new DrillEnabled();
    public override object Disabled() => new DrillDisabled();
    public override object Deleted() => new DrillDeleted();

    public override Task<DrillSettings?> ReadAsync(JsonObject body, DrillSettings? current, ResourceChange change, Errors errors)
    {
        body.Remove(State);
        var settings = Read<DrillSettings>(body, "", errors)?.WithDefaults(timeZone);
        settings?.Validate(errors);
        return Task.FromResult(settings);
    }

    public override async Task CheckReferencesAsync(DrillSettings settings, ResourceChange change, Errors errors)
    {
        var service = (await RuleKind.ServiceAsync(settings.ServiceId, channels, change.Bus, change.Cancellation)).SingleOrDefault();
        var message = (await change.FindAsync<Message, MessageSettings>([settings.MessageId])).GetValueOrDefault(settings.MessageId);
        var people = settings.People.Any()
            ? await change.OnceAsync("people of rules", () => RuleKind.PeopleAsync(change.Bus, change.Cancellation)) : ConfiguredPeople.None;
        DrillReferences.Check(settings, service, message is null ? null : Configured.Of(message), people, channels, errors);
        if (errors.Any) return;
        DrillMessage.Render(
            "", message!.Settings, settings.ConfirmWithinMinutes is null ? null : links.Sample, time.GetUtcNow(), timeZone, channels, errors);
    }

    public override async Task WarnAsync(DrillSettings settings, IMessageBus bus, Errors warnings, CancellationToken cancellation)
    {
        if (!settings.People.Any()) return;
        var service = (await RuleKind.ServiceAsync(settings.ServiceId, channels, bus, cancellation)).SingleOrDefault();
        new RuleReferences(_ => service, _ => null, _ => null, await RuleKind.PeopleAsync(bus, cancellation), channels)
            .Warn(settings.ServiceId, settings.Receivers, "receivers", warnings);
    }

    public override async Task<IReadOnlyList<ResourceUser>> UsedAsync(
        DrillSettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
    [
        .. (await RuleKind.ServiceAsync(settings.ServiceId, channels, bus, cancellation))
            .Select(x => new ResourceUser("service", x.Id, x.Name, x.Enabled)),
        .. (await session.LoadManyAsync<Message>(cancellation, settings.MessageId))
            .Select(x => new ResourceUser("message", x.Id, x.Name, x.Enabled)),
        .. await RuleKind.UsedPeopleAsync(settings.People, bus, cancellation),
    ];

    public override async Task AddStateAsync(
        IReadOnlyDictionary<string, Drill> shown, IReadOnlyList<JsonObject> bodies, CancellationToken cancellation)
    {
        var (records, now) = (await runs.ReadAsync([.. shown.Keys], cancellation), time.GetUtcNow());
        foreach (var body in bodies)
            if (shown.GetValueOrDefault((string)body["id"]!) is { } drill)
                body[State] = JsonSerializer.SerializeToNode(
                    DrillState.Of(drill, records.GetValueOrDefault(drill.Id, DrillRecord.None), DateTimeOffset.MinValue, now), NotifyJson.Options);
    }

    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf) => WayNames.ReplaceIds(settings, nameOf);

    public override void ReplaceNames(JsonObject body, Func<string, string, string?> idOf, Errors errors) =>
        WayNames.ReplaceNames(body, "", idOf, errors);
}

/// <summary>A drill as the API returns it.</summary>
public sealed record DrillView : DrillSettings
{
    /// <summary>Whether the way to its receivers is proven, and when the next run is; absent when a past state is read, and in responses to
    /// changes.</summary>
    public DrillState? State { get; init; }
}
