using Marten;
using Notify.Contracts.People;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <summary>Answers how people are reached and who is in which group, from the events.</summary>
public static class DescribePeopleHandler
{
    public static async Task<PeopleDescribed> Handle(
        DescribePeople query, IQuerySession session, CurrentResources<User, UserSettings> users, CurrentResources<Group, GroupSettings> groups,
        CancellationToken cancellation)
    {
        session = ChangeUnderWay.SessionOr(session);
        return new(
            [.. (await users.AllAsync(session, cancellation)).Select(Describe)],
            [.. (await groups.AllAsync(session, cancellation)).Select(Describe)]);
    }

    internal static PersonDescription Describe(User x) => new(x.Id, x.Version, x.Settings.UserName, x.Name, x.Enabled, x.Settings.Addresses());

    internal static GroupDescription Describe(Group x) => new(x.Id, x.Version, x.Name, x.Enabled, x.Settings.Members);
}
