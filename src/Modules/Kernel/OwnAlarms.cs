using System.Collections.Concurrent;
using System.Globalization;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Kernel;

/// <summary>
/// Sends this node's messages about Notify's own alarms: each state once, an active one again on each day (UTC), and its end once. Every node reports
/// what it sees; the Alarms module ignores what it already knows. The Kernel does not know that module, so callers provide its message, and the
/// module itself its question.
/// </summary>
public sealed class OwnAlarms(IWolverineRuntime wolverine, OwnAlarmQuestion question, TimeProvider time)
{
    /// <summary>By source id.</summary>
    private readonly ConcurrentDictionary<string, Told> told = new(StringComparer.Ordinal);

    private sealed class Told
    {
        /// <summary>One after the other: an end that is being asked about must not overtake what is raised meanwhile.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        /// <summary>The state and day of the last message; empty: the alarm was reported as over; null: nothing was sent.</summary>
        public volatile string? State;
    }

    /// <param name="source">The alarm's source id.</param>
    /// <param name="active">A text of the active state; null: there is no fault.</param>
    /// <param name="message">Raises or clears the alarm.</param>
    /// <param name="again">Whether to repeat the last message: another node may have reported the opposite since.</param>
    /// <returns>Whether the message was sent.</returns>
    public async Task<bool> TellAsync(string source, string? active, object message, bool again = false)
    {
        var state = active is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{active} {time.GetUtcNow().UtcDateTime:yyyy-MM-dd}");
        var last = told.GetOrAdd(source, _ => new());
        await last.Turn.WaitAsync();
        try
        {
            var before = last.State;
            if (before == state && !again) return false;
            var bus = new MessageBus(wolverine);
            // This node's earlier message may still be on its way. An alarm that this node has not raised may be another node's, or an earlier
            // process's.
            var isNews = active is not null || before is { Length: > 0 } || await question.IsActiveAsync(bus, source);
            if (isNews) await bus.PublishAsync(message);
            last.State = state;
            return isNews;
        }
        finally
        {
            last.Turn.Release();
        }
    }

    /// <summary>Whether the last report was that there is no fault.</summary>
    public bool IsOver(string source) => told.GetValueOrDefault(source)?.State is "";

    /// <summary>Discards the last known state, so that the next one is reported, whatever it is.</summary>
    public void Forget(string source)
    {
        if (told.TryGetValue(source, out var last)) last.State = null;
    }
}

/// <summary>Asks whether an alarm of Notify's own is active. Registered by the Alarms module.</summary>
public sealed class OwnAlarmQuestion
{
    private readonly Func<IMessageBus, string, Task<bool>> ask;

    private OwnAlarmQuestion(Func<IMessageBus, string, Task<bool>> ask) => this.ask = ask;

    /// <param name="question">The question about an alarm's source id.</param>
    /// <param name="isActive">Whether the answer states that the alarm is active.</param>
    public static OwnAlarmQuestion Of<TAnswer>(Func<string, object> question, Func<TAnswer, bool> isActive) =>
        // Not cancelled on shutdown, which the bus would log as a failure.
        new(async (bus, source) => isActive(await bus.InvokeAsync<TAnswer>(question(source), CancellationToken.None)));

    public Task<bool> IsActiveAsync(IMessageBus bus, string source) => ask(bus, source);
}
