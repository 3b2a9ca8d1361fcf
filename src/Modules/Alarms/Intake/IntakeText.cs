using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>
/// Texts from outside. JSON can escape half of a surrogate pair, which is no character (a program cut a text in the middle of a picture), and U+0000,
/// which PostgreSQL does not store. No alarm is lost for that: they are replaced by U+FFFD.
/// </summary>
internal static partial class IntakeText
{
    /// <summary>Null when its bytes are not UTF-8: with replacement characters, different alarms could no longer be told apart.</summary>
    public static string? Of(JsonElement element) => Unicode(element)?.Replace('\0', '\uFFFD');

    /// <summary>As <see cref="Of"/>, with U+0000 where it stood.</summary>
    public static string? Unicode(JsonElement element)
    {
        try
        {
            return Exact(element) ?? JsonSerializer.Deserialize<string>(Escape().Replace(element.GetRawText(), Whole));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text as it is; null when it cannot be stored so.</summary>
    public static string? Exact(JsonElement element)
    {
        try
        {
            return element.GetString() is { } text && PlainText.IsStorable(text) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null when it is not Unicode.</summary>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name.Replace('\0', '\uFFFD');
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The list under a name of a body that should be an object.</summary>
    /// <exception cref="ProblemException">400, with <paramref name="fault"/>.</exception>
    public static JsonElement List(JsonElement body, string name, string fault)
    {
        try
        {
            if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var list)
                && list.ValueKind == JsonValueKind.Array) return list;
        }
        catch (InvalidOperationException)
        {
            // Another field's name has half of a surrogate pair.
        }

        throw ProblemException.Invalid(name, fault);
    }

    /// <summary>From 1970 on; null when it is no instant.</summary>
    public static DateTimeOffset? Instant(string text) => Instants.TryParse(text, out var time) && time.Year is >= 1970 and <= 9000 ? time : null;

    /// <summary>An object whose texts are all Unicode; null when it is none.</summary>
    public static JsonObject? Object(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object ? JsonNode.Parse(Escape().Replace(item.GetRawText(), Whole)) as JsonObject : null;

    private static string Whole(Match escape) => escape.Groups["half"].Success ? @"\uFFFD" : escape.Value;

    /// <summary>Each escape of a JSON text, whole pairs first.</summary>
    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
        RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Escape();
}
