using Marten;

namespace Notify.Kernel.Resources;

/// <summary>
/// A change of several resources at once that is not committed yet. What a module answers to questions asked in its course must already count it:
/// a rule may refer to a service that comes with the same document. All its events have one instant.
/// </summary>
public sealed class ChangeUnderWay : IDisposable
{
    private static readonly AsyncLocal<ChangeUnderWay?> current = new();

    private readonly IQuerySession session;
    private readonly DateTimeOffset at;

    /// <summary>Work that was started during it and outlives it is not part of it.</summary>
    private volatile bool ended;

    private ChangeUnderWay(IQuerySession session, DateTimeOffset at) => (this.session, this.at) = (session, at);

    /// <summary>Questions asked now may see uncommitted changes.</summary>
    internal static bool Is => Current is not null;

    /// <summary>The one instant of all its events; null when this is not asked in the course of one.</summary>
    internal static DateTimeOffset? Instant => Current?.at;

    private static ChangeUnderWay? Current => current.Value is { ended: false } change ? change : null;

    /// <summary>The session that sees the change, if this question is asked in the course of one; else the one given.</summary>
    public static IQuerySession SessionOr(IQuerySession usual) => Current?.session ?? usual;

    public void Dispose() => ended = true;

    /// <summary>Until the result is disposed of.</summary>
    public static ChangeUnderWay Begin(IQuerySession within, DateTimeOffset at) => current.Value = new ChangeUnderWay(within, at);
}
