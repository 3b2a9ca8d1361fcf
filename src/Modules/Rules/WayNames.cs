using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.People;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>For a document that goes elsewhere: exchanges the ids in one way out (an action, its other way, a drill) for names, and names for
/// ids.</summary>
internal static class WayNames
{
    private static readonly string[] referredKinds = ["service", "message", "schedule"];

    /// <summary><c>serviceId</c> becomes <c>service</c>, a person's or group's id in <c>account</c> becomes a name in <c>user</c> or <c>group</c>;
    /// an id that leads nowhere stays.</summary>
    public static void ReplaceIds(JsonObject way, Func<string, string, string?> nameOf)
    {
        foreach (var kind in referredKinds)
        {
            if (way[$"{kind}Id"] is not { } id || nameOf(kind, id.GetValue<string>()) is not { } name) continue;
            way[kind] = name;
            way.Remove($"{kind}Id");
        }

        foreach (var node in way["receivers"] as JsonArray ?? [])
        {
            if (PeopleKindOf(node) is not var (receiver, kind)) continue;
            if ((string?)receiver["account"] is not { } id || nameOf(kind, id) is not { } name) continue;
            receiver[kind] = name;
            receiver.Remove("account");
        }
    }

    /// <param name="path">Of the way; empty: of the whole body.</param>
    public static void ReplaceNames(JsonObject way, string path, Func<string, string, string?> idOf, Errors errors)
    {
        foreach (var kind in referredKinds) Exchange(way, kind, $"{kind}Id", path);
        foreach (var (i, node) in (way["receivers"] as JsonArray ?? []).Index())
            if (PeopleKindOf(node) is var (receiver, kind)) Exchange(receiver, kind, "account", JsonFault.Join(path, $"receivers[{i}]"));

        void Exchange(JsonObject owner, string kind, string field, string at)
        {
            if (owner[kind] is not { } node) return;
            owner.Remove(kind);
            var name = node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : "";
            if (idOf(kind, name) is { } id) owner[field] = id;
            else errors.Add(JsonFault.Join(at, kind), name.Length == 0 ? "The value must be text." : $"There is no {kind} '{name}'.");
        }
    }

    /// <summary>Null when it does not stand for people.</summary>
    private static (JsonObject Receiver, string Kind)? PeopleKindOf(JsonNode? node) =>
        node is JsonObject receiver && receiver["kind"] is JsonValue value && value.TryGetValue<string>(out var kind)
            && kind is PeopleKinds.User or PeopleKinds.Group ? (receiver, kind) : null;
}
