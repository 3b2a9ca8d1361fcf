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

    public static async Task<IReadOnlyList<ResourceUser>> RulesThatUseAsync(IQueryable<Rule> rules, CancellationToken cancellation) =>
        [.. (await rules.OrderBy(x => x.NameKey).ToListAsync(cancellation)).Select(x => new ResourceUser("rule", x.Id, x.Name, x.Enabled))];
}
