using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>Whom an action notifies: its receivers, and the people whom it names, each at the address that their record has for the channel.
/// Immutable.</summary>
internal sealed class ActionReceivers
{
    private readonly Addressed addressed;
    private readonly string channel;
    private readonly ConfiguredPeople people;
    private readonly (IReadOnlyList<Receiver> Receivers, bool IsThere)[] groups;

    /// <param name="named">The receivers as the rule names them.</param>
    /// <param name="service">Null: the service was deleted, and nobody is reached.</param>
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

    /// <summary>Everyone whom the action names, including those who are not reached.</summary>
    public IEnumerable<Receiver> All => addressed.Receivers.Concat(addressed.Missed.Select(x => x.Receiver));

    /// <summary>The notifications of the action, with the reason why one is not sent.</summary>
    /// <param name="suppressed">Why the whole action notifies nobody; null: it does.</param>
    /// <param name="closed">Why the schedule is closed; null: it is open.</param>
    public IEnumerable<ReceiverExplanation> Explain(string? suppressed, string? closed)
    {
        foreach (var (receivers, isThere) in groups)
            yield return new(receivers, suppressed ?? (isThere ? closed : Suppression.ReceiverRemoved));
        foreach (var same in addressed.Missed.GroupBy(x => x.Why))
        {
            IReadOnlyList<Receiver> all = [.. same.Select(x => x.Receiver)];
            // A person without an address is a failure, not a suppression, so that the action's fallback is used.
            var why = suppressed ?? (same.Key == LeftOut.NoAddress ? closed : same.Key);
            yield return new(all, why, why is null ? LeftOut.NoAddressFor(channel, all) : null) { IsLeftOut = true };
        }
    }

    /// <summary>Why the receiver in question cannot be reached, however the action addresses them; null: they can be, or the action does not address
    /// them.</summary>
    public WayCondition? WhyNot(AskedReceiver asked)
    {
        if (addressed.Receivers.Any(asked.IsMeantBy)) return null;
        var all = addressed.Missed.Where(x => asked.IsMeantBy(x.Receiver)).ToList();
        // A person without an address is a failed notification, not an unmet condition.
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

    /// <summary>The name of a receiver for a sentence; for people and groups the name in their record.</summary>
    public string NameOf(Receiver named) => named.Kind switch
    {
        PeopleKinds.User => people.Find(named.Account)?.Name,
        PeopleKinds.Group => people.FindGroup(named.Account)?.Name,
        _ => null,
    } ?? named.Alias ?? named.Account ?? named.Kind;

    /// <summary>A person's address comes from their record, so the service need not list it.</summary>
    public static bool Reaches(ConfiguredService service, Receiver receiver) =>
        service.Routes.Has(receiver.People is [var person, ..] ? PeopleKinds.ReceiverOf(person.Id) : receiver);
}
