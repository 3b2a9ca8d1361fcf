using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.Receivers;

/// <summary>A receiver as one text, by which receivers are found and told apart: its kind, a colon and its name, the same however the name was
/// written.</summary>
public static class ReceiverKey
{
    /// <summary>An alias by the rule for names, an account in lower case: <c>pager:NIGHT SHIFT</c>, <c>member:zhangsan</c>.</summary>
    public static string Of(Receiver receiver) => receiver.Account is { } account
        ? $"{receiver.Kind}:{account.ToLowerInvariant()}"
        : $"{receiver.Kind}:{Names.KeyOf(receiver.Alias ?? "")}";

    /// <summary>As people read it: the alias as it was written.</summary>
    public static string Shown(Receiver receiver) => receiver.Account is null ? $"{receiver.Kind}:{receiver.Alias}" : Of(receiver);

    /// <summary>Of one name of a kind; an alias also as earlier rows have it, as it was written.</summary>
    public static IEnumerable<string> AllOf(ReceiverKind kind, string name) =>
        kind.Field == ReceiverField.Alias ? [Of(kind.Named(name)), $"{kind.Kind}:{name}"] : [Of(kind.Named(name))];

    /// <summary>The way back, as far as the key tells: the name is the key's.</summary>
    /// <returns>Null when none of the kinds has such a key.</returns>
    public static Receiver? Parse(string key, IEnumerable<ReceiverKind> kinds)
    {
        foreach (var kind in kinds)
            if (NameIn(key, kind) is { } name) return kind.Named(name);
        return null;
    }

    /// <summary>What stands behind the colon; null for a key of another kind.</summary>
    public static string? NameIn(string key, ReceiverKind kind) =>
        key.Length > kind.Kind.Length && key[kind.Kind.Length] == ':' && key.StartsWith(kind.Kind, StringComparison.Ordinal)
            ? key[(kind.Kind.Length + 1)..] : null;
}
