using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.People;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>Replaces ids by names in an action, its fallback or a drill when a document is exported, and names by ids when it is imported.</summary>
internal static class WayNames
{
    private static readonly string[] referredKinds = ["service", "message", "schedule"];

    /// <summary><c>serviceId</c> becomes <c>service</c>; the id of a person or group in <c>account</c> becomes a name in <c>user</c> or <c>group</c>.
    /// An id without a name stays.</summary>
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

    /// <param name="path">The JSON path of <paramref name="way"/>; empty: the whole body.</param>
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

    /// <summary>Null when the receiver is neither a person nor a group.</summary>
    private static (JsonObject Receiver, string Kind)? PeopleKindOf(JsonNode? node) =>
        node is JsonObject receiver && receiver["kind"] is JsonValue value && value.TryGetValue<string>(out var kind)
            && kind is PeopleKinds.User or PeopleKinds.Group ? (receiver, kind) : null;
}
