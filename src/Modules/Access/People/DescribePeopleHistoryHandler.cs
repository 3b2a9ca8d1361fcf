using Notify.Contracts.People;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <summary>Tells other modules who could be reached by what, and who was in which group, for those who look at a decision of the past.</summary>
public static class DescribePeopleHistoryHandler
{
    public static async Task<PeopleHistoryDescribed> Handle(
        DescribePeopleHistory query, ResourceLog<User, UserSettings> users, ResourceLog<Group, GroupSettings> groups, CancellationToken cancellation)
    {
        // A group that changes often names the same people again and again: each id is kept once.
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        return new(
            [
                .. (await users.ReadAsync(DescribePeopleHandler.Describe, cancellation))
                    .Select(x => new PersonAsOf(x.ConfigurationVersion, Shared(x.Id), x.State)),
            ],
            [
                .. (await groups.ReadAsync(x => DescribePeopleHandler.Describe(x) with { Members = [.. x.Settings.Members.Select(Shared)] },
                    cancellation)).Select(x => new GroupAsOf(x.ConfigurationVersion, x.Id, x.State)),
            ]);

        string Shared(string id) => ids.TryGetValue(id, out var known) ? known : ids[id] = id;
    }
}
