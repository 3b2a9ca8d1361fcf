using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Channels.Receivers;

/// <summary>Functions about receivers that hold for every channel, given its kinds.</summary>
public static class ReceiverKinds
{
    /// <summary>Null for a kind that the channel does not have.</summary>
    public static ReceiverKind? Of(this IReadOnlyList<ReceiverKind> kinds, Receiver receiver)
    {
        foreach (var kind in kinds)
            if (kind.Kind == receiver.Kind) return kind;
        return null;
    }

    /// <summary>Checks receivers by themselves; whether a service has them is decided by its <see cref="IRoutes"/>.</summary>
    /// <param name="path">The path of the list.</param>
    public static void Check(this IReadOnlyList<ReceiverKind> kinds, IReadOnlyList<Receiver?> receivers, string path, Errors errors)
    {
        var seen = new HashSet<string>(Names.Comparer);
        var everyone = receivers.OfType<Receiver>().Where(x => kinds.Of(x)?.IsEveryone(x) == true).Select(x => x.Kind)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (i, receiver) in receivers.Index()) Check(kinds, receiver, $"{path}[{i}]", everyone, seen, errors);
    }

    private static void Check(
        IReadOnlyList<ReceiverKind> kinds, Receiver? receiver, string at, HashSet<string> everyone, HashSet<string> seen, Errors errors)
    {
        if (receiver is null)
        {
            errors.Add(at, "A receiver must not be null.");
            return;
        }

        if (kinds.Of(receiver) is not { } kind)
        {
            errors.Add($"{at}.kind", $"'{receiver.Kind}' is not a kind of receiver; use {Choice([.. kinds.Select(x => x.Kind)])}.");
            return;
        }

        var (field, name) = (kind.NamedBy, kind.NameOf(receiver));
        if (field is not null && string.IsNullOrWhiteSpace(name)) errors.Add($"{at}.{field}", $"A receiver of kind {kind.Kind} needs the {kind.Needs}.");
        else if (!seen.Add($"{kind.Kind} {name}")) errors.Add(at, $"{Capital(kinds.Name(receiver))} is listed twice.");
        else if (everyone.Contains(kind.Kind) && !kind.IsEveryone(receiver)) errors.Add(at, $"{Receiver.All} already includes '{name}'.");
        else if (field is not null && kind.FaultOfName?.Invoke(name!) is { } fault) errors.Add($"{at}.{field}", fault);
        if (receiver.People is not null) errors.Add($"{at}.people", "Who is reached follows from people and groups; it is not entered.");
        if (receiver.Alias is not null && field != "alias") errors.Add($"{at}.alias", $"A receiver of kind {kind.Kind} has no alias.");
        if (receiver.Account is not null && field != "account") errors.Add($"{at}.account", $"A receiver of kind {kind.Kind} has no account.");
        new FieldReader(errors).Read(kind.Fields, OwnFields(receiver), null, at);
    }

    /// <summary>The receiver in a sentence: <c>pager 'Night shift'</c>.</summary>
    public static string Name(this IReadOnlyList<ReceiverKind> kinds, Receiver receiver)
    {
        var (kind, name) = (kinds.Of(receiver), receiver.Alias ?? receiver.Account);
        return name is null ? kind?.Noun ?? receiver.Kind : $"{kind?.Noun ?? receiver.Kind} '{name}'";
    }

    /// <summary>The receiver in a sentence about what a service lacks: <c>pager 'Night shift'</c>, <c>members to send to</c>.</summary>
    public static string Describe(this IReadOnlyList<ReceiverKind> kinds, Receiver receiver) =>
        kinds.Of(receiver) is { } kind && kind.IsEveryone(receiver) ? kind.Everyone! : kinds.Name(receiver);

    /// <summary>Groups receivers by notification: those with their own one by one, then the others together. Each list has at least one.</summary>
    public static IEnumerable<IReadOnlyList<Receiver>> Together(this IReadOnlyList<ReceiverKind> kinds, IReadOnlyList<Receiver> receivers)
    {
        List<Receiver>? rest = null;
        foreach (var receiver in receivers)
        {
            if (kinds.Of(receiver)?.Alone == true) yield return [receiver];
            else (rest ??= []).Add(receiver);
        }

        if (rest is not null) yield return rest;
    }

    /// <summary>A text in a receiver's other fields; null if it is not given.</summary>
    public static string? FieldOf(this Receiver receiver, string name) =>
        receiver.Fields?.TryGetValue(name, out var value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonObject? OwnFields(Receiver receiver) => receiver.Fields is { } fields
        ? new JsonObject(fields.Select(x => KeyValuePair.Create(x.Key, JsonSerializer.SerializeToNode(x.Value, NotifyJson.Options)))) : null;

    private static string Choice(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";

    private static string Capital(string noun) => $"{char.ToUpperInvariant(noun[0])}{noun[1..]}";
}
