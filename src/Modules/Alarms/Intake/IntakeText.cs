using System.Text.Json;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary>Texts from outside: JSON can escape half of a surrogate pair, which is no character, and U+0000, which PostgreSQL does not store.</summary>
internal static class IntakeText
{
    /// <summary>Null when it cannot be stored.</summary>
    public static string? Of(JsonElement element)
    {
        try
        {
            return element.GetString() is { } text && PlainText.IsStorable(text) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Of"/>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return PlainText.IsStorable(property.Name) ? property.Name : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The list under a name of a body that should be an object.</summary>
    /// <exception cref="ProblemException">400, with <paramref name="fault"/>.</exception>
    public static JsonElement List(JsonElement body, string name, string fault)
    {
        try
        {
            if (body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array) return list;
        }
        catch (InvalidOperationException)
        {
            // Another field's name has half of a surrogate pair.
        }

        throw ProblemException.Invalid(name, fault);
    }

    /// <summary>From 1970 on; null when it is no instant.</summary>
    public static DateTimeOffset? Instant(string text) => Instants.TryParse(text, out var time) && time.Year is >= 1970 and <= 9000 ? time : null;
}
