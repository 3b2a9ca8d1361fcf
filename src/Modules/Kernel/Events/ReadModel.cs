using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Events;

/// <summary>
/// Tables derived from the events for fast reading; one command rebuilds each while Notify runs. Tables that are not derived from events (sealed
/// secrets, leases, the inbox) are not read models; docs/operations.md lists both.
/// </summary>
public interface IReadModel
{
    /// <summary>The name by which a rebuild is requested: <c>alarms</c>.</summary>
    string Name { get; }

    /// <summary>The tables' names without their schema.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <summary>
    /// Rebuilds the tables from the events in short transactions, so that readers and writers continue. An interrupted rebuild leaves some rows not
    /// yet corrected; another one completes it.
    /// </summary>
    /// <param name="audit">The context of the request.</param>
    /// <param name="report">Called from time to time with the progress.</param>
    Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation);
}

/// <param name="Checked">Rows, streams or blocks that were compared.</param>
/// <param name="Written">Those that differed from the events, and were corrected.</param>
/// <param name="Removed">Rows without an event.</param>
/// <param name="Unreadable">Streams with an event that cannot be read; their rows are unchanged, and the history's verification names the
/// event.</param>
public sealed record RebuiltRows(long Checked, long Written, long Removed, long Unreadable = 0)
{
    public static readonly RebuiltRows None = new(0, 0, 0);

    public static RebuiltRows operator +(RebuiltRows a, RebuiltRows b) =>
        new(a.Checked + b.Checked, a.Written + b.Written, a.Removed + b.Removed, a.Unreadable + b.Unreadable);
}

public static class ReadModelRegistration
{
    /// <summary>Call it in the order of rebuilding: a model derived from another's rows comes after it.</summary>
    public static IServiceCollection AddReadModel<T>(this IServiceCollection services)
        where T : class, IReadModel =>
        services.AddSingleton<IReadModel, T>();
}
