using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Notify.Kernel;

/// <summary>JSON from outside, checked before anything in it is used.</summary>
public static class JsonText
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions options = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions withoutDuplicates = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <param name="utf8">In use for as long as the document is.</param>
    /// <param name="hasDuplicates">True: a field is given twice somewhere. Only looked for when <paramref name="findDuplicates"/> says so.</param>
    /// <exception cref="ProblemException">400, with line and column.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, bool findDuplicates, out bool hasDuplicates)
    {
        hasDuplicates = false;
        if (utf8.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span)) throw ProblemException.Invalid("", "The body is not valid UTF-8.");
        try
        {
            if (findDuplicates) return JsonDocument.Parse(utf8, withoutDuplicates);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A field twice, a name that is no Unicode, or no JSON at all: looked at more closely below.
            hasDuplicates = true;
        }

        try
        {
            return JsonDocument.Parse(utf8, options);
        }
        catch (JsonException e)
        {
            throw ProblemException.Invalid("", FaultOf(e, utf8.Span));
        }
    }

    /// <summary>Names texts that cannot be stored, and fields that are given twice, which some programs would read one way and some the
    /// other.</summary>
    public static void Check(JsonElement element, string path, Errors errors) => Check(element, path, errors, withTexts: true);

    /// <summary>Only what is given twice, where odd texts are dealt with elsewhere.</summary>
    public static void CheckNames(JsonElement element, string path, Errors errors) => Check(element, path, errors, withTexts: false);

    private static void Check(JsonElement element, string path, Errors errors, bool withTexts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                CheckFields(element, path, errors, withTexts);
                break;
            case JsonValueKind.Array:
                foreach (var (i, item) in element.EnumerateArray().Index())
                {
                    if (errors.IsFull) return;
                    Check(item, JsonFault.Join(path, $"[{i}]"), errors, withTexts);
                }

                break;
            case JsonValueKind.String when withTexts:
                if (Read(element, out var fault) is null) errors.Add(path, fault!);
                break;
        }
    }

    /// <inheritdoc cref="Check(JsonElement, string, Errors)"/>
    public static void Check(JsonNode? node, string path, Errors errors)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    if (errors.IsFull) return;
                    if (PlainText.FaultOf(name) is { } fault) errors.Add(path, $"A field's name: {fault}");
                    else Check(value, JsonFault.Join(path, name), errors);
                }

                break;
            case JsonArray items:
                foreach (var (i, item) in items.Index())
                {
                    if (errors.IsFull) return;
                    Check(item, JsonFault.Join(path, $"[{i}]"), errors);
                }

                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                if (PlainText.FaultOf(text) is { } wrong) errors.Add(path, wrong);
                break;
        }
    }

    /// <summary>Null when the text cannot be stored; <paramref name="fault"/> then says why.</summary>
    public static string? Read(JsonElement text, out string? fault)
    {
        try
        {
            var value = text.GetString()!;
            return (fault = PlainText.FaultOf(value)) is null ? value : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped.
            fault = PlainText.IsNoUnicode;
            return null;
        }
    }

    private static void CheckFields(JsonElement element, string path, Errors errors, bool withTexts)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in element.EnumerateObject())
        {
            if (errors.IsFull) return;
            if (NameOf(field, out var fault) is not { } name)
            {
                if (withTexts) errors.Add(path, $"A field's name: {fault}");
            }
            else if (!names.Add(name)) errors.Add(JsonFault.Join(path, name), "This field is given twice.");
            else Check(field.Value, JsonFault.Join(path, name), errors, withTexts);
        }
    }

    /// <inheritdoc cref="Read"/>
    public static string? NameOf(JsonProperty field, out string? fault)
    {
        try
        {
            return (fault = PlainText.FaultOf(field.Name)) is null ? field.Name : null;
        }
        catch (InvalidOperationException)
        {
            fault = PlainText.IsNoUnicode;
            return null;
        }
    }

    private static string FaultOf(JsonException e, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "The body is empty; it must be JSON.";
        var (line, start) = (e.LineNumber ?? 0, 0);
        for (var n = 0L; n < line; n++) start += utf8[start..].IndexOf((byte)'\n') + 1;
        // Editors count characters, the parser counts bytes.
        var before = utf8.Slice(start, (int)Math.Clamp(e.BytePositionInLine ?? 0, 0, utf8.Length - start));
        var column = Encoding.UTF8.GetCharCount(before) + 1;
        var reason = e.Message.Split(" LineNumber: ")[0].Trim();
        return $"The JSON cannot be read at line {line + 1}, column {column}: {reason}";
    }
}
