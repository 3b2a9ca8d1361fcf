using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Changes;

/// <summary>The receivers of a resend: people who had no address at the time of the decision may have one now.</summary>
internal static class Readdressed
{
    /// <param name="address">How the channel addresses people; null: it does not.</param>
    /// <returns>The receivers that can be reached, and those that still have no address.</returns>
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
