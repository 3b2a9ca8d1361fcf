namespace Notify.Delivery.Lanes;

/// <summary>Held for a batch from before it reads the store until its work is taken. It notes sends of the batch's alarms, and lanes taken over by
/// this node, that the batch cannot have seen in the store: such work waits in the store, where it is checked again. Guarded by <see
/// cref="HeldLanes"/>.</summary>
public sealed class BatchWatch(IEnumerable<string> alarmIds, Action<BatchWatch> end) : IDisposable
{
    private readonly HashSet<string> alarms = new(alarmIds, StringComparer.Ordinal);
    private readonly HashSet<string> missed = new(StringComparer.Ordinal);

    internal void Left(string alarmId)
    {
        if (alarms.Contains(alarmId)) missed.Add(alarmId);
    }

    internal void Came(string laneId) => missed.Add(laneId);

    internal bool Missed(Work work) => missed.Count > 0 && (missed.Contains(work.Request.AlarmId) || missed.Contains(work.Lane));

    public void Dispose() => end(this);
}
