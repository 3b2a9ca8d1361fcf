namespace Notify.Kernel;

/// <summary>Suggests the intended name for an unknown one: a query parameter, a field of a body, a value of a choice.</summary>
public static class Misspelling
{
    private const int MostShown = 60;
    private const int MostListed = 40;

    /// <summary><c>There is no field 'nmae'. Did you mean 'name'?</c>, or the list of names if none is similar.</summary>
    public static string Of(string noun, string given, IReadOnlyCollection<string> known)
    {
        var shown = given.Length <= MostShown ? given : $"{given[..MostShown]}…";
        if (known.Count == 0) return $"There is no {noun} '{shown}'; none are allowed here.";
        if (Nearest(given, known) is { } nearest) return $"There is no {noun} '{shown}'. Did you mean '{nearest}'?";
        var more = known.Count > MostListed ? ", …" : "";
        return $"There is no {noun} '{shown}'. There are: {string.Join(", ", known.Take(MostListed))}{more}.";
    }

    /// <summary><c>Give one of High, Low. Did you mean 'High'?</c></summary>
    public static string OfChoice(string given, IReadOnlyCollection<string> allowed) =>
        $"Give one of {string.Join(", ", allowed)}.{(Nearest(given, allowed) is { } meant ? $" Did you mean '{meant}'?" : "")}";

    /// <summary>The most similar name; null if none is similar enough.</summary>
    public static string? Nearest(string given, IEnumerable<string> known)
    {
        if (given.Length > MostShown) return null;
        var (plain, nearest, least) = (Plain(given), (string?)null, int.MaxValue);
        foreach (var name in known)
        {
            var other = Plain(name);
            var distance = Distance(plain, other);
            // Similar: one edit in a short word, a third of a long one; or one is a prefix of the other.
            var isNear = distance <= Math.Max(1, Math.Max(plain.Length, other.Length) / 3)
                || (plain.Length >= 3 && (other.StartsWith(plain, StringComparison.Ordinal) || plain.StartsWith(other, StringComparison.Ordinal)));
            if (isNear && distance < least) (nearest, least) = (name, distance);
        }

        return nearest;
    }

    /// <summary>Treats <c>dry_run</c>, <c>dry-run</c> and <c>DryRun</c> as the same name.</summary>
    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    /// <summary>The number of letters to insert, delete, replace or swap with a neighbour (Damerau–Levenshtein distance, each pair swapped at most
    /// once).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }
}
