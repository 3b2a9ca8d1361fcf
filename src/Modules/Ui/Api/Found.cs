namespace Notify.Ui.Api;

/// <summary>A page of a list, as the API answers it.</summary>
/// <param name="NextCursor">Where the next page begins; null: there is none, or the list has numbered pages.</param>
/// <param name="Total">On all pages; 0 where the API does not count.</param>
public sealed record Found<T>(IReadOnlyList<T> Items, string? NextCursor = null, long Total = 0);
