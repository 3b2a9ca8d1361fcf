using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Rules.Usage;
using Wolverine;

namespace Notify.Rules.Schedules;

/// <param name="timeZone">The time zone of a schedule that gives none.</param>
public sealed class ScheduleKind(string timeZone) : ResourceKind<Schedule, ScheduleSettings>
{
    /// <summary>A request that creates a schedule, for the OpenAPI document.</summary>
    public const string Example = """
        { "kind": "standard", "name": "Working hours", "description": "", "timeZone": "Asia/Shanghai", "ignoreHolidays": true,
          "weekly": { "monday": [ { "from": "08:00:00", "to": "17:30:00" } ], "friday": [ { "from": "08:00:00", "to": "16:00:00" } ] },
          "start": "2026-01-01", "end": null }
        """;

    public override string Noun => "schedule";
    public override Expression<Func<Schedule, object>>? Type => x => x.Settings.Kind;

    public override object Created(string name, string description, ScheduleSettings settings) => new ScheduleCreated(name, description, settings);
    public override object Changed(string name, string description, ScheduleSettings settings) => new ScheduleChanged(name, description, settings);
    public override object Enabled() => new ScheduleEnabled();
    public override object Disabled() => new ScheduleDisabled();
    public override object Deleted() => new ScheduleDeleted();

    public override Task<ScheduleSettings?> ReadAsync(JsonObject body, ScheduleSettings? current, ResourceChange change, Errors errors)
    {
        var settings = Read<ScheduleSettings>(body, "", errors)?.WithDefaults(timeZone);
        settings?.Validate(errors);
        return Task.FromResult(settings);
    }

    public override async Task<IReadOnlyList<string>> LossesAsync(string id, ScheduleSettings before, ScheduleSettings after, ResourceChange change)
    {
        if (before.Kind == after.Kind || after.Kind == ScheduleSettings.Standard) return [];
        var users = await UsersAsync(id, change.Session, change.Bus, change.Cancellation);
        return [.. users.Where(x => x.Enabled).Select(x => $"{x.Kind} '{x.Name}' needs a standard schedule")];
    }

    public override Task<IReadOnlyList<ResourceUser>> UsersAsync(string id, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
        RulesThatUse.FindAsync(Noun, id, bus, cancellation);
}
