using System.Text.Json.Nodes;

namespace Notify.Ui.Resources;

/// <summary>A resource in a list.</summary>
public sealed class ResourceRow(JsonObject body)
{
    public JsonObject Body { get; } = body;

    public string Id => Text("id");

    public string Name => IsUnreadable ? Id : Text("name");

    public string Description => Text("description");

    public bool Enabled => Text("status") != "disabled";

    public long Version => Body["version"]?.GetValue<long>() ?? 0;

    public DateTimeOffset? CreatedAt => Body["createdAt"]?.GetValue<DateTimeOffset>();

    /// <summary>Whether it comes with Notify and cannot be changed.</summary>
    public bool IsBuiltIn => Body["builtIn"]?.GetValue<bool>() == true;

    /// <summary>Whether somebody has changed its record in the database, so that there is nothing of it but its id.</summary>
    public bool IsUnreadable => Body["unreadable"]?.GetValue<bool>() == true;

    /// <summary>Empty if there is none.</summary>
    public string Text(string field) => Body[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public IReadOnlyList<string> Texts(string field) =>
        (Body[field] as JsonArray)?.OfType<JsonValue>().Select(x => x.TryGetValue<string>(out var text) ? text : x.ToJsonString()).ToList() ?? [];
}
