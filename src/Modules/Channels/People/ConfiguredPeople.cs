using System.Collections.Frozen;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.People;

/// <summary>All people and groups at one moment, as needed to notify them. Immutable.</summary>
public sealed class ConfiguredPeople
{
    public static readonly ConfiguredPeople None = new([], []);

    private readonly FrozenDictionary<string, PersonDescription> people;
    private readonly FrozenDictionary<string, GroupDescription> groups;

    public ConfiguredPeople(IEnumerable<PersonDescription> people, IEnumerable<GroupDescription> groups)
    {
        this.people = people.ToFrozenDictionary(x => x.Id, StringComparer.Ordinal);
        this.groups = groups.ToFrozenDictionary(x => x.Id, StringComparer.Ordinal);
    }

    public static ConfiguredPeople Of(PeopleDescribed described) => new(described.People, described.Groups);

    /// <summary>Whether no person or group was added, removed or changed.</summary>
    public bool IsSame(ConfiguredPeople other) =>
        people.Count == other.people.Count && groups.Count == other.groups.Count
        && people.Values.All(x => other.Find(x.Id) is { } same && x with { Addresses = same.Addresses } == same
            && x.Addresses.Count == same.Addresses.Count
            && x.Addresses.All(a => same.Addresses.TryGetValue(a.Key, out var address) && address == a.Value))
        && groups.Values.All(x => other.FindGroup(x.Id) is { } same && x with { Members = same.Members } == same
            && x.Members.SequenceEqual(same.Members, StringComparer.Ordinal));

    /// <summary>Null if not found.</summary>
    public PersonDescription? Find(string? id) => id is null ? null : people.GetValueOrDefault(id);

    /// <summary>Null if not found.</summary>
    public GroupDescription? FindGroup(string? id) => id is null ? null : groups.GetValueOrDefault(id);

    /// <summary>Whether the person or group that the receiver refers to exists, enabled or not.</summary>
    public bool Has(Receiver receiver) =>
        receiver.Kind == PeopleKinds.User ? Find(receiver.Account) is not null : FindGroup(receiver.Account) is not null;

    /// <summary>Finds people by id, user name or name, ignoring case; several may have the same name.</summary>
    public IEnumerable<PersonDescription> Called(string text) => Find(text) is { } one
        ? [one] : people.Values.Where(x => Names.Same(x.UserName, text) || Names.Same(x.Name, text));

    /// <summary>The ids of the groups that contain one of these people.</summary>
    public IEnumerable<string> GroupsOf(IReadOnlySet<string> ids) =>
        ids.Count == 0 ? [] : groups.Values.Where(x => x.Members.Any(ids.Contains)).Select(x => x.Id);

    /// <summary>Finds a group by its id or its name.</summary>
    public GroupDescription? GroupCalled(string text) => FindGroup(text) ?? groups.Values.FirstOrDefault(x => Names.Same(x.Name, text));
}
