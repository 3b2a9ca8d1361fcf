using Marten;

namespace Notify.Kernel.Resources.Transfer;

/// <summary>
/// A change of several resources at once that is not committed yet. What a module answers to questions asked in its course must already count it:
/// a rule may refer to a service that comes with the same document.
/// </summary>
public static class ChangeUnderWay
{
    private static readonly AsyncLocal<IQuerySession?> session = new();

    /// <summary>The session that sees the change, if this question is asked in the course of one; else the one given.</summary>
    public static IQuerySession SessionOr(IQuerySession usual) => session.Value ?? usual;

    /// <summary>What is asked now may see what is not committed.</summary>
    internal static bool Is => session.Value is not null;

    internal static void Begin(IQuerySession within) => session.Value = within;
}
