using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>The receiver that a question is about: <c>zhangsan</c> (whoever is called so), or a receiver's key such as <c>account:zhangsan</c> or
/// <c>user:user-…</c>. Names are compared as <see cref="Names"/> does.</summary>
public sealed record AskedReceiver
{
    private readonly IReadOnlyList<ReceiverKind> kinds;

    /// <summary>People by their ids, when <see cref="Resolve"/> has found some.</summary>
    private readonly HashSet<string> people = new(StringComparer.Ordinal);

    /// <summary>Groups by their ids: the one that is asked about, or those of the people.</summary>
    private readonly HashSet<string> groups = new(StringComparer.Ordinal);

    /// <param name="kinds">That there are.</param>
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

    /// <summary>As sentences call them: a person or a group by name, also when an id was given.</summary>
    public string Title { get; }

    /// <summary>What they would be called in an action.</summary>
    public IEnumerable<Receiver> Candidates =>
        kinds.Where(x => !IsOfPeople(x)).Select(x => x.Named(Name)).Concat(people.Select(PeopleKinds.ReceiverOf));

    /// <summary>Whether a receiver of an action is, or includes, the one who is asked about: <c>@all</c> includes every account, and an address
    /// includes whoever is reached by it.</summary>
    public bool IsMeantBy(Receiver receiver) => receiver.People?.Any(IsMeant) == true
        || (kinds.Of(receiver) is { } kind && (Names.Same(kind.NameOf(receiver), Name) || kind.IsEveryone(receiver)))
        || (receiver.Kind == PeopleKinds.Group && groups.Contains(receiver.Account ?? ""));

    /// <summary>A name that is known, but only of kinds in which nobody stands for all, means those: <c>@all</c>, which includes every account, does
    /// not include a kind without it.</summary>
    /// <param name="isKnown">Whether some service has this receiver.</param>
    /// <param name="channels">By what people are reached.</param>
    public AskedReceiver Resolve(Func<Receiver, bool> isKnown, ConfiguredPeople directory, ChannelCatalog channels)
    {
        List<PersonDescription> found = Asks(PeopleKinds.User) ? [.. directory.Called(Name)] : [];
        var group = Asks(PeopleKinds.Group) ? directory.GroupCalled(Name) : null;
        var own = kinds.Where(x => !IsOfPeople(x)).ToList();
        // Whoever has an account is among all accounts.
        var known = own.Where(x => isKnown(x.Named(Name)) || channels.All.Any(
            c => c.Person?.Kind == x && found.Exists(p => c.Person.Of(p, PeopleKinds.ReceiverOf(p.Id)) is not null))).ToList();
        var keeps = kinds.Count < 2 || known.Exists(x => x.Everyone is not null) || (known.Count == 0 && found.Count == 0 && group is null);
        var asked = new AskedReceiver(this, keeps ? kinds : [.. kinds.Where(x => x.Everyone is null)], found, group);
        asked.groups.UnionWith(directory.GroupsOf(asked.people));
        return asked;
    }

    /// <summary>Also without a configuration to look it up in: a record has ids and names.</summary>
    private bool IsMeant(ReachedPerson person) =>
        people.Contains(person.Id) || (Asks(PeopleKinds.User) && (person.Id == Name || Names.Same(person.Name, Name)))
        || (Asks(PeopleKinds.Group) && person.Groups?.Any(x => x.Id == Name || Names.Same(x.Name, Name)) == true);

    private bool Asks(string kind) => kinds.Any(x => x.Kind == kind);

    private static bool IsOfPeople(ReceiverKind kind) => kind.Kind is PeopleKinds.User or PeopleKinds.Group;
}
