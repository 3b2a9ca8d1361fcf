using Marten;
using Notify.Contracts.Configuration;
using Notify.Kernel.Resources;

namespace Notify.Rules;

/// <summary>Says which rules use a service, a message or a schedule, by the events of the rules: it decides what may be disabled, changed or
/// deleted.</summary>
public static class FindReferencesHandler
{
    public static async Task<ReferencesFound> Handle(
        FindReferences query, IQuerySession session, CurrentResources<Rule, RuleSettings> rules, CancellationToken cancellation)
    {
        Func<RuleAction, bool>? uses = query.Kind switch
        {
            "service" => x => x.ServiceId == query.Id,
            "message" => x => x.MessageId == query.Id,
            "schedule" => x => x.ScheduleId == query.Id,
            _ => null,
        };
        if (uses is null) return new ReferencesFound([]);
        var users = (await rules.AllAsync(ChangeUnderWay.SessionOr(session), cancellation)).Where(x => x.Settings.Actions.Any(uses))
            .OrderBy(x => x.NameKey, StringComparer.Ordinal);
        return new ReferencesFound(
            [.. users.Select(x => new ReferencingResource(
            "rule", x.Id, x.Name, x.Enabled, [.. x.Settings.Actions.Where(uses).SelectMany(a => a.Receivers).Distinct()]))]);
    }
}
