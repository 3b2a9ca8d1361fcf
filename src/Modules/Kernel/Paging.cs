using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Notify.Kernel.Http;

namespace Notify.Kernel;

/// <summary>One page of a list.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, [property: System.Text.Json.Serialization.JsonPropertyName("page")] int Number, int PageSize, long Total);

/// <summary>One page of a log. <paramref name="NextCursor"/> is null on the last one.</summary>
public sealed record CursorPage<T>(IReadOnlyList<T> Items, [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>A request's query parameters, read strictly: what is malformed is named, not passed over.</summary>
public sealed class QueryReader(IQueryCollection query)
{
    private readonly Errors errors = new();

    public string? Text(string name)
    {
        if (!query.TryGetValue(name, out StringValues values) || values.ToString() is not { Length: > 0 } value) return null;
        if (RequestBody.IsStorable(value)) return value;
        errors.Add(name, "The text may not contain U+0000.");
        return null;
    }

    public int Number(string name, int fallback, int min, int max) => (int)Long(name, fallback, min, max)!.Value;

    public long? Long(string name, long? fallback, long min, long max)
    {
        if (Text(name) is not { } text) return fallback;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max) return value;
        errors.Add(name, max == long.MaxValue ? $"Give a whole number from {min} on." : $"Give a whole number from {min} to {max}.");
        return fallback ?? min;
    }

    public bool? Flag(string name)
    {
        switch (Text(name))
        {
            case null: return null;
            case "true": return true;
            case "false": return false;
            default: errors.Add(name, "Give true or false."); return null;
        }
    }

    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text) return null;
        // A plus sign that was not encoded arrives as a space.
        if (Instants.TryParse(text.Replace(' ', '+'), out var value)) return value;
        errors.Add(name, "Give an instant as in RFC 3339, with offset: 2026-01-31T08:00:00Z.");
        return null;
    }

    public T? OneOf<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        // By name alone: the framework would take numbers, lists and blanks too.
        if (Enum.GetNames<T>().Contains(text, StringComparer.Ordinal)) return Enum.Parse<T>(text);
        errors.Add(name, $"Give one of {string.Join(", ", Enum.GetNames<T>())}.");
        return null;
    }

    /// <summary>A cursor is a position that we gave out; it says nothing to the caller.</summary>
    public long? Cursor(string name = "cursor")
    {
        if (Text(name) is not { } text) return null;
        try
        {
            if (long.TryParse(Encoding.ASCII.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return value;
        }
        catch (FormatException)
        {
            // named below
        }

        errors.Add(name, "This is not a cursor from an earlier page.");
        return null;
    }

    public static string CursorOf(long position) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.ASCII.GetBytes(position.ToString(CultureInfo.InvariantCulture)));

    public void Fault(string name, string message) => errors.Add(name, message);

    /// <exception cref="ProblemException">400, naming every malformed parameter.</exception>
    public void ThrowIfInvalid() => errors.ThrowIfAny();
}

public static class Instants
{
    /// <summary>RFC 3339 with offset; anything without an offset would be a guess.</summary>
    public static bool TryParse(string text, out DateTimeOffset value)
    {
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd't'HH:mm:ss.FFFFFFFK"];
        if (text.Length > 19 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
            && DateTimeOffset.TryParseExact(text.Replace('z', 'Z'), formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out value))
        {
            return true;
        }

        value = default;
        return false;
    }
}
