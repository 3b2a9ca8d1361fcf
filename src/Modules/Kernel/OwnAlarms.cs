using System.Collections.Concurrent;
using System.Globalization;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Kernel;

/// <summary>
/// What this node has told of Notify's own alarms: each state once, an active one again on each day (UTC) on which it lasts, and its end once.
/// Every node tells what it sees; whoever keeps the alarms ignores what it knows already. The Kernel does not know that module, so callers bring its
/// messages.
/// </summary>
public sealed class OwnAlarms(IWolverineRuntime wolverine, TimeProvider time)
{
    /// <summary>By source id: the state and the day of the last message; empty: that the alarm is over.</summary>
    private readonly ConcurrentDictionary<string, string> told = new(StringComparer.Ordinal);

    /// <param name="source">The alarm's source id.</param>
    /// <param name="active">The state as long as it lasts, in the words of the alarm; null: all is well.</param>
    /// <param name="message">Raises or clears the alarm.</param>
    /// <param name="question">Asked before clearing what this node has not raised: another node, or this one before its restart, may have.</param>
    /// <param name="isActive">Whether the answer says that the alarm is active.</param>
    /// <param name="again">Tell what has been told before as well: another node may have told the opposite since.</param>
    /// <returns>Whether the message was sent.</returns>
    public async Task<bool> TellAsync<TAnswer>(
        string source, string? active, object message, object question, Func<TAnswer, bool> isActive, bool again = false)
    {
        var state = active is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{active} {time.GetUtcNow().UtcDateTime:yyyy-MM-dd}");
        var before = told.GetValueOrDefault(source);
        if (before == state && !again) return false;
        var bus = new MessageBus(wolverine);
        // What this node has raised may still be on its way. A stop does not cut the question off: the bus would log that as a failure.
        var isNews = active is not null || before is { Length: > 0 } || isActive(await bus.InvokeAsync<TAnswer>(question, CancellationToken.None));
        if (isNews) await bus.PublishAsync(message);
        told[source] = state;
        return isNews;
    }

    /// <summary>Whether the last thing told of it is that all is well.</summary>
    public bool IsOver(string source) => told.GetValueOrDefault(source) is "";

    /// <summary>This node does not know the state any more: the next one is told, whatever it is.</summary>
    public void Forget(string source) => told.TryRemove(source, out _);
}
