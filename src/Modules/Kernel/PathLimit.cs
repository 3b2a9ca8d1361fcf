namespace Notify.Kernel;

/// <summary>
/// The paths to which the caller is limited: the caller sees and changes what is below them, and the rest does not exist for the caller. The limit
/// applies to everything done during a request, but not to work that continues after it: queries and decisions use <see cref="Current"/>.
/// </summary>
public sealed class PathLimit
{
    /// <summary>No limit.</summary>
    public static readonly PathLimit None = new([]);

    private static readonly AsyncLocal<PathLimit?> current = new();

    private readonly PathPattern[] patterns;

    private PathLimit(PathPattern[] patterns) => this.patterns = patterns;

    /// <summary>The limit of the current caller; <see cref="None"/> for what Notify does by itself.</summary>
    public static PathLimit Current => current.Value ?? None;

    public bool IsNone => patterns.Length == 0;

    /// <summary>A PostgreSQL regular expression on the whole path, for <c>~*</c>; null: any path. Of compatible characters it knows only the
    /// full-width ones; a path that equals a pattern by rarer forms is not found.</summary>
    public string? Expression => IsNone ? null : string.Join('|', patterns.Select(x => $"(?:{x.Expression})"));

    /// <summary>The patterns as they were given.</summary>
    public IReadOnlyList<string> Texts => [.. patterns.Select(x => x.Text)];

    /// <param name="paths">Patterns; none: no limit.</param>
    public static PathLimit To(IEnumerable<string> paths) => new([.. paths.Select(PathPattern.Parse)]);

    /// <summary>Applies to the rest of this asynchronous method and to what it calls.</summary>
    public void Apply() => current.Value = this;

    public bool Allows(string? path) => IsNone || Array.Exists(patterns, x => x.Matches(path ?? ""));

    /// <summary>Whether something that is itself limited to paths lies within: there is no limit, or its paths are among those of this one.</summary>
    /// <param name="paths">Patterns as they were given; none: it is not limited.</param>
    public bool Covers(IReadOnlyCollection<string>? paths)
    {
        if (IsNone) return true;
        var own = Texts;
        return paths is { Count: > 0 } && paths.All(x => own.Contains(x, StringComparer.Ordinal));
    }

    public override string ToString() => string.Join(", ", patterns.Select(x => x.Text));
}
