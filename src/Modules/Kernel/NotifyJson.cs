using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Notify.Kernel;

/// <summary>The JSON form of the API and of events: camelCase, enums by name, readable Chinese, nulls omitted.</summary>
public static class NotifyJson
{
    // Options that are equal in these share what is known of each type, so that not every host of a process has to find it out.
    private static readonly DefaultJsonTypeInfoResolver types = new() { Modifiers = { AbsentParts.AreEmpty } };
    private static readonly InstantConverter instants = new(isInput: false);
    private static readonly EnumsByName enums = new();

    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions());

    /// <summary>For input: an unknown property is an error.</summary>
    public static readonly JsonSerializerOptions Strict = ForInput(new JsonSerializerOptions(Options));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        // The output is never put into HTML unescaped, and Chinese must be readable in events, exports and logs.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.RespectNullableAnnotations = true;
        options.TypeInfoResolver = types;
        options.Converters.Add(instants);
        options.Converters.Add(enums);
        return options;
    }

    private static JsonSerializerOptions ForInput(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.Converters.Insert(0, new InstantConverter(isInput: true));
        return options;
    }

    /// <summary>Writes and reads enums by name, never by number. An enum's own converter is kept; the attribute with the standard converter is only
    /// for other serializers, and would accept numbers.</summary>
    private sealed class EnumsByName : JsonConverterFactory
    {
        private readonly JsonStringEnumConverter byName = new(namingPolicy: null, allowIntegerValues: false);

        public override bool CanConvert(Type typeToConvert) => byName.CanConvert(typeToConvert)
            && typeToConvert.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType is null or { IsGenericType: true };

        public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            byName.CreateConverter(typeToConvert, options);
    }

    /// <summary>Writes instants in UTC (<c>Z</c>). Without an offset an instant is refused, since it would be a guess.</summary>
    /// <param name="isInput">Whether to truncate to the store's precision. What Notify wrote itself is read unchanged.</param>
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
