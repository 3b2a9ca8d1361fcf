using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

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
    public static string Sentence(string service, IReadOnlyList<LeftOut> same, PersonAddress address, ConfiguredPeople people)
    {
        var reason = same[0].Why == NoAddress ? $"no usable '{address.Field.Name}' in the record" : ReasonOf(same[0].Why).En;
        return $"Service '{service}' does not reach {NamesOf(same, people)}: {reason}.";
    }

    /// <param name="why">One of the words above.</param>
    public static BilingualText ReasonOf(string why) => why switch
    {
        NoAddress => new("there is no address for it in the record", "人员资料中没有可用的地址"),
        PersonDisabled => new("disabled", "已停用"),
        PersonRemoved => new("removed", "已删除"),
        GroupDisabled => new("the group is disabled", "用户组已停用"),
        GroupRemoved => new("the group was deleted", "用户组已被删除"),
        GroupEmpty => new("the group has no members", "用户组没有成员"),
        _ => new(why, why),
    };

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
