using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Notify.Kernel;

/// <summary>Parses JSON from outside, and checks it before anything in it is used.</summary>
public static class JsonText
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions options = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions withoutDuplicates = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <param name="utf8">Must stay unchanged as long as the document is used.</param>
    /// <param name="hasDuplicates">Whether a field may be given twice; only determined if <paramref name="findDuplicates"/> is true.</param>
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
            // A duplicate field, an invalid name, or not JSON at all: determined below.
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

    /// <summary>Reports texts that cannot be stored, and fields that are given twice, of which programs may use either
    /// value.</summary>
    public static void Check(JsonElement element, string path, Errors errors) => Check(element, path, errors, withTexts: true);

    /// <summary>Reports only fields that are given twice, if invalid texts are handled elsewhere.</summary>
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

    /// <summary>Null if the text cannot be stored; <paramref name="fault"/> then states why.</summary>
    public static string? Read(JsonElement text, out string? fault)
    {
        try
        {
            var value = text.GetString()!;
            return (fault = PlainText.FaultOf(value)) is null ? value : null;
        }
        catch (InvalidOperationException)
        {
            // An escaped unpaired surrogate.
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
                // The path does not quote the name, which cannot be stored.
                else if (fault == PlainText.HasNull && !names.Add(field.Name)) errors.Add(path, "This field is given twice.");
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
