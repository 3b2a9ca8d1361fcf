using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.People;

/// <summary>A person or group that is addressed but cannot be reached.</summary>
/// <param name="Receiver">The person, or the group through which nobody is reached.</param>
public sealed record LeftOut(string Why, Receiver Receiver)
{
    public const string PersonDisabled = "personDisabled";
    public const string PersonRemoved = "personRemoved";
    public const string GroupDisabled = "groupDisabled";
    public const string GroupRemoved = "groupRemoved";
    public const string GroupEmpty = "groupEmpty";

    /// <summary>The person's record has no address that suits the channel.</summary>
    public const string NoAddress = "noAddress";

    private const int MostNamed = 20;

    /// <summary>States who is not reached, for one reason; the Chinese text is among the problem texts.</summary>
    /// <param name="service">The service's name.</param>
    public static string Sentence(string service, IReadOnlyList<LeftOut> same, PersonAddress address, ConfiguredPeople people)
    {
        var reason = same[0].Why == NoAddress ? $"no usable '{address.Field.Name}' in the record" : ReasonOf(same[0].Why).En;
        return $"Service '{service}' does not reach {NamesOf(same, people)}: {reason}.";
    }

    /// <param name="why">One of the constants above.</param>
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

    /// <summary>Why a notification could not be sent: none of these people has an address for the channel.</summary>
    public static string NoAddressFor(string channel, IReadOnlyList<Receiver> people) => $"No address for {channel}: {NamesOf(people, x => x.Account)}";

    private static string NamesOf(IReadOnlyList<LeftOut> all, ConfiguredPeople people) =>
        NamesOf([.. all.Select(x => x.Receiver)], x => people.FindGroup(x.Account)?.Name ?? x.Account);

    /// <summary>The names of the people behind these receivers, at most 20.</summary>
    /// <param name="otherwise">The name to show for a receiver without known people.</param>
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
