using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Notify.Kernel;

/// <summary>One JSON for the API and for the events: camelCase, enums by name, Chinese readable, absent instead of null.</summary>
public static class NotifyJson
{
    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions());

    /// <summary>For input: a property that does not exist is a fault of the caller, not something to ignore.</summary>
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
        options.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
        return options;
    }

    private static JsonSerializerOptions ForInput(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.Converters.Insert(0, new InstantConverter(isInput: true));
        return options;
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
