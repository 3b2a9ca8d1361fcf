using Marten;
using Notify.Contracts.Configuration;
using Notify.Contracts.Rules;
using Notify.Kernel.Resources;
using Notify.Rules.Drills;

namespace Notify.Rules.Referring;

/// <summary>Finds the rules and drills that use a service, a message or a schedule. It reads their events, since the answer decides what may be
/// disabled, changed or deleted.</summary>
public static class FindReferencesHandler
{
    public static async Task<ReferencesFound> Handle(
        FindReferences query, IQuerySession session, CurrentResources<Rule, RuleSettings> rules, CurrentResources<Drill, DrillSettings> drills,
        CancellationToken cancellation)
    {
        var within = ChangeUnderWay.SessionOr(session);
        return new ReferencesFound(
        [
            .. Of("rule", await rules.AllAsync(within, cancellation), x => x.Actions.SelectMany(a => a.References)),
            .. Of("drill", await drills.AllAsync(within, cancellation), x => x.References),
        ]);

        IEnumerable<ReferencingResource> Of<TSettings>(
            string kind, IEnumerable<Resource<TSettings>> all,
            Func<TSettings, IEnumerable<(string Kind, string Id, IReadOnlyList<Receiver> Receivers)>> references)
            where TSettings : class =>
            from x in all.OrderBy(x => x.NameKey, StringComparer.Ordinal)
            let meant = references(x.Settings).Where(r => r.Kind == query.Kind && r.Id == query.Id).ToList()
            where meant.Count > 0
            select new ReferencingResource(kind, x.Id, x.Name, x.Enabled, [.. meant.SelectMany(r => r.Receivers).Distinct()]);
    }
}
