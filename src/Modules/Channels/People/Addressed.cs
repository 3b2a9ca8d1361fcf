using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>The receivers that are reached, and the people that are not.</summary>
/// <param name="Receivers">In the order in which they were named, each address once: somebody addressed in two ways is notified once.</param>
/// <param name="Missed">The people who cannot be reached, and the groups through which nobody is.</param>
public sealed record Addressed(IReadOnlyList<Receiver> Receivers, IReadOnlyList<LeftOut> Missed)
{
    /// <param name="named">As a rule names them: the channel's own receivers, people and groups.</param>
    /// <param name="address">How the channel reaches people; null: it cannot, and nobody is looked up.</param>
    public static Addressed Of(IReadOnlyList<Receiver> named, PersonAddress? address, ConfiguredPeople people) =>
        address is null || !named.Any(PeopleKinds.IsPeople) ? new(named, []) : new Addressing(named, address, people).Result();

    private sealed class Addressing(IReadOnlyList<Receiver> named, PersonAddress address, ConfiguredPeople people)
    {
        private readonly OrderedDictionary<string, (Receiver Receiver, List<Meant> People)> reached = new(StringComparer.Ordinal);
        private readonly List<(string Why, Receiver Receiver, Meant? Person)> leftOut = [];
        private readonly Dictionary<string, Meant> meant = new(StringComparer.Ordinal);

        /// <summary>The key of the receiver that means everyone of the channel's own kind, if there is one: it includes all people reached.</summary>
        private readonly string? everyone = named.FirstOrDefault(x => x.Kind == address.Kind.Kind && address.Kind.IsEveryone(x)) is { } all
            ? ReceiverKey.Of(all) : null;

        private sealed record Meant(string Id, string Name, string? Via)
        {
            /// <summary>Null: the person was named directly.</summary>
            public List<ReachedGroup>? Groups { get; set; }

            public ReachedPerson Done() => new(Id, Name, Via, Groups);
        }

        public Addressed Result()
        {
            // Directly named receivers come first; a person with the same address is then attached to them.
            foreach (var receiver in named.Where(x => !PeopleKinds.IsPeople(x))) reached.TryAdd(ReceiverKey.Of(receiver), (receiver, []));
            foreach (var receiver in named.Where(x => x.Kind == PeopleKinds.User)) Add(receiver.Account ?? "", receiver, null);
            foreach (var receiver in named.Where(x => x.Kind == PeopleKinds.Group)) AddGroup(receiver);
            return new(
                [.. reached.Values.Select(x => x.People.Count == 0 ? x.Receiver : x.Receiver with { People = [.. x.People.Select(p => p.Done())] })],
                [
                    .. leftOut.Select(x => new LeftOut(
                        x.Why, x.Person is { } person ? x.Receiver with { People = [person.Done()] } : x.Receiver)),
                ]);
        }

        private void AddGroup(Receiver receiver)
        {
            var group = people.FindGroup(receiver.Account);
            var why = group is null ? LeftOut.GroupRemoved
                : !group.Enabled ? LeftOut.GroupDisabled
                : group.Members.Count == 0 ? LeftOut.GroupEmpty
                : null;
            if (why is not null)
            {
                leftOut.Add((why, receiver, null));
                return;
            }

            var via = new ReachedGroup(group!.Id, group.Version, group.Name);
            foreach (var id in group.Members) Add(id, receiver, via);
        }

        /// <param name="group">The group through which the person is addressed; null: the person is named directly.</param>
        private void Add(string id, Receiver receiver, ReachedGroup? group)
        {
            if (meant.TryGetValue(id, out var known))
            {
                // Named directly, or in several groups: notified once.
                if (group is not null) known.Groups?.Add(group);
                return;
            }

            var person = people.Find(id);
            var own = person is null ? null : address.Of(person, receiver);
            meant[id] = known = new(id, person?.Name ?? "", own is null ? null : address.Field.Name) { Groups = group is null ? null : [group] };
            var why = person is null ? LeftOut.PersonRemoved : !person.Enabled ? LeftOut.PersonDisabled : own is null ? LeftOut.NoAddress : null;
            if (why is not null)
            {
                leftOut.Add((why, PeopleKinds.ReceiverOf(id) with { Fields = receiver.Fields }, known));
                return;
            }

            var key = everyone ?? ReceiverKey.Of(own!);
            if (!reached.ContainsKey(key)) reached[key] = (own!, []);
            reached[key].People.Add(known);
        }
    }
}
