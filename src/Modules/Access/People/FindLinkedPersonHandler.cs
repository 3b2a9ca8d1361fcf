using Notify.Contracts.People;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>Says to whom a link in a message was sent, as long as that person is there and enabled.</summary>
public static class FindLinkedPersonHandler
{
    public static async Task<LinkedPersonFound> Handle(FindLinkedPerson query, LinkedPeople people, CancellationToken cancellation) =>
        new(await people.FindAsync(query.Mark, cancellation) is { Enabled: true } x ? new(x.Id, x.Name, x.Settings.Paths) : null);
}

/// <summary>The people by the marks that stand for them in links.</summary>
public sealed class LinkedPeople(PeopleCache people, AcknowledgeLinks links)
{
    private volatile ByMark known = new(PeopleSnapshot.Empty, []);

    private sealed record ByMark(PeopleSnapshot People, Dictionary<string, User?> Users);

    /// <summary>Null: nobody; also when two people share the mark, since it does not say which of them is meant.</summary>
    public async ValueTask<User?> FindAsync(string mark, CancellationToken cancellation)
    {
        var now = await people.RecentAsync(cancellation);
        if (!ReferenceEquals(known.People, now)) known = new(
            now, now.Users.GroupBy(x => links.MarkOfPerson(x.Id), StringComparer.Ordinal)
                .ToDictionary(x => x.Key, x => x.Count() == 1 ? x.First() : null, StringComparer.Ordinal));
        return known.Users.GetValueOrDefault(mark);
    }
}
