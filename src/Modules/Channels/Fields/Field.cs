using System.Text.Json.Nodes;
using Notify.Kernel.Texts;

namespace Notify.Channels.Fields;

/// <summary>The type of a field's value, as named in forms and in the OpenAPI document.</summary>
public enum FieldType
{
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>One of <see cref="Field.Choices"/>.</summary>
    Choice,

    /// <summary>Several of <see cref="Field.Choices"/>, without duplicates.</summary>
    Choices,

    /// <summary>Texts, without duplicates.</summary>
    Texts,

    /// <summary>A text that can be written but not read. Stored as a <see cref="Kernel.Secrets.SecretRef"/>.</summary>
    Secret,

    /// <summary>An address that contains a secret, shown masked. Stored as a <see cref="SecretAddress"/>.</summary>
    SecretAddress,

    /// <summary>An object with <see cref="Field.Fields"/>.</summary>
    Object,

    /// <summary>Objects, each with <see cref="Field.Fields"/>.</summary>
    List,

    /// <summary>Texts by freely chosen names.</summary>
    Map,

    /// <summary>Like <see cref="Map"/>, but with secrets as values.</summary>
    SecretMap,
}

/// <summary>
/// A field of a service's settings, of a receiver or of a message. How it is read, stored and shown, its OpenAPI schema and its form in clients are
/// all derived from this.
/// </summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Title">The label in forms.</param>
public sealed record Field(string Name, FieldType Type, BilingualText Title)
{
    /// <summary>A hint in forms: what to enter, and where to find it.</summary>
    public BilingualText? Help { get; init; }

    /// <summary>For an object or a list: longer instructions in forms, shown when they are asked for.</summary>
    public IReadOnlyList<Guide> Guides { get; init; } = [];

    public bool Required { get; init; }

    /// <summary>Required, and checked, only if another field of the same object has, or contains, this value.</summary>
    public (string Field, string Value)? RequiredIf { get; init; }

    /// <summary>The value used if the field is omitted; null: none.</summary>
    public JsonNode? Default { get; init; }

    public IReadOnlyList<Choice> Choices { get; init; } = [];

    /// <summary>The minimum of a number, of a text's length in characters, or of the entries of a list or map. Null: no limit.</summary>
    public long? Min { get; init; }

    /// <summary>The maximum of a number, of a text's length in characters, or of the entries of a list or map. Null: no limit.</summary>
    public long? Max { get; init; }

    /// <summary>The fields of an object, or of each object in a list.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>For a list: the field that identifies its items, compared as <see cref="Kernel.Names"/> does. An omitted secret keeps the value
    /// stored for the item with the same key.</summary>
    public string? Key { get; init; }

    /// <summary>Returns what is wrong with a text, in English; null: nothing. The text is already trimmed.</summary>
    public Func<string, string?>? Fault { get; init; }

    /// <summary>For a <see cref="FieldType.SecretAddress"/>: how it is divided.</summary>
    public SecretAddressForm? Address { get; init; }

    /// <summary>For a secret: where it is sent. Null: the settings do not decide that, or only among addresses that the operators allow.</summary>
    public SecretDestination? Destination { get; init; }

    /// <summary>Whether a text may have several lines.</summary>
    public bool Multiline { get; init; }

    public static Field Text(string name, string en, string zh, bool required = false) =>
        new(name, FieldType.Text, new(en, zh)) { Required = required, Max = 500 };

    public static Field Secret(string name, string en, string zh, bool required = false) =>
        new(name, FieldType.Secret, new(en, zh)) { Required = required, Max = 500 };

    public static Field Number(string name, string en, string zh, long min, long max, long? byDefault = null) =>
        new(name, FieldType.Number, new(en, zh)) { Min = min, Max = max, Default = byDefault is { } given ? JsonValue.Create(given) : null };

    public static Field Choice(string name, string en, string zh, string? byDefault, params IReadOnlyList<Choice> choices) =>
        new(name, FieldType.Choice, new(en, zh)) { Choices = choices, Default = byDefault is null ? null : JsonValue.Create(byDefault) };
}

/// <summary>What decides to whom a stored secret is sent, and who may read it on the way. If a field of it is changed, the secret must be entered
/// again: otherwise whoever may change a service could have its secret sent to themselves.</summary>
/// <param name="Fields">Paths from the top of the settings, such as <c>oauth2.tokenEndpoint</c>.</param>
/// <param name="IsUsed">Whether these settings use the secret: one that is not used is sent nowhere. What decides it is among
/// <paramref name="Fields"/>. Null: always.</param>
public sealed record SecretDestination(IReadOnlyList<string> Fields, Func<JsonObject, bool>? IsUsed = null)
{
    /// <summary>Whether the secret would be sent elsewhere than before.</summary>
    public bool HasMoved(JsonObject settings, JsonObject before) =>
        IsUsed?.Invoke(settings) != false && Fields.Any(x => !JsonNode.DeepEquals(At(settings, x), At(before, x)));

    /// <summary>The values of the fields, for comparison.</summary>
    public string In(JsonObject? settings) => string.Join('\n', Fields.Select(x => At(settings, x)?.ToJsonString()));

    private static JsonNode? At(JsonNode? settings, string path) => path.Split('.').Aggregate(settings, (node, name) => (node as JsonObject)?[name]);
}

/// <summary>How to obtain on the platform what has to be entered, step by step.</summary>
public sealed record Guide(BilingualText Title, params IReadOnlyList<BilingualText> Steps);

/// <summary>One of the allowed values.</summary>
public sealed record Choice(string Value, BilingualText Title)
{
    public Choice(string value, string en, string zh)
        : this(value, new BilingualText(en, zh))
    {
    }
}
