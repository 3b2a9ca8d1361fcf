using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel.Http;

namespace Notify.Kernel.Resources;

/// <summary>The fields of a request body that all kinds have in addition to their settings.</summary>
public static class ResourceFields
{
    public const int MaxDescription = 500;

    public static (string Name, string Description) Read(JsonObject body, Errors errors)
    {
        var name = Names.Kept(Text(body, "name", errors));
        if (Names.FaultOf(name) is { } fault) errors.Add("name", fault);
        var description = Text(body, "description", errors);
        if (description.EnumerateRunes().Count() > MaxDescription) errors.Add(
            "description", $"A description has at most {MaxDescription} characters.");
        return (name, description);
    }

    /// <summary>Empty if it is absent.</summary>
    public static string Text(JsonObject body, string field, Errors errors)
    {
        if (body[field] is not { } node) return "";
        if (node.GetValueKind() == JsonValueKind.String) return node.GetValue<string>().Trim();
        errors.Add(field, "The value must be text.");
        return "";
    }

    public static bool Same<TSettings>(TSettings a, TSettings b) =>
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(a, NotifyJson.Options), JsonSerializer.SerializeToNode(b, NotifyJson.Options));

    /// <inheritdoc cref="JsonShape.Read"/>
    public static T? Deserialize<T>(JsonNode? body, string path, Errors errors)
        where T : class => JsonShape.Read<T>(body, path, errors, "name", "description");

    /// <summary>A copy of the other fields.</summary>
    public static JsonObject SettingsOf(JsonObject body)
    {
        var settings = body.DeepClone().AsObject();
        foreach (var field in (string[])["name", "description", .. RequestBody.ReadOnlyFields]) settings.Remove(field);
        return settings;
    }
}
