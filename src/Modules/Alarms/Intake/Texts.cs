using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary>Reads the texts of one alarm. A text that is too long, or not a text, is a fault; an invalid character is replaced, with a
/// warning.</summary>
internal sealed class Texts(JsonElement item, Errors errors, Errors warnings)
{
    private const int MaxLabels = 64;
    private static readonly Dictionary<string, string> noLabels = new(StringComparer.Ordinal);

    /// <summary>One line, normalized by <see cref="Names.Readable"/>.</summary>
    public string Name(string field, int maxLength) => Fitting(Readable(Given(field, x => Whole(x, field)), field), field, maxLength);

    /// <summary>Any text, including several lines.</summary>
    public string Text(string field, int maxLength) => Fitting(Given(field, x => Storable(x, field)), field, maxLength);

    /// <summary>A source's own id is kept character by character: it is not normalized.</summary>
    public string Id(string field, int maxLength)
    {
        if (!TryFind(field, out var element)) return "";
        if (element.ValueKind == JsonValueKind.String && IntakeText.Exact(element) is { } id) return Fitting(id.Trim(), field, maxLength);
        errors.Add(field, "An id must be text, valid Unicode and without U+0000.");
        return "";
    }

    /// <summary>A measured value may be a number, a boolean or text; it is kept as it was written.</summary>
    public string Value()
    {
        if (!TryFind("value", out var element)) return "";
        switch (element.ValueKind)
        {
            case JsonValueKind.String: return Text("value", 500);
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False: return Fitting(element.GetRawText(), "value", 500);
            default: errors.Add("value", "The value must be text or a number."); return "";
        }
    }

    public Dictionary<string, string> Labels()
    {
        if (!TryFind("labels", out var element)) return noLabels;
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add("labels", "Labels must be an object with text values.");
            return noLabels;
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in element.EnumerateObject())
        {
            if (labels.Count == MaxLabels)
            {
                errors.Add("labels", $"An alarm has at most {MaxLabels} labels.");
                break;
            }

            if (Readable(IntakeText.NameOf(label) ?? "", "labels") is not { Length: > 0 and <= 128 } name)
            {
                errors.Add("labels", "A label's name has 1 to 128 characters and is valid Unicode.");
                continue;
            }

            var field = $"labels.{name}";
            var value = label.Value.ValueKind switch
            {
                JsonValueKind.String => Storable(label.Value, field),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => label.Value.GetRawText(),
                _ => null,
            };
            if (value is null) errors.Add(field, "A label's value must be text, and valid Unicode.");
            else labels[name] = Fitting(value, field, 1000);
        }

        return labels;
    }

    private string Given(string field, Func<JsonElement, string?> read)
    {
        if (!TryFind(field, out var element)) return "";
        if (element.ValueKind != JsonValueKind.String) errors.Add(field, "The value must be text.");
        else if (read(element) is { } text) return text;
        else errors.Add(field, "The text is not valid Unicode.");
        return "";
    }

    private bool TryFind(string field, out JsonElement element) => item.TryGetProperty(field, out element) && element.ValueKind != JsonValueKind.Null;

    private string Readable(string name, string field)
    {
        var readable = Names.Readable(name, out var odd);
        if (odd is not null) warnings.Add(field, $"Unprintable characters were removed or replaced by a space: {odd}.");
        return readable;
    }

    private string? Storable(JsonElement element, string field) => Warned(IntakeText.Of(element), element, field);

    /// <summary>Keeps U+0000, which is later removed from a name like other control characters.</summary>
    private string? Whole(JsonElement element, string field) => Warned(IntakeText.Unicode(element), element, field);

    private string? Warned(string? text, JsonElement element, string field)
    {
        if (text?.Contains('\uFFFD', StringComparison.Ordinal) == true && IntakeText.Exact(element) is null)
            warnings.Add(field, "Invalid characters were replaced by U+FFFD.");
        return text;
    }

    private string Fitting(string text, string field, int maxLength)
    {
        if (text.Length > maxLength) errors.Add(field, $"The text has at most {maxLength} characters.");
        return text;
    }
}
