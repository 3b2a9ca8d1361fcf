namespace Notify.Ui.Api;

/// <summary>A page of a list from the API.</summary>
/// <param name="NextCursor">The cursor of the next page; null: there is none, or the list has numbered pages.</param>
/// <param name="Total">The number of items on all pages; 0 if the API does not count them.</param>
public sealed record Found<T>(IReadOnlyList<T> Items, string? NextCursor = null, long Total = 0);
