using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Fields;

/// <summary>
/// Reads user input according to the description of its fields. Each fault names its field. An omitted field has its default; a secret that is
/// omitted, or sent back as it was shown, stays unchanged, unless it would be sent elsewhere than before.
/// </summary>
/// <param name="store">Seals a secret; also receives the currently stored one, if any. Null: the fields contain no secrets.</param>
public sealed class FieldReader(Errors errors, Func<string, SecretRef?, SecretRef>? store = null)
{
    /// <summary>The property shown next to a masked address; it may be sent back.</summary>
    public const string Fingerprint = "fingerprint";

    /// <summary>The number of values that were given but refused.</summary>
    private int refused;

    /// <summary>The secrets that stay unchanged.</summary>
    private readonly List<(string Path, SecretDestination Destination)> kept = [];

    private const string Moved = "Enter it again: where it is sent was changed.";
    private const string Keep = "This is not the stored secret. Omit it to keep the stored one, or enter a new one.";

    /// <param name="input">Null: all fields are omitted.</param>
    /// <param name="current">The stored object.</param>
    /// <param name="path">The path of the object; empty for the body.</param>
    /// <returns>The object to store; valid only if there are no faults.</returns>
    public JsonObject Read(IReadOnlyList<Field> fields, JsonObject? input, JsonObject? current, string path)
    {
        var read = new JsonObject();
        foreach (var (name, _) in input ?? [])
        {
            if (fields.Any(x => x.Name == name) || (name == Fingerprint && fields.Any(x => x.Type == FieldType.SecretAddress))) continue;
            errors.Add(JsonFault.Join(path, name), errors.IsFull ? "" : Misspelling.Of("field", name, [.. fields.Select(x => x.Name)]));
        }

        foreach (var field in fields)
        {
            var before = refused;
            var value = Read(field, input?[field.Name], current?[field.Name], JsonFault.Join(path, field.Name));
            if (value is not null) read[field.Name] = value;
            else if (refused == before && IsRequired(field, input, fields)) errors.Add(JsonFault.Join(path, field.Name), JsonShape.Required);
        }

        if (path.Length > 0 || current is null) return read;
        foreach (var (at, _) in kept.Where(x => x.Destination.HasMoved(read, current))) errors.Add(at, Moved);
        return read;
    }

    /// <summary>Whether the field is required, also because another field has, or contains, the value in <see cref="Field.RequiredIf"/>.</summary>
    private static bool IsRequired(Field field, JsonObject? input, IReadOnlyList<Field> fields)
    {
        if (field.RequiredIf is not { } condition) return field.Required;
        var given = input?[condition.Field] ?? fields.FirstOrDefault(x => x.Name == condition.Field)?.Default;
        return given switch
        {
            JsonArray several => several.Any(x => IsText(x, condition.Value)),
            _ => IsText(given, condition.Value),
        };
    }

    /// <summary>Null if there is nothing to store: the field is omitted, or has a fault, which has been added.</summary>
    private JsonNode? Read(Field field, JsonNode? input, JsonNode? current, string path)
    {
        if (field.Type == FieldType.Secret) return ReadSecret(field, input, current, path);
        if (field.Type == FieldType.SecretAddress) return ReadAddress(field, input, current, path);
        if (input is null)
        {
            var mayBeEmpty = !field.Required && field.RequiredIf is null;
            return field.Default?.DeepClone() ?? (mayBeEmpty ? Empty(field) : null);
        }

        return field.Type switch
        {
            FieldType.Text => TextOf(field, input, path) is { Length: > 0 } text ? JsonValue.Create(text) : null,
            FieldType.Number => ReadNumber(field, input, path),
            FieldType.Flag => ReadFlag(input, path),
            FieldType.Choice => ReadChoice(field, input, path),
            FieldType.Choices => ReadChoices(field, input, path),
            FieldType.Texts => ReadTexts(field, input, path),
            FieldType.Object => ReadObject(field, input, current, path),
            FieldType.List => ReadList(field, input, current, path),
            _ => ReadMap(field, input, current, path),
        };
    }

    private static JsonNode? Empty(Field field) => field.Type switch
    {
        FieldType.List or FieldType.Texts => new JsonArray(),
        FieldType.Map or FieldType.SecretMap => new JsonObject(),
        _ => null,
    };

    private string? TextOf(Field field, JsonNode input, string path)
    {
        if (input.GetValueKind() != JsonValueKind.String) return Refuse<string>(path, "The value must be text.");
        var text = input.GetValue<string>().Trim();
        if (text.Length == 0) return "";
        var characters = text.EnumerateRunes().Count();
        if (characters < field.Min || characters > field.Max) return Refuse<string>(path, $"Give {field.Min ?? 1} to {field.Max} characters.");
        return field.Fault?.Invoke(text) is { } fault ? Refuse<string>(path, fault) : text;
    }

    /// <summary>Accepts a number given as text, as people paste it.</summary>
    private JsonNode? ReadNumber(Field field, JsonNode input, string path)
    {
        var text = input.GetValueKind() == JsonValueKind.String ? input.GetValue<string>().Trim() : input.ToJsonString();
        if (text.Length == 0) return field.Default?.DeepClone();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= (field.Min ?? long.MinValue) && number <= (field.Max ?? long.MaxValue)
            ? JsonValue.Create(number)
            : Refuse<JsonNode>(path, $"Give a whole number from {field.Min ?? long.MinValue} to {field.Max ?? long.MaxValue}.");
    }

    private JsonNode? ReadFlag(JsonNode input, string path) => input.GetValueKind() is JsonValueKind.True or JsonValueKind.False
        ? input.DeepClone() : Refuse<JsonNode>(path, "Give true or false.");

    private JsonNode? ReadChoice(Field field, JsonNode input, string path)
    {
        if (field.Choices.Any(x => IsText(input, x.Value))) return input.DeepClone();
        return Refuse<JsonNode>(path, Misspelling.OfChoice(input.GetValueKind() == JsonValueKind.String ? input.GetValue<string>() : "",
            [.. field.Choices.Select(x => x.Value)]));
    }

    private JsonArray? ReadChoices(Field field, JsonNode input, string path)
    {
        if (input is not JsonArray items) return Refuse<JsonArray>(path, "Give a list.");
        var read = new JsonArray();
        foreach (var (i, item) in items.Index())
        {
            if (item is null) errors.Add($"{path}[{i}]", "The value may not be null.");
            else if (ReadChoice(field, item, $"{path}[{i}]") is { } choice && !read.Any(x => JsonNode.DeepEquals(x, choice))) read.Add(choice);
        }

        return read.Count > 0 || items.Count > 0 ? read : field.Default is null ? null : Refuse<JsonArray>(path, JsonShape.Required);
    }

    private JsonArray? ReadTexts(Field field, JsonNode input, string path)
    {
        if (input is not JsonArray items) return Refuse<JsonArray>(path, "Give a list.");
        if (!IsInRange(field, items.Count, path)) return null;
        var read = new JsonArray();
        var seen = new HashSet<string>(Names.Comparer);
        foreach (var (i, item) in items.Index())
        {
            var text = item is null ? null : TextOf(field with { Min = null, Max = 500 }, item, $"{path}[{i}]");
            if (item is null || text?.Length == 0) errors.Add($"{path}[{i}]", JsonShape.Required);
            else if (text is not null && !seen.Add(text)) errors.Add($"{path}[{i}]", $"'{text}' is listed twice.");
            else if (text is not null) read.Add(text);
        }

        return items.Count == 0 && field.Required ? null : read;
    }

    private JsonNode? ReadObject(Field field, JsonNode input, JsonNode? current, string path) => input is JsonObject fields
        ? Read(field.Fields, fields, current as JsonObject, path) : Refuse<JsonNode>(path, "Give an object.");

    private JsonArray? ReadList(Field field, JsonNode input, JsonNode? current, string path)
    {
        if (input is not JsonArray items) return Refuse<JsonArray>(path, "Give a list.");
        if (!IsInRange(field, items.Count, path)) return null;
        var read = new JsonArray();
        var seen = new HashSet<string>(Names.Comparer);
        foreach (var (i, item) in items.Index())
        {
            if (item is not JsonObject fields)
            {
                errors.Add($"{path}[{i}]", "Give an object.");
                continue;
            }

            var key = field.Key is { } by && fields[by] is JsonValue name && name.GetValueKind() == JsonValueKind.String
                ? name.GetValue<string>() : null;
            if (key is not null && !seen.Add(key)) errors.Add($"{path}[{i}].{field.Key}", $"'{key}' is listed twice.");
            var kept = key is null ? null : (current as JsonArray)?.OfType<JsonObject>().FirstOrDefault(
                x => Names.Same(x[field.Key!]?.GetValue<string>(), Names.Kept(key)));
            read.Add(Read(field.Fields, fields, kept, $"{path}[{i}]"));
        }

        return read.Count == 0 && field.Required ? null : read;
    }

    private JsonObject? ReadMap(Field field, JsonNode input, JsonNode? current, string path)
    {
        if (input is not JsonObject entries) return Refuse<JsonObject>(path, "Give an object.");
        if (!IsInRange(field, entries.Count, path)) return null;
        var read = new JsonObject();
        var of = field with { Type = field.Type == FieldType.SecretMap ? FieldType.Secret : FieldType.Text, Min = null, Max = 4000 };
        foreach (var (name, value) in entries)
        {
            var (at, before) = (JsonFault.Join(path, name), refused);
            if (of.Type == FieldType.Text) read[name] = (value is null ? null : TextOf(of, value, at)) ?? "";
            else if (ReadSecret(of, value, (current as JsonObject)?[name], at) is { } secret) read[name] = secret;
            else if (refused == before) errors.Add(at, JsonShape.Required);
        }

        return read;
    }

    private bool IsInRange(Field field, int count, string path)
    {
        if (count <= (field.Max ?? int.MaxValue) && (count == 0 || count >= (field.Min ?? 0))) return true;
        refused++;
        errors.Add(path, $"Give {field.Min ?? 0} to {field.Max} entries.");
        return false;
    }

    private JsonNode? ReadSecret(Field field, JsonNode? input, JsonNode? current, string path)
    {
        var stored = current?.Deserialize<SecretRef>(NotifyJson.Options);
        switch (input)
        {
            case null:
                return Unchanged(field, current, path);
            case JsonObject shown when stored is not null && IsAsRead(shown, stored):
                return Unchanged(field, current, path);
            case JsonObject:
                return Refuse<JsonNode>(path, Keep);
            default:
                if (TextOf(field, input, path) is not { } secret) return null;
                return secret.Length == 0 ? Unchanged(field, current, path) : Stored(secret, stored);
        }
    }

    private JsonNode? Unchanged(Field field, JsonNode? current, string path)
    {
        if (current is not null && field.Destination is { } destination) kept.Add((path, destination));
        return current?.DeepClone();
    }

    private JsonNode? ReadAddress(Field field, JsonNode? input, JsonNode? current, string path)
    {
        var kept = current?.Deserialize<SecretAddress>(NotifyJson.Options);
        var text = input is null ? "" : TextOf(field, input, path);
        if (text is null) return null;
        if (text.Length == 0 || text == kept?.Shown) return current?.DeepClone();
        if (field.Address!.IsMasked(text)) return Refuse<JsonNode>(path, "The address is masked, and is not the stored one. Enter the whole address.");
        var (shown, key, fault) = field.Address.Divide(text);
        return fault is not null
            ? Refuse<JsonNode>(path, fault)
            : new JsonObject { ["shown"] = shown, ["key"] = Stored(key, kept?.Key) };
    }

    /// <summary>After a fault nothing is stored, so nothing is sealed.</summary>
    private JsonNode Stored(string secret, SecretRef? kept) => JsonSerializer.SerializeToNode(
        errors.Any ? new SecretRef("", "") : (store ?? throw new InvalidOperationException("There is no secret here."))(secret, kept),
        NotifyJson.Options)!;

    private T? Refuse<T>(string path, string fault)
        where T : class
    {
        refused++;
        errors.Add(path, fault);
        return null;
    }

    private static bool IsText(JsonNode? node, string text) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == text;

    private static bool IsAsRead(JsonObject shown, SecretRef kept) => shown.All(x => x.Key switch
    {
        "set" => x.Value?.GetValueKind() == JsonValueKind.True,
        Fingerprint => IsText(x.Value, kept.Fingerprint),
        _ => false,
    });
}
