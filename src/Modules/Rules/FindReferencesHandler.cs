using Marten;
using Notify.Contracts.Configuration;
using Notify.Contracts.Rules;
using Notify.Kernel.Resources;

namespace Notify.Rules;

/// <summary>Answers which rules use a service, a message or a schedule, from the events of the rules: the answer decides what may be disabled,
/// changed or deleted.</summary>
public static class FindReferencesHandler
{
    public static async Task<ReferencesFound> Handle(
        FindReferences query, IQuerySession session, CurrentResources<Rule, RuleSettings> rules, CancellationToken cancellation)
    {
        var users = (await rules.AllAsync(ChangeUnderWay.SessionOr(session), cancellation))
            .Where(x => x.Settings.Actions.SelectMany(a => a.References).Any(IsMeant))
            .OrderBy(x => x.NameKey, StringComparer.Ordinal);
        return new ReferencesFound(
            [.. users.Select(x => new ReferencingResource(
            "rule", x.Id, x.Name, x.Enabled,
            [.. x.Settings.Actions.SelectMany(a => a.References).Where(IsMeant).SelectMany(r => r.Receivers).Distinct()]))]);

        bool IsMeant((string Kind, string Id, IReadOnlyList<Receiver> Receivers) x) => x.Kind == query.Kind && x.Id == query.Id;
    }
}
