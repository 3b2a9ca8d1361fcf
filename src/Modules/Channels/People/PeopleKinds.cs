using Notify.Channels.Fields;
using Notify.Channels.Receivers;
using Notify.Contracts.People;
using Notify.Contracts.Rules;

namespace Notify.Channels.People;

/// <summary>The additional receiver kinds of a channel that reaches people by their records.</summary>
public static class PeopleKinds
{
    public const string User = "user";
    public const string Group = "group";

    /// <summary>The channel's own kinds, and these.</summary>
    /// <param name="fields">A receiver's fields other than its name, as in the channel's own kind.</param>
    public static IReadOnlyList<ReceiverKind> With(IReadOnlyList<ReceiverKind> own, IReadOnlyList<Field>? fields = null) =>
    [
        .. own,
        new(User, ReceiverField.Account, "person", "person's id", new("Person", "人员")) { Fields = fields ?? [] },
        new(Group, ReceiverField.Account, "group", "group's id", new("Group of people", "用户组")) { Fields = fields ?? [] },
    ];

    /// <summary>Whether the receiver refers to people, who are reached by the addresses in their records.</summary>
    public static bool IsPeople(Receiver receiver) => receiver.Kind is User or Group;

    public static Receiver ReceiverOf(string personId) => new(User, Account: personId);

    /// <summary>The keys under which a notification to this receiver is found: its own, and those of the people behind it.</summary>
    public static IEnumerable<string> KeysOf(Receiver receiver) =>
        (receiver.People ?? []).Select(x => ReceiverKey.Of(ReceiverOf(x.Id))).Prepend(ReceiverKey.Of(receiver));

    /// <summary>The reverse: the receivers, without the people behind them; if there are only people, these.</summary>
    public static List<Receiver> ReceiversIn(IEnumerable<string> keys, IEnumerable<ReceiverKind> kinds)
    {
        var all = keys.Select(x => ReceiverKey.Parse(x, kinds)).OfType<Receiver>().ToList();
        return all.Exists(x => !IsPeople(x)) ? all.FindAll(x => !IsPeople(x)) : all;
    }

    /// <summary>The name that people read: an alias or an address; for a person without an address, the person's name.</summary>
    public static string NameOf(Receiver receiver) =>
        IsPeople(receiver) && receiver.People is { Count: > 0 } people ? people[0].Name : receiver.Alias ?? receiver.Account ?? "";

    /// <summary>The name, with the people behind it, the field of their record, and the groups through which they were addressed:
    /// <c>li.si@plant.example (李四, email, Night)</c>.</summary>
    public static string Shown(Receiver receiver) => receiver.People is not { Count: > 0 } people ? NameOf(receiver)
        : $"{NameOf(receiver)} ({string.Join("; ", people.Select(Shown).Select(x => string.Join(", ", x.Where(part => part != NameOf(receiver)))))})";

    private static IEnumerable<string> Shown(ReachedPerson person) =>
        [person.Name, .. person.Via is { } via ? [via] : Array.Empty<string>(), .. person.Groups?.Select(x => x.Name) ?? []];
}
