using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Changes;

/// <summary>Receivers that are sent to again: people who had no address when it was decided may have one by now.</summary>
internal static class Readdressed
{
    /// <param name="address">By what the channel reaches people; null: by nothing.</param>
    /// <returns>Whom it goes to, and who still has none.</returns>
    public static (IReadOnlyList<Receiver> Receivers, IReadOnlyList<Receiver> Missed) Of(
        IReadOnlyList<Receiver> receivers, PersonAddress? address, ConfiguredPeople people)
    {
        if (address is null || !receivers.Any(PeopleKinds.IsPeople)) return (receivers, []);
        var (reached, missed) = (new List<Receiver>(), new List<Receiver>());
        foreach (var x in receivers)
        {
            if (!PeopleKinds.IsPeople(x)) reached.Add(x);
            else if (people.Find(x.Account) is { Enabled: true } person && address.Of(person, x) is { } own)
                reached.Add(own with { People = [.. (x.People ?? []).Select(p => p with { Via = address.Field.Name })] });
            else missed.Add(x);
        }

        return (reached, missed);
    }
}
