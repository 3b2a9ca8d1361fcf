using System.Text.Json.Nodes;

namespace Notify.Access.People;

/// <summary>The roles of a person, a group or a key by name, in settings as shown.</summary>
internal static class RoleNames
{
    /// <summary>An id without a name stays.</summary>
    public static void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf)
    {
        if (settings["roles"] is not JsonArray roles) return;
        settings["roles"] = new JsonArray([.. roles.Select(x => (string)x!).Select(x => JsonValue.Create(nameOf("role", x) ?? x))]);
    }
}
