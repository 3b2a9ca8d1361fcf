using Marten;

namespace Notify.Kernel.Resources;

/// <summary>
/// A change of several resources at once that is not committed yet. Queries made during it must already see it: a rule may refer to a service from
/// the same document. All its events have the same time.
/// </summary>
public sealed class ChangeUnderWay : IDisposable
{
    private static readonly AsyncLocal<ChangeUnderWay?> current = new();

    private readonly IQuerySession session;
    private readonly DateTimeOffset at;

    /// <summary>Work that was started during the change and outlives it is not part of it.</summary>
    private volatile bool ended;

    private ChangeUnderWay(IQuerySession session, DateTimeOffset at) => (this.session, this.at) = (session, at);

    /// <summary>Whether queries made now may see uncommitted changes.</summary>
    internal static bool Is => Current is not null;

    /// <summary>The time of all its events; null outside of one.</summary>
    internal static DateTimeOffset? Instant => Current?.at;

    private static ChangeUnderWay? Current => current.Value is { ended: false } change ? change : null;

    /// <summary>The session of the current change, if there is one; else the given session.</summary>
    public static IQuerySession SessionOr(IQuerySession usual) => Current?.session ?? usual;

    public void Dispose() => ended = true;

    /// <summary>Lasts until the result is disposed of.</summary>
    public static ChangeUnderWay Begin(IQuerySession within, DateTimeOffset at) => current.Value = new ChangeUnderWay(within, at);
}
