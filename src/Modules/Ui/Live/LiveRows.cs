namespace Notify.Ui.Live;

/// <summary>
/// The rows of a list, newest first, that changes while it is shown. While the list is not in use, refreshed rows are shown at once; otherwise the
/// rows stay in place, with their new content, and new rows are held until the reader asks for them.
/// </summary>
/// <param name="keyOf">Returns the key of a row.</param>
public sealed class LiveRows<T>(Func<T, string> keyOf)
{
    private readonly HashSet<string> gone = new(StringComparer.Ordinal);
    private (List<T> Rows, string? Next)? waiting;

    /// <summary>The shown rows in order; a new list object after each change.</summary>
    public List<T> Shown { get; private set; } = [];

    /// <summary>The cursor after which the list continues; null: at the end.</summary>
    public string? Next { get; private set; }

    /// <summary>The number of rows that are not shown yet.</summary>
    public int New { get; private set; }

    /// <summary>Whether the row is no longer in the list, and still shown only so that nothing moves.</summary>
    public bool IsGone(T row) => gone.Contains(keyOf(row));

    public void Start(IReadOnlyList<T> rows, string? next)
    {
        waiting = ([.. rows], next);
        Apply();
    }

    /// <summary>Appends the rows after the last one.</summary>
    public void Append(IReadOnlyList<T> rows, string? next)
    {
        (Shown, Next) = (With(Shown), next);
        if (waiting is { } w) waiting = (With(w.Rows), next);

        List<T> With(List<T> before)
        {
            var known = KeysOf(before);
            return [.. before, .. rows.Where(x => !known.Contains(keyOf(x)))];
        }
    }

    /// <param name="rows">The current first rows of the list.</param>
    /// <param name="limit">How many rows were requested: those shown beyond them were not refreshed.</param>
    /// <param name="isInUse">Whether rows must stay in place.</param>
    public void Refresh(IReadOnlyList<T> rows, string? next, int limit, bool isInUse)
    {
        var fresh = rows.ToDictionary(keyOf, StringComparer.Ordinal);
        var isWhole = Shown.Count <= limit || next is null || !Shown.Exists(x => fresh.ContainsKey(keyOf(x)));
        var tail = isWhole ? [] : Shown.Skip(limit).Where(x => !fresh.ContainsKey(keyOf(x))).ToList();
        waiting = ([.. rows, .. tail], tail.Count > 0 ? Next : next);
        if (!isInUse)
        {
            Apply();
            return;
        }

        var shown = KeysOf(Shown);
        gone.Clear();
        if (isWhole) gone.UnionWith(shown.Where(x => !fresh.ContainsKey(x)));
        New = rows.Count(x => !shown.Contains(keyOf(x)));
        Shown = Shown.ConvertAll(x => fresh.GetValueOrDefault(keyOf(x), x)!);
    }

    /// <summary>Shows the rows that were held.</summary>
    public void Apply()
    {
        if (waiting is not { } w) return;
        ((Shown, Next), waiting, New) = (w, null, 0);
        gone.Clear();
    }

    private HashSet<string> KeysOf(IEnumerable<T> rows) => rows.Select(keyOf).ToHashSet(StringComparer.Ordinal);
}
