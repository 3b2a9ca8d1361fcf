using System.Text.Json.Serialization;

namespace Notify.Kernel;

/// <summary>One page of a list.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, [property: JsonPropertyName("page")] int Number, int PageSize, long Total);

/// <summary>One page of a log.</summary>
/// <param name="Next">The position after which the next page begins; null on the last page.</param>
public sealed record CursorPage<T>(IReadOnlyList<T> Items, [property: JsonIgnore] long? Next)
{
    /// <summary><paramref name="Next"/> as an opaque text, which callers of the API send back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? NextCursor => Next is { } position ? QueryReader.CursorOf(position) : null;
}
