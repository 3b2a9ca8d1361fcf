using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>The receiver that a question concerns: a name such as <c>zhangsan</c>, or a receiver's key such as <c>account:zhangsan</c> or
/// <c>user:user-…</c>. Names are compared by <see cref="Names"/>.</summary>
public sealed record AskedReceiver
{
    private readonly IReadOnlyList<ReceiverKind> kinds;

    /// <summary>The ids of the people meant, once <see cref="Resolve"/> has found some.</summary>
    private readonly HashSet<string> people = new(StringComparer.Ordinal);

    /// <summary>The ids of the groups meant: the one in question, or those of the people.</summary>
    private readonly HashSet<string> groups = new(StringComparer.Ordinal);

    /// <param name="kinds">All kinds of receivers that exist.</param>
    public AskedReceiver(string text, IReadOnlyList<ReceiverKind> kinds)
    {
        (Name, this.kinds) = (text, kinds);
        foreach (var kind in kinds)
            if (ReceiverKey.NameIn(text, kind) is { } name) (Name, this.kinds) = (name, [kind]);
        Title = Name;
    }

    private AskedReceiver(AskedReceiver asked, IReadOnlyList<ReceiverKind> kinds, IReadOnlyList<PersonDescription> people, GroupDescription? group)
    {
        (Name, this.kinds) = (asked.Name, kinds);
        Title = people.Count == 1 ? people[0].Name : group?.Name ?? Name;
        this.people.UnionWith(people.Select(x => x.Id));
        if (group is not null) groups.Add(group.Id);
    }

    public string Name { get; }

    /// <summary>The name for sentences: that of the person or group, even when the question gave an id.</summary>
    public string Title { get; }

    /// <summary>The receivers that an action could name to reach the one in question.</summary>
    public IEnumerable<Receiver> Candidates =>
        kinds.Where(x => !IsOfPeople(x)).Select(x => x.Named(Name)).Concat(people.Select(PeopleKinds.ReceiverOf));

    /// <summary>Whether a receiver of an action is, or includes, the one in question: <c>@all</c> includes every account, and an address includes the
    /// people reached by it.</summary>
    public bool IsMeantBy(Receiver receiver) => receiver.People?.Any(IsMeant) == true
        || (kinds.Of(receiver) is { } kind && (Names.Same(kind.NameOf(receiver), Name) || kind.IsEveryone(receiver)))
        || (receiver.Kind == PeopleKinds.Group && groups.Contains(receiver.Account ?? ""));

    /// <summary>Narrows the kinds to those in which the name is known. If it is known only in kinds without <c>@all</c>, the kinds with <c>@all</c>
    /// are excluded, since that would include every account.</summary>
    /// <param name="isKnown">Whether some service has the receiver.</param>
    /// <param name="channels">They tell how people are addressed.</param>
    public AskedReceiver Resolve(Func<Receiver, bool> isKnown, ConfiguredPeople directory, ChannelCatalog channels)
    {
        List<PersonDescription> found = Asks(PeopleKinds.User) ? [.. directory.Called(Name)] : [];
        var group = Asks(PeopleKinds.Group) ? directory.GroupCalled(Name) : null;
        var own = kinds.Where(x => !IsOfPeople(x)).ToList();
        // A person who has an account is included in "all accounts".
        var known = own.Where(x => isKnown(x.Named(Name)) || channels.All.Any(
            c => c.Person?.Kind == x && found.Exists(p => c.Person.Of(p, PeopleKinds.ReceiverOf(p.Id)) is not null))).ToList();
        var keeps = kinds.Count < 2 || known.Exists(x => x.Everyone is not null) || (known.Count == 0 && found.Count == 0 && group is null);
        var asked = new AskedReceiver(this, keeps ? kinds : [.. kinds.Where(x => x.Everyone is null)], found, group);
        asked.groups.UnionWith(directory.GroupsOf(asked.people));
        return asked;
    }

    /// <summary>Works without the configuration too, since a recorded receiver has ids and names.</summary>
    private bool IsMeant(ReachedPerson person) =>
        people.Contains(person.Id) || (Asks(PeopleKinds.User) && (person.Id == Name || Names.Same(person.Name, Name)))
        || (Asks(PeopleKinds.Group) && person.Groups?.Any(x => x.Id == Name || Names.Same(x.Name, Name)) == true);

    private bool Asks(string kind) => kinds.Any(x => x.Kind == kind);

    private static bool IsOfPeople(ReceiverKind kind) => kind.Kind is PeopleKinds.User or PeopleKinds.Group;
}
