using Marten;
using Notify.Contracts.Configuration;
using Notify.Contracts.Rules;
using Notify.Kernel.Resources;

namespace Notify.Rules;

/// <summary>Tells other modules which rules use one of their resources.</summary>
public static class FindReferencesHandler
{
    public static async Task<ReferencesFound> Handle(FindReferences query, IQuerySession session, CancellationToken cancellation)
    {
        if (query.Kind != "service") return new ReferencesFound([]);
        var users = await ChangeUnderWay.SessionOr(session).Query<Rule>()
            .Where(x => x.Settings.Actions.Any(a => a.ServiceId == query.Id)).OrderBy(x => x.NameKey).ToListAsync(cancellation);
        return new ReferencesFound([.. users.Select(x => new ReferencingResource("rule", x.Id, x.Name, x.Enabled, Receivers(x, query.Id)))]);
    }

    private static List<Receiver> Receivers(Rule rule, string serviceId) =>
        [.. rule.Settings.Actions.Where(x => x.ServiceId == serviceId).SelectMany(x => x.Receivers).Distinct()];
}
