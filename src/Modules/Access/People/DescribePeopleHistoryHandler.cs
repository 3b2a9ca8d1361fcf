using Notify.Contracts.People;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <summary>Answers with every state of every person and group, to explain decisions of the past.</summary>
public static class DescribePeopleHistoryHandler
{
    public static async Task<PeopleHistoryDescribed> Handle(
        DescribePeopleHistory query, ResourceLog<User, UserSettings> users, ResourceLog<Group, GroupSettings> groups, CancellationToken cancellation)
    {
        // Interned: the versions of a group repeat the same ids.
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
