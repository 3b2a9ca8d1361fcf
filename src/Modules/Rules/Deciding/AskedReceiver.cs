using Notify.Channels;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>Whom a question is about: <c>zhangsan</c> (whoever is called so), or a receiver's key such as <c>account:zhangsan</c>. Names are compared
/// as <see cref="Names"/> does.</summary>
public sealed record AskedReceiver
{
    private readonly IReadOnlyList<ReceiverKind> kinds;

    /// <param name="kinds">That there are.</param>
    public AskedReceiver(string text, IReadOnlyList<ReceiverKind> kinds)
    {
        (Name, this.kinds) = (text, kinds);
        foreach (var kind in kinds)
            if (ReceiverKey.NameIn(text, kind) is { } name) (Name, this.kinds) = (name, [kind]);
    }

    private AskedReceiver(IReadOnlyList<ReceiverKind> kinds, string name) => (Name, this.kinds) = (name, kinds);

    public string Name { get; }

    /// <summary>What they would be called in an action.</summary>
    public IEnumerable<Receiver> Candidates => kinds.Select(x => x.Named(Name));

    /// <summary>Whether a receiver of an action is, or includes, the one who is asked about: <c>@all</c> includes every account.</summary>
    public bool IsMeantBy(Receiver receiver) =>
        kinds.Of(receiver) is { } kind && (Names.Same(kind.NameOf(receiver), Name) || kind.IsEveryone(receiver));

    /// <summary>A name that is known, but only of kinds in which nobody stands for all, means those: <c>@all</c>, which includes every account, does
    /// not include a kind without it.</summary>
    /// <param name="isKnown">Whether some service has this receiver.</param>
    public AskedReceiver Resolve(Func<Receiver, bool> isKnown)
    {
        if (kinds.Count < 2) return this;
        var known = kinds.Where(x => isKnown(x.Named(Name))).ToList();
        return known.Count == 0 || known.Exists(x => x.Everyone is not null) ? this : new([.. kinds.Where(x => x.Everyone is null)], Name);
    }
}
