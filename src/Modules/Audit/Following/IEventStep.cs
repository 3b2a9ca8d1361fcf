using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Following;

/// <summary>Maintains something derived from the events, in their order. Every step gets every event exactly once.</summary>
public interface IEventStep
{
    /// <summary>What its position is stored under; never changes.</summary>
    string Name { get; }

    /// <summary>
    /// Writes on this connection and nowhere else: its transaction also moves the position, and commits or fails with it. A step's memory must
    /// tolerate the same events again, on this node or another.
    /// </summary>
    /// <param name="events">Ascending by sequence; numbers that are missing were never committed and never will be. Their memory holds until the
    /// method ends.</param>
    Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<EventRow> events, CancellationToken cancellation);
}
