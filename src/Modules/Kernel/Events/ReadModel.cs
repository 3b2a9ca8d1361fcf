using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// Tables that are kept beside the events so that they are read fast, and that follow from them: one command rebuilds each while Notify runs. What is
/// in tables and follows from no event (sealed secrets, leases, the inbox) is none; docs/operations.md lists both.
/// </summary>
public interface IReadModel
{
    /// <summary>By which it is asked for: <c>alarms</c>.</summary>
    string Name { get; }

    /// <summary>Without their schema.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <summary>
    /// Brings the tables to what the events say, in short transactions, so that readers and writers go on meanwhile. A rebuild that is cut off leaves
    /// rows that are right and rows that are not yet; another one does the rest.
    /// </summary>
    /// <param name="audit">Who asked for it.</param>
    /// <param name="report">Called now and then with what was done so far.</param>
    Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation);
}

/// <param name="Checked">Rows, streams or blocks that were compared.</param>
/// <param name="Written">Of them those that were not as their events say, and were written.</param>
/// <param name="Removed">Rows that no event speaks of.</param>
/// <param name="Unreadable">Streams with an event that cannot be read; their rows stay as they were, and the history's verification names the
/// event.</param>
public sealed record RebuiltRows(long Checked, long Written, long Removed, long Unreadable = 0)
{
    public static readonly RebuiltRows None = new(0, 0, 0);

    public static RebuiltRows operator +(RebuiltRows a, RebuiltRows b) =>
        new(a.Checked + b.Checked, a.Written + b.Written, a.Removed + b.Removed, a.Unreadable + b.Unreadable);
}

public static class ReadModelRegistration
{
    /// <summary>In the order in which they are rebuilt: one that follows from another's rows comes after it.</summary>
    public static IServiceCollection AddReadModel<T>(this IServiceCollection services)
        where T : class, IReadModel =>
        services.AddSingleton<IReadModel, T>();
}
