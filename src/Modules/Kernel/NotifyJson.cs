using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Notify.Kernel;

/// <summary>One JSON for the API and for the events: camelCase, enums by name, Chinese readable, absent instead of null.</summary>
public static class NotifyJson
{
    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions());

    /// <summary>For input: an unknown property is the caller's mistake, not something to ignore.</summary>
    public static readonly JsonSerializerOptions Strict = ForInput(new JsonSerializerOptions(Options));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        // The output is never put into HTML unescaped; readable Chinese matters in events, exports and logs.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.RespectNullableAnnotations = true;
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AbsentParts.AreEmpty } };
        options.Converters.Add(new InstantConverter(isInput: false));
        options.Converters.Add(new EnumsByName());
        return options;
    }

    private static JsonSerializerOptions ForInput(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.Converters.Insert(0, new InstantConverter(isInput: true));
        return options;
    }

    /// <summary>Enums by name, never by number. An enum with a converter of its own keeps that; the usual one at an enum is there for other
    /// serializers, and would take numbers.</summary>
    private sealed class EnumsByName : JsonConverterFactory
    {
        private readonly JsonStringEnumConverter byName = new(namingPolicy: null, allowIntegerValues: false);

        public override bool CanConvert(Type typeToConvert) => byName.CanConvert(typeToConvert)
            && typeToConvert.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType is null or { IsGenericType: true };

        public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            byName.CreateConverter(typeToConvert, options);
    }

    /// <summary>Instants are UTC and written so (<c>Z</c>); one without an offset would be a guess and is not read.</summary>
    /// <param name="isInput">Cut to what the store keeps. What Notify wrote itself is read as it was written.</param>
    private sealed class InstantConverter(bool isInput) : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String) throw new JsonException();
            var text = reader.GetString();
            return (isInput ? Instants.TryParse(text, out var value) : Instants.TryParseFine(text, out value)) ? value : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime);
    }
}
