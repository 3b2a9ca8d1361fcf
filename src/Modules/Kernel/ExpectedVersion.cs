namespace Notify.Kernel;

/// <summary>The version that a caller expects to change (<c>If-Match</c>): one of these, or any (null).</summary>
public sealed record ExpectedVersion(IReadOnlyList<long>? Versions)
{
    /// <summary>Matches every version.</summary>
    public static readonly ExpectedVersion Any = new(Versions: null);

    public bool Matches(long version) => Versions is null || Versions.Contains(version);
}
