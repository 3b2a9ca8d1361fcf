using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>Whom an action tells: its receivers, and the people whom it names, each by the address that their record has for the channel.
/// Immutable.</summary>
internal sealed class ActionReceivers
{
    private readonly Addressed addressed;
    private readonly string channel;
    private readonly ConfiguredPeople people;
    private readonly (IReadOnlyList<Receiver> Receivers, bool IsThere)[] groups;

    /// <param name="named">As the rule names them.</param>
    /// <param name="service">Null: it is gone, and nobody is reached.</param>
    public ActionReceivers(IReadOnlyList<Receiver> named, ConfiguredService? service, IChannel? channel, ConfiguredPeople people)
    {
        (this.channel, this.people) = (channel?.Name.En ?? "", people);
        var kinds = channel?.Receivers ?? [];
        addressed = Addressed.Of(named, channel?.Person, people);
        groups =
        [
            .. from together in kinds.Together(addressed.Receivers)
               from some in together.GroupBy(x => service is not null && Reaches(service, x))
               select ((IReadOnlyList<Receiver>)[.. some], some.Key),
        ];
    }

    /// <summary>All whom it is about, also those who are not reached.</summary>
    public IEnumerable<Receiver> All => addressed.Receivers.Concat(addressed.Missed.Select(x => x.Receiver));

    /// <summary>The notifications, with why each is not sent.</summary>
    /// <param name="suppressed">What keeps the whole action from telling anyone; null: nothing does.</param>
    /// <param name="closed">Why its schedule is closed; null: it is open.</param>
    public IEnumerable<ReceiverExplanation> Explain(string? suppressed, string? closed)
    {
        foreach (var (receivers, isThere) in groups)
            yield return new(receivers, suppressed ?? (isThere ? closed : Suppression.ReceiverRemoved));
        foreach (var same in addressed.Missed.GroupBy(x => x.Why))
        {
            IReadOnlyList<Receiver> all = [.. same.Select(x => x.Receiver)];
            // Whoever has no address was to be told: that is a failure, and the other way of the action is taken.
            var why = suppressed ?? (same.Key == LeftOut.NoAddress ? closed : same.Key);
            yield return new(all, why, why is null ? LeftOut.NoAddressFor(channel, all) : null) { IsLeftOut = true };
        }
    }

    /// <summary>Why the receiver in question cannot be reached, in whatever way they are addressed; null: they can be, or nothing addresses
    /// them.</summary>
    public WayCondition? WhyNot(AskedReceiver asked)
    {
        if (addressed.Receivers.Any(asked.IsMeantBy)) return null;
        var all = addressed.Missed.Where(x => asked.IsMeantBy(x.Receiver)).ToList();
        // Whoever has no address was to be told, and that failed.
        if (all.Count == 0 || all.Exists(x => x.Why == LeftOut.NoAddress)) return null;
        var (why, receiver) = (all[0].Why, all[0].Receiver);
        var isGroup = receiver.Kind == PeopleKinds.Group;
        var actual = why is LeftOut.PersonDisabled or LeftOut.GroupDisabled ? "disabled" : why == LeftOut.GroupEmpty ? "empty" : "removed";
        var of = isGroup
            ? people.FindGroup(receiver.Account) is { } group ? new VersionedRef(group.Id, group.Version, group.Name) : null
            : people.Find(receiver.Account) is { } person ? new VersionedRef(person.Id, person.Version, person.Name) : null;
        return new(
            isGroup ? WayCondition.Group : WayCondition.Person, false, why == LeftOut.GroupEmpty ? "a member" : "enabled", actual,
            of ?? new(receiver.Account ?? "", 0, receiver.People is [{ Name: { Length: > 0 } name }, ..] ? name : receiver.Account ?? ""));
    }

    /// <summary>As a sentence names a receiver: a person and a group by name.</summary>
    public string NameOf(Receiver named) => named.Kind switch
    {
        PeopleKinds.User => people.Find(named.Account)?.Name,
        PeopleKinds.Group => people.FindGroup(named.Account)?.Name,
        _ => null,
    } ?? named.Alias ?? named.Account ?? named.Kind;

    /// <summary>A person is reached by an address that the service need not know.</summary>
    public static bool Reaches(ConfiguredService service, Receiver receiver) =>
        service.Routes.Has(receiver.People is [var person, ..] ? PeopleKinds.ReceiverOf(person.Id) : receiver);
}
