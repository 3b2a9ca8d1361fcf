using Notify.Channels.Fields;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.Receivers;

/// <summary>Which property of a receiver is its name, and therefore how names are compared.</summary>
public enum ReceiverField
{
    /// <summary>A name given in the service's settings, compared as <see cref="Kernel.Names"/> does.</summary>
    Alias,

    /// <summary>An identity on the platform (an account, an address, a number), compared ignoring case.</summary>
    Account,

    /// <summary>No name: a service has one receiver of the kind.</summary>
    None,
}

/// <summary>A kind of receiver, as in <c>{ "kind": "…", "alias"|"account": "…", … }</c>.</summary>
/// <param name="Kind">Also the part of a receiver's key before the colon.</param>
/// <param name="Noun">The noun in a sentence: <c>pager</c> in "Service 'X' has no pager 'Y'".</param>
/// <param name="Needs">What a receiver without a name lacks: <c>pager's name</c> in "needs the pager's name".</param>
public sealed record ReceiverKind(string Kind, ReceiverField Field, string Noun, string Needs, BilingualText Name)
{
    /// <summary>Whether each gets its own notification; the other receivers of an action share one.</summary>
    public bool Alone { get; init; }

    /// <summary>What <see cref="Receiver.All"/> means, as in "Service 'X' has no members to send to"; null: it is an ordinary
    /// name.</summary>
    public string? Everyone { get; init; }

    /// <summary>Checks a name if services do not list the names; returns why it is invalid. Null: any name is valid.</summary>
    public Func<string, string?>? FaultOfName { get; init; }

    /// <summary>The fields of such a receiver other than its name, such as whether a mail is a copy.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>The field that contains the name; null if the kind has no names.</summary>
    public string? NamedBy => Field switch { ReceiverField.Alias => "alias", ReceiverField.Account => "account", _ => null };

    /// <summary>Null if the name is missing; empty if the kind has no names.</summary>
    public string? NameOf(Receiver receiver) => Field switch
    {
        ReceiverField.Alias => receiver.Alias,
        ReceiverField.Account => receiver.Account,
        _ => "",
    };

    public Receiver Named(string name) => Field switch
    {
        ReceiverField.Alias => new(Kind, Alias: name),
        ReceiverField.Account => new(Kind, Account: name),
        _ => new(Kind),
    };

    /// <summary>Whether the receiver means all receivers of this kind that the service has.</summary>
    public bool IsEveryone(Receiver receiver) => Everyone is not null && NameOf(receiver) == Receiver.All;
}
