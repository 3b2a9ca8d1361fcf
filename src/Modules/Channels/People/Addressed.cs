using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>Whom receivers reach, and which of the people among them they do not.</summary>
/// <param name="Receivers">In the order in which they were named, each address once: whoever is meant in two ways is told once.</param>
/// <param name="Missed">The people who are not, and groups by which nobody is.</param>
public sealed record Addressed(IReadOnlyList<Receiver> Receivers, IReadOnlyList<LeftOut> Missed)
{
    /// <param name="named">As a rule names them: a channel's own receivers, people and groups.</param>
    /// <param name="address">By what the channel reaches people; null: by nothing, and nobody is looked up.</param>
    public static Addressed Of(IReadOnlyList<Receiver> named, PersonAddress? address, ConfiguredPeople people) =>
        address is null || !named.Any(PeopleKinds.IsPeople) ? new(named, []) : new Addressing(named, address, people).Result();

    private sealed class Addressing(IReadOnlyList<Receiver> named, PersonAddress address, ConfiguredPeople people)
    {
        private readonly OrderedDictionary<string, (Receiver Receiver, List<Meant> People)> reached = new(StringComparer.Ordinal);
        private readonly List<(string Why, Receiver Receiver, Meant? Person)> leftOut = [];
        private readonly Dictionary<string, Meant> meant = new(StringComparer.Ordinal);

        /// <summary>Who stands for all of the channel's own kind: whoever is reached by that kind is among them.</summary>
        private readonly string? everyone = named.FirstOrDefault(x => x.Kind == address.Kind.Kind && address.Kind.IsEveryone(x)) is { } all
            ? ReceiverKey.Of(all) : null;

        private sealed record Meant(string Id, string Name, string? Via)
        {
            /// <summary>Null: the person was named.</summary>
            public List<ReachedGroup>? Groups { get; set; }

            public ReachedPerson Done() => new(Id, Name, Via, Groups);
        }

        public Addressed Result()
        {
            // What is named itself comes first: a person is then found behind it.
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

        /// <param name="group">By which the person is meant; null: the person is named.</param>
        private void Add(string id, Receiver receiver, ReachedGroup? group)
        {
            if (meant.TryGetValue(id, out var known))
            {
                // Named, or in several groups: told once.
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
