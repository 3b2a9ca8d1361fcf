namespace Notify.Ui.Live;

/// <summary>
/// The rows of a list that is newest first and changes while it is read. While nobody uses the list, rows that are read again are shown at once;
/// otherwise the rows keep their places, with their new content, and new rows wait until the reader asks for them.
/// </summary>
/// <param name="keyOf">The key of a row.</param>
public sealed class LiveRows<T>(Func<T, string> keyOf)
{
    private readonly HashSet<string> gone = new(StringComparer.Ordinal);
    private (List<T> Rows, string? Next)? waiting;

    /// <summary>In the order of the list. It is another list after each change.</summary>
    public List<T> Shown { get; private set; } = [];

    /// <summary>Behind which the list goes on; null: it ends.</summary>
    public string? Next { get; private set; }

    /// <summary>How many rows are there that are not shown yet.</summary>
    public int New { get; private set; }

    /// <summary>It is no longer in the list, and is shown only so that nothing moves.</summary>
    public bool IsGone(T row) => gone.Contains(keyOf(row));

    public void Start(IReadOnlyList<T> rows, string? next)
    {
        waiting = ([.. rows], next);
        Apply();
    }

    /// <summary>What follows the last row.</summary>
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

    /// <param name="rows">The first of the list, as it is now.</param>
    /// <param name="limit">How many were asked for: what is shown beyond them was not read again.</param>
    /// <param name="isInUse">Nothing may move.</param>
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

    /// <summary>Shows what waits.</summary>
    public void Apply()
    {
        if (waiting is not { } w) return;
        ((Shown, Next), waiting, New) = (w, null, 0);
        gone.Clear();
    }

    private HashSet<string> KeysOf(IEnumerable<T> rows) => rows.Select(keyOf).ToHashSet(StringComparer.Ordinal);
}
