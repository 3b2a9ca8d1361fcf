namespace Notify.Kernel;

/// <summary>
/// The paths to which whoever asks is limited: they see and act on what is below them, and for them the rest does not exist. It holds for all that is
/// done in the course of a request, however deep, and not for what goes on after it: queries and decisions ask <see cref="Current"/>.
/// </summary>
public sealed class PathLimit
{
    /// <summary>Everything.</summary>
    public static readonly PathLimit None = new([]);

    private static readonly AsyncLocal<PathLimit?> current = new();

    private readonly PathPattern[] patterns;

    private PathLimit(PathPattern[] patterns) => this.patterns = patterns;

    /// <summary>Of who asks now; <see cref="None"/> for what Notify does by itself.</summary>
    public static PathLimit Current => current.Value ?? None;

    public bool IsNone => patterns.Length == 0;

    /// <summary>A regular expression of PostgreSQL's for the whole path, for <c>~*</c>; null: any path will do. Of letters that are compared by their
    /// compatible forms it knows the full-width ones; a path that is the same by a rarer form is not found by it.</summary>
    public string? Expression => IsNone ? null : string.Join('|', patterns.Select(x => $"(?:{x.Expression})"));

    /// <summary>The patterns as they were given.</summary>
    public IReadOnlyList<string> Texts => [.. patterns.Select(x => x.Text)];

    /// <param name="paths">Patterns; none: everything.</param>
    public static PathLimit To(IEnumerable<string> paths) => new([.. paths.Select(PathPattern.Parse)]);

    /// <summary>For the rest of this asynchronous method, and what it calls.</summary>
    public void Apply() => current.Value = this;

    public bool Allows(string? path) => IsNone || Array.Exists(patterns, x => x.Matches(path ?? ""));

    public override string ToString() => string.Join(", ", patterns.Select(x => x.Text));
}
