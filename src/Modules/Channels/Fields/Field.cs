using System.Text.Json.Nodes;
using Notify.Kernel.Texts;

namespace Notify.Channels.Fields;

/// <summary>What a field holds, as forms and documents name it.</summary>
public enum FieldType
{
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>One of <see cref="Field.Choices"/>.</summary>
    Choice,

    /// <summary>Several of <see cref="Field.Choices"/>, each once.</summary>
    Choices,

    /// <summary>Texts, each once.</summary>
    Texts,

    /// <summary>A text that can be written but never read. Stored as a <see cref="Kernel.Secrets.SecretRef"/>.</summary>
    Secret,

    /// <summary>An address that contains a secret, shown masked. Stored as a <see cref="SecretAddress"/>.</summary>
    SecretAddress,

    /// <summary><see cref="Field.Fields"/> under one name.</summary>
    Object,

    /// <summary>Objects, each with <see cref="Field.Fields"/>.</summary>
    List,

    /// <summary>Texts by freely chosen names.</summary>
    Map,

    /// <summary>As <see cref="Map"/>, of secrets.</summary>
    SecretMap,
}

/// <summary>
/// A field of a service's settings, of a receiver or of a message. What is read, stored and shown, the OpenAPI document and the forms of clients
/// follow from it.
/// </summary>
/// <param name="Name">In JSON.</param>
/// <param name="Title">As a form labels it.</param>
public sealed record Field(string Name, FieldType Type, BilingualText Title)
{
    /// <summary>What to enter, and where to find it.</summary>
    public BilingualText? Help { get; init; }

    public bool Required { get; init; }

    /// <summary>Required, and checked, only if another field of the same object has, or contains, this value.</summary>
    public (string Field, string Value)? RequiredIf { get; init; }

    /// <summary>The value when it is left out; null: none.</summary>
    public JsonNode? Default { get; init; }

    public IReadOnlyList<Choice> Choices { get; init; } = [];

    /// <summary>Of a number; of a text, its characters; of a list or map, its entries. Null: no limit.</summary>
    public long? Min { get; init; }

    /// <inheritdoc cref="Min"/>
    public long? Max { get; init; }

    /// <summary>Of an object, or of each object of a list.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>Of a list: the field that tells its items apart, compared as <see cref="Kernel.Names"/> does. Secrets that are left out are kept
    /// by it.</summary>
    public string? Key { get; init; }

    /// <summary>What is wrong with a text, in English; null: nothing. A text is without blanks at its ends.</summary>
    public Func<string, string?>? Fault { get; init; }

    /// <summary>Of a <see cref="FieldType.SecretAddress"/>: how it is divided.</summary>
    public SecretAddressForm? Address { get; init; }

    /// <summary>A text of several lines.</summary>
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

/// <summary>One of the allowed values.</summary>
public sealed record Choice(string Value, BilingualText Title)
{
    public Choice(string value, string en, string zh)
        : this(value, new BilingualText(en, zh))
    {
    }
}
