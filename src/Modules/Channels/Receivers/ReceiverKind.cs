using Notify.Channels.Fields;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.Receivers;

/// <summary>Where in a receiver its name stands, and so how two names are compared.</summary>
public enum ReceiverField
{
    /// <summary>A name that was given in the service's settings, compared as <see cref="Kernel.Names"/> does.</summary>
    Alias,

    /// <summary>An identity at the platform (an account, an address, a number), whose case does not matter.</summary>
    Account,

    /// <summary>None: a service has one receiver of the kind.</summary>
    None,
}

/// <summary>A kind of receiver, as it stands in <c>{ "kind": "…", "alias"|"account": "…", … }</c>.</summary>
/// <param name="Kind">Also what stands before the colon of a receiver's key.</param>
/// <param name="Noun">As a sentence names one: <c>pager</c> in "Service 'X' has no pager 'Y'".</param>
/// <param name="Needs">What a receiver without a name lacks: <c>pager's name</c> in "needs the pager's name".</param>
public sealed record ReceiverKind(string Kind, ReceiverField Field, string Noun, string Needs, BilingualText Name)
{
    /// <summary>Each gets a notification of its own; the others of one action share one.</summary>
    public bool Alone { get; init; }

    /// <summary>What <see cref="Receiver.All"/> stands for, as in "Service 'X' has no members to send to"; null: it is a name like
    /// another.</summary>
    public string? Everyone { get; init; }

    /// <summary>Why a name cannot be one, where a service lists none and so cannot tell; null: any may.</summary>
    public Func<string, string?>? FaultOfName { get; init; }

    /// <summary>What a receiver of the kind has beside its name, such as whether a mail goes to it openly.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>The field that has the name; null when it has none.</summary>
    public string? NamedBy => Field switch { ReceiverField.Alias => "alias", ReceiverField.Account => "account", _ => null };

    /// <summary>Null when it is not given; empty where there is none to give.</summary>
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

    /// <summary>It stands for all that the service has of this kind.</summary>
    public bool IsEveryone(Receiver receiver) => Everyone is not null && NameOf(receiver) == Receiver.All;
}
