using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.Receivers;

/// <summary>A receiver as a text by which receivers are compared and found: its kind, a colon and its normalised name.</summary>
public static class ReceiverKey
{
    /// <summary>An alias is normalised as <see cref="Names"/> does, an account is in lower case: <c>pager:NIGHT SHIFT</c>,
    /// <c>member:zhangsan</c>.</summary>
    public static string Of(Receiver receiver) => receiver.Account is { } account
        ? $"{receiver.Kind}:{account.ToLowerInvariant()}"
        : $"{receiver.Kind}:{Names.KeyOf(receiver.Alias ?? "")}";

    /// <summary>The key for people to read: with the alias as written.</summary>
    public static string Shown(Receiver receiver) => receiver.Account is null ? $"{receiver.Kind}:{receiver.Alias}" : Of(receiver);

    /// <summary>The keys of one name of a kind; for an alias also the form in older rows, as written.</summary>
    public static IEnumerable<string> AllOf(ReceiverKind kind, string name) =>
        kind.Field == ReceiverField.Alias ? [Of(kind.Named(name)), $"{kind.Kind}:{name}"] : [Of(kind.Named(name))];

    /// <summary>The receiver with this key; its name is normalised as in the key.</summary>
    /// <returns>Null if the key is of none of these kinds.</returns>
    public static Receiver? Parse(string key, IEnumerable<ReceiverKind> kinds)
    {
        foreach (var kind in kinds)
            if (NameIn(key, kind) is { } name) return kind.Named(name);
        return null;
    }

    /// <summary>The part after the colon; null for a key of another kind.</summary>
    public static string? NameIn(string key, ReceiverKind kind) =>
        key.Length > kind.Kind.Length && key[kind.Kind.Length] == ':' && key.StartsWith(kind.Kind, StringComparison.Ordinal)
            ? key[(kind.Kind.Length + 1)..] : null;
}
