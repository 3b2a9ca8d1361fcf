using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>Texts from outside. JSON can contain the escape of an unpaired surrogate, which is not a character (a program cut a text in the middle of
/// an emoji), and of U+0000, which PostgreSQL cannot store. They are replaced by U+FFFD, so that no alarm is lost.</summary>
internal static partial class IntakeText
{
    /// <summary>Null when the bytes are not UTF-8: with replacement characters, different alarms could become indistinguishable.</summary>
    public static string? Of(JsonElement element) => Unicode(element)?.Replace('\0', '\uFFFD');

    /// <summary>As <see cref="Of"/>, but U+0000 is kept.</summary>
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

    /// <summary>The text unchanged; null when it cannot be stored like that.</summary>
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

    /// <summary>Null when the name is not valid Unicode.</summary>
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

    /// <summary>Returns a list that is a field of a body, which must be an object.</summary>
    /// <exception cref="ProblemException">400: there is no such list; the text is <paramref name="fault"/>.</exception>
    public static JsonElement List(JsonElement body, string name, string fault)
    {
        try
        {
            if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var list)
                && list.ValueKind == JsonValueKind.Array) return list;
        }
        catch (InvalidOperationException)
        {
            // The name of another field contains an unpaired surrogate.
        }

        throw ProblemException.Invalid(name, fault);
    }

    /// <summary>From 1970 to 9000; null when the text is not an instant.</summary>
    public static DateTimeOffset? Instant(string text) => Instants.TryParse(text, out var time) && time.Year is >= 1970 and <= 9000 ? time : null;

    /// <summary>The item with unpaired surrogates replaced; null when it is JSON null, or a field is given twice, which is then among the errors: it
    /// may be only by the replacement, and System.Text.Json takes no such object.</summary>
    public static JsonNode? Node(JsonElement item, string path, Errors errors)
    {
        var whole = JsonSerializer.Deserialize<JsonElement>(Escape().Replace(item.GetRawText(), Whole));
        JsonText.CheckNames(whole, path, errors);
        return errors.Any ? null : whole.Deserialize<JsonNode>();
    }

    private static string Whole(Match escape) => escape.Groups["half"].Success ? @"\uFFFD" : escape.Value;

    /// <summary>Matches each escape of a JSON text; surrogate pairs are matched before unpaired ones.</summary>
    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
        RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Escape();
}
