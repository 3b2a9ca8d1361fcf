using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;

namespace Notify.Audit.Erasing;

/// <summary>
/// A text that names a person. It is matched regardless of case, and only as a whole word: <c>li</c> is not in <c>Line</c>, but <c>李</c> is in
/// <c>李四</c>. A value that is a form or JSON is matched decoded too: <c>%E5%BC%A0</c> and <c>\u5f20</c> are <c>张</c>.
/// </summary>
public sealed partial class Subject(string text)
{
    /// <summary>How often a value is decoded: a form can contain JSON in which there is JSON.</summary>
    private const int MostLayers = 4;

    /// <summary>A mobile number also as some platforms want it: without the plus sign, in China without the country code.</summary>
    private readonly string[] forms = !MobileNumber().IsMatch(text) ? [text]
        : text.StartsWith("+86", StringComparison.Ordinal) ? [text, text[1..], text[3..]] : [text, text[1..]];

    /// <summary>A regular expression of PostgreSQL for the text in a plain column.</summary>
    public string Pattern => $"({string.Join('|', forms.Select(PatternOf))})";

    /// <summary>A regular expression of PostgreSQL for the text inside JSON, where quotation marks and the like are escaped.</summary>
    public string JsonPattern => $"({string.Join('|', forms.Select(InJson).Select(PatternOf))})";

    /// <summary>Patterns for a quick first search with <c>ilike any</c>. They may match more than the text.</summary>
    public string[] Likes => [.. forms.SelectMany(LikesOf).Distinct(StringComparer.OrdinalIgnoreCase)];

    public bool IsIn(string? value)
    {
        for (var layer = 0; value is not null && layer < MostLayers; layer++)
        {
            foreach (var form in forms)
                if (IsIn(value, form)) return true;
            value = Decoded(value);
        }

        return false;
    }

    /// <summary>Whether a string or a property name anywhere in the JSON contains the text.</summary>
    public bool IsInJson(string? json)
    {
        if (json is null) return false;
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128 });
        return IsIn(document.RootElement);
    }

    /// <summary>Replaces every string and every property name in the JSON that contains the text.</summary>
    public string Erase(string json) =>
        Erase(JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 128 }))?.ToJsonString(Kernel.NotifyJson.Options) ?? "null";

    private bool IsIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => IsIn(value.GetString()),
        JsonValueKind.Array => value.EnumerateArray().Any(IsIn),
        JsonValueKind.Object => value.EnumerateObject().Any(x => IsIn(x.Name) || IsIn(x.Value)),
        _ => false,
    };

    private JsonNode? Erase(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                var result = new JsonObject();
                foreach (var (name, value) in members) result[IsIn(name) ? Erased.Text : name] = Erase(value);
                return result;
            case JsonArray elements:
                return new JsonArray([.. elements.Select(Erase)]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String && IsIn(value.GetValue<string>()):
                return Erased.Text;
            default:
                return node?.DeepClone();
        }
    }

    private static bool IsIn(string value, string text)
    {
        for (var i = 0; (i = value.IndexOf(text, i, StringComparison.OrdinalIgnoreCase)) >= 0; i++)
            if (IsEdge(value, i, text) && IsEnd(value, i + text.Length, text)) return true;
        return !string.Equals(InJson(text), text, StringComparison.Ordinal) && value.Contains(InJson(text), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>In JSON within JSON, a line feed is a backslash and an n; that n is not part of a word.</summary>
    private static bool IsEdge(string value, int start, string text) =>
        start == 0 || !IsWord(text[0]) || !IsWord(value[start - 1])
            || (start > 1 && value[start - 2] == '\\' && "bfnrt".Contains(value[start - 1], StringComparison.Ordinal));

    private static bool IsEnd(string value, int end, string text) => end == value.Length || !IsWord(text[^1]) || !IsWord(value[end]);

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static string PatternOf(string text)
    {
        var pattern = new StringBuilder();
        if (IsWord(text[0])) pattern.Append(@"((?<![A-Za-z0-9_])|(?<=\\[bfnrt]))");
        foreach (var c in text) pattern.Append(char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && c != '_' && c != ' ' ? $"\\{c}" : c.ToString());
        return IsWord(text[^1]) ? pattern.Append("(?![A-Za-z0-9_])").ToString() : pattern.ToString();
    }

    private static string InJson(string text) => Encoding.UTF8.GetString(CanonicalJson.Quoted(text))[1..^1];

    /// <returns>Null: nothing in it is encoded.</returns>
    private static string? Decoded(string value)
    {
        var decoded = value.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(value) : value;
        if (decoded.Contains("\\u", StringComparison.Ordinal))
            decoded = EscapedCharacter().Replace(decoded, x => ((char)Convert.ToInt32(x.Groups["hex"].Value, 16)).ToString());
        return string.Equals(decoded, value, StringComparison.Ordinal) ? null : decoded;
    }

    private static IEnumerable<string> LikesOf(string text)
    {
        foreach (var plain in (string[])[text, InJson(text), InJson(InJson(text))]) yield return Like(plain);
        // The database ignores the case of letters, but not that of the bytes they are encoded as.
        foreach (var x in (string[])[text, text.ToLowerInvariant(), text.ToUpperInvariant()])
        {
            foreach (var json in (string[])[InJson(x), JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(x), JavaScriptEncoder.Default.Encode(x)])
            {
                yield return Like(json);
                yield return Like(Uri.EscapeDataString(json));
            }

            yield return Like(Uri.EscapeDataString(x));
            yield return Like(Uri.EscapeDataString(Uri.EscapeDataString(x)));
        }
    }

    /// <summary>Before an escaped character there are the more backslashes the deeper it is in JSON.</summary>
    private static string Like(string text) => EscapeInLike().Replace(
        $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%",
        "%u${hex}");

    [GeneratedRegex("\\\\+u(?<hex>[0-9a-fA-F]{4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EscapedCharacter();

    [GeneratedRegex(@"(\\\\|\\%5C)+u(?<hex>[0-9a-fA-F]{4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EscapeInLike();

    [GeneratedRegex(@"\A\+[0-9]{7,15}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex MobileNumber();
}
