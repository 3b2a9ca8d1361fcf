using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;

namespace Notify.Audit.Erasing;

/// <summary>
/// A text that names a person. It is matched regardless of case, and only as a whole word: <c>li</c> is not in <c>Line</c>, but <c>李</c> is in
/// <c>李四</c>.
/// </summary>
public sealed partial class Subject(string text)
{
    /// <summary>A regular expression of PostgreSQL for the text in a plain column.</summary>
    public string Pattern { get; } = PatternOf(text);

    /// <summary>A regular expression of PostgreSQL for the text inside JSON, where quotation marks and the like are escaped.</summary>
    public string JsonPattern { get; } = PatternOf(InJson(text));

    /// <summary>Patterns for a quick first search with <c>ilike any</c>.</summary>
    public string[] Likes { get; } = [.. new[] { text, InJson(text), InJson(InJson(text)) }.Distinct(StringComparer.Ordinal).Select(Like)];

    public bool IsIn(string? value)
    {
        if (value is null) return false;
        for (var i = 0; (i = value.IndexOf(text, i, StringComparison.OrdinalIgnoreCase)) >= 0; i++)
            if (IsEdge(value, i) && IsEnd(value, i + text.Length)) return true;
        return !string.Equals(InJson(text), text, StringComparison.Ordinal) && value.Contains(InJson(text), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a value contains the text, plain or with characters escaped as in JSON (<c>\u5f20</c>).</summary>
    public bool IsInEscaped(string value) =>
        IsIn(value) || (value.Contains("\\u", StringComparison.Ordinal)
            && IsIn(EscapedCharacter().Replace(value, x => ((char)Convert.ToInt32(x.Groups["hex"].Value, 16)).ToString())));

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

    /// <summary>In JSON within JSON, a line feed is a backslash and an n; that n is not part of a word.</summary>
    private bool IsEdge(string value, int start) =>
        start == 0 || !IsWord(text[0]) || !IsWord(value[start - 1])
            || (start > 1 && value[start - 2] == '\\' && "bfnrt".Contains(value[start - 1], StringComparison.Ordinal));

    private bool IsEnd(string value, int end) => end == value.Length || !IsWord(text[^1]) || !IsWord(value[end]);

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static string PatternOf(string text)
    {
        var pattern = new StringBuilder();
        if (IsWord(text[0])) pattern.Append(@"((?<![A-Za-z0-9_])|(?<=\\[bfnrt]))");
        foreach (var c in text) pattern.Append(char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && c != '_' && c != ' ' ? $"\\{c}" : c.ToString());
        return IsWord(text[^1]) ? pattern.Append("(?![A-Za-z0-9_])").ToString() : pattern.ToString();
    }

    private static string InJson(string text) => Encoding.UTF8.GetString(CanonicalJson.Quoted(text))[1..^1];

    private static string Like(string text) =>
        $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    [GeneratedRegex("\\\\u(?<hex>[0-9a-fA-F]{4})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EscapedCharacter();
}
