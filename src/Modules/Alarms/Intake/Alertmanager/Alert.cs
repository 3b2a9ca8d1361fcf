using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notify.Alarms.Silences;
using Notify.Kernel;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>An alert of Prometheus, Alertmanager or Grafana.</summary>
public sealed partial record Alert
{
    private const string ValuesField = "values";
    private const int MostValues = 20;

    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Further fields of the sender, kept among the alarm's labels.</summary>
    public IReadOnlyDictionary<string, string> Extras { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The measured number, <c>{values}</c> in a pattern; null when the sender gave none.</summary>
    public string? Measured { get; init; }

    /// <summary>Null: the sender gave none.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <inheritdoc cref="StartsAt"/>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>16 hexadecimal digits, the same for the same labels in every Prometheus and Alertmanager.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Null when the alert is invalid; <paramref name="errors"/> then says why. Unknown fields are ignored.</summary>
    /// <param name="extras">Further fields to keep, if they are present and are text.</param>
    public static Alert? Read(JsonElement item, Errors errors, params ReadOnlySpan<string> extras)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add("", "An alert must be a JSON object.");
            return null;
        }

        var labels = Texts(item, "labels", errors);
        if (labels.Count == 0 && !errors.Any) errors.Add("labels", "At least one label is required.");
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in extras)
        {
            if (item.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
                && IntakeText.Of(value) is { Length: > 0 } text) kept[field] = text;
        }

        var (startsAt, endsAt) = (Time(item, "startsAt", errors), Time(item, "endsAt", errors));
        if (errors.Any) return null;
        var given = item.TryGetProperty("fingerprint", out var element) && element.ValueKind == JsonValueKind.String ? IntakeText.Of(element) : null;
        return new Alert
        {
            Labels = labels,
            Annotations = Texts(item, "annotations", errors),
            Extras = kept,
            StartsAt = startsAt,
            EndsAt = endsAt,
            Fingerprint = given is { Length: > 0 and <= 200 } ? given : FingerprintOf(labels),
        } is var alert && errors.Any ? null : alert;
    }

    /// <summary>Computed as in Prometheus (common/model): FNV-1a (64 bits) over the labels, sorted by the bytes of their names, with 0xff after each
    /// name and value.</summary>
    public static string FingerprintOf(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var hash = 14695981039346656037UL;
        foreach (var (name, value) in labels.Select(x => (Name: Encoding.UTF8.GetBytes(x.Key), x.Value)).OrderBy(x => x.Name, ByteOrder.Instance))
        {
            Add(name);
            Add(Encoding.UTF8.GetBytes(value));
        }

        return hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

        void Add(byte[] text)
        {
            foreach (var x in text) Mix(x);
            Mix(0xff);
        }

        void Mix(byte x) => hash = unchecked((hash ^ x) * 1099511628211UL);
    }

    /// <summary>Adds the values of a Grafana rule, by the names of its queries and expressions. All are kept. The first by name counts as measured: a
    /// condition is created after the query that it evaluates, and so has a later name.</summary>
    public Alert WithValues(JsonElement item)
    {
        if (!item.TryGetProperty(ValuesField, out var values) || values.ValueKind != JsonValueKind.Object) return this;
        var numbers = values.EnumerateObject().Where(x => x.Value.ValueKind == JsonValueKind.Number)
            .Select(x => (Name: IntakeText.NameOf(x), Number: x.Value.GetRawText())).Where(x => x.Name is { Length: > 0 })
                .OrderBy(x => x.Name, StringComparer.Ordinal).Take(MostValues).ToList();
        if (numbers.Count == 0) return this;
        var extras = new Dictionary<string, string>(Extras, StringComparer.Ordinal);
        foreach (var (name, number) in numbers) extras[$"{ValuesField}.{name}"] = number;
        return this with { Extras = extras, Measured = numbers[0].Number };
    }

    /// <summary>Fills a pattern with the alert's labels and annotations.</summary>
    public string Fill(string pattern) => Placeholder().Replace(pattern, match =>
        match.Groups["names"].Value.Split('|').Select(x => Find(x.Trim())).FirstOrDefault(x => x is { Length: > 0 }) ?? "");

    private string? Find(string name) =>
        name.StartsWith(AlertLabels.AnnotationPrefix, StringComparison.Ordinal)
            ? Annotations.GetValueOrDefault(name[AlertLabels.AnnotationPrefix.Length..])
        : Labels.GetValueOrDefault(name) ?? (name == ValuesField ? Measured : Extras.GetValueOrDefault(name));

    /// <summary>A label without a value is the same as no label.</summary>
    private static Dictionary<string, string> Texts(JsonElement item, string field, Errors errors)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!item.TryGetProperty(field, out var element) || element.ValueKind == JsonValueKind.Null) return texts;
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add(field, "Give an object with text values.");
            return texts;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (IntakeText.NameOf(property) is not { Length: > 0 } name) errors.Add(field, "A name is empty or not valid Unicode.");
            else if (property.Value.ValueKind != JsonValueKind.String || IntakeText.Of(property.Value) is not { } value) errors.Add(
                $"{field}.{name}", "The value must be text and valid Unicode.");
            else if (value.Length > 0) texts[name] = value;
        }

        return texts;
    }

    /// <summary>The year 1 is Go's zero time, which means that there is no instant.</summary>
    private static DateTimeOffset? Time(JsonElement item, string field, Errors errors)
    {
        if (!item.TryGetProperty(field, out var element) || element.ValueKind == JsonValueKind.Null) return null;
        if (element.ValueKind == JsonValueKind.String && IntakeText.Of(element) is { } text)
        {
            if (text.Length == 0 || text.StartsWith("0001-01-01T", StringComparison.Ordinal)) return null;
            if (IntakeText.Instant(text) is { } time) return time;
        }

        errors.Add(field, Instants.Wanted);
        return null;
    }

    [GeneratedRegex(@"\{(?<names>[^{}]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
