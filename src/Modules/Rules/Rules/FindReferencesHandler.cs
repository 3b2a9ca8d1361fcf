using Marten;
using Notify.Contracts.Configuration;
using Notify.Kernel.Resources.Transfer;

namespace Notify.Rules.Rules;

/// <summary>Tells other modules which rules use one of their resources.</summary>
public static class FindReferencesHandler
{
    public static async Task<ReferencesFound> Handle(FindReferences query, IQuerySession session, CancellationToken cancellation)
    {
        if (query.Kind != "service") return new ReferencesFound([]);
        var users = await RuleKind.RulesThatUseAsync(ChangeUnderWay.SessionOr(session).Query<Rule>().Where(x => x.Settings.Actions.Any(a => a.ServiceId == query.Id)), cancellation);
        return new ReferencesFound([.. users.Select(x => new ReferencingResource(x.Kind, x.Id, x.Name, x.Enabled))]);
    }
}
