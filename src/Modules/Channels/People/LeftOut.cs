using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>A person or group that is addressed but cannot be reached.</summary>
/// <param name="Receiver">The person, or the group by which nobody is.</param>
public sealed record LeftOut(string Why, Receiver Receiver)
{
    public const string PersonDisabled = "personDisabled";
    public const string PersonRemoved = "personRemoved";
    public const string GroupDisabled = "groupDisabled";
    public const string GroupRemoved = "groupRemoved";
    public const string GroupEmpty = "groupEmpty";

    /// <summary>The person's record has none that fits the channel.</summary>
    public const string NoAddress = "noAddress";

    private const int MostNamed = 20;

    /// <summary>Says of those who are left out for one reason that they are; as the texts of refusals, it has a Chinese line.</summary>
    /// <param name="service">Its name.</param>
    public static string Sentence(string service, IReadOnlyList<LeftOut> same, PersonAddress address, ConfiguredPeople people) =>
        $"Service '{service}' does not reach {NamesOf(same, people)}: {same[0].Why switch
        {
            NoAddress => $"no usable '{address.Field.Name}' in the record",
            PersonDisabled => "disabled",
            PersonRemoved => "removed",
            GroupDisabled => "the group is disabled",
            GroupRemoved => "the group was deleted",
            GroupEmpty => "the group has no members",
            var other => other,
        }}.";

    /// <summary>Why a notification to these could not be sent: nobody of them has an address for the channel.</summary>
    public static string NoAddressFor(string channel, IReadOnlyList<Receiver> people) => $"No address for {channel}: {NamesOf(people, x => x.Account)}";

    private static string NamesOf(IReadOnlyList<LeftOut> all, ConfiguredPeople people) =>
        NamesOf([.. all.Select(x => x.Receiver)], x => people.FindGroup(x.Account)?.Name ?? x.Account);

    /// <summary>The names of the people behind these, as far as they fit into a sentence.</summary>
    /// <param name="otherwise">What a receiver is called of whom no name is known.</param>
    public static string NamesOf(IReadOnlyList<Receiver> all, Func<Receiver, string?> otherwise)
    {
        string[] names =
        [
            .. all.SelectMany(x => x.People is { Count: > 0 } behind
                ? behind.Select(p => p.Name.Length > 0 ? p.Name : p.Id) : [otherwise(x) ?? ""]),
        ];
        return string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? $" (+{names.Length - MostNamed})" : "");
    }
}
