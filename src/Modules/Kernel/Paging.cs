namespace Notify.Kernel;

/// <summary>One page of a list.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, [property: System.Text.Json.Serialization.JsonPropertyName("page")] int Number, int PageSize, long Total);

/// <summary>One page of a log. <paramref name="NextCursor"/> is null on the last one.</summary>
public sealed record CursorPage<T>(IReadOnlyList<T> Items, [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] string? NextCursor);
