using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Operation.Transfer;

/// <summary>The configuration's document as a text, for people to read and keep.</summary>
public static class DocumentText
{
    public const string Yaml = "yaml";
    public const string Json = "json";

    private static readonly JsonSerializerOptions indented = new(NotifyJson.Options) { WriteIndented = true };

    /// <param name="format"><see cref="Yaml"/> or <see cref="Json"/>.</param>
    public static string Write(JsonObject document, string format) => format == Yaml ? YamlText.Write(document) : document.ToJsonString(indented);

    /// <exception cref="ProblemException">400: it is not an object, or contains texts that cannot be stored.</exception>
    public static JsonObject ReadYaml(string text)
    {
        using var lines = new StringReader(text);
        var document = YamlText.Read(lines) as JsonObject ?? throw ProblemException.Invalid("", "The document must be an object.");
        var errors = new Errors();
        JsonText.Check(document, "", errors);
        errors.ThrowIfAny();
        return document;
    }
}
