using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Following;

/// <summary>Maintains something derived from the events, in their order. Every step gets every event exactly once.</summary>
public interface IEventStep
{
    /// <summary>The name under which its position is stored; must never change.</summary>
    string Name { get; }

    /// <summary>
    /// Applies the events. Writes only on this connection: its transaction also advances the position, so that both commit or fail together. State in
    /// memory must tolerate the same events again, on this node or another.
    /// </summary>
    /// <param name="events">Ascending by sequence; numbers that are missing were never committed and never will be. Valid until the method
    /// returns.</param>
    Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<EventRow> events, CancellationToken cancellation);
}
