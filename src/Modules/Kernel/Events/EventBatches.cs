namespace Notify.Kernel.Events;

/// <summary>Creates every <see cref="EventBatch"/>: one for each transaction.</summary>
public sealed class EventBatches(EventCatalog catalog, TimeProvider time)
{
    public EventBatch New() => new(catalog, time);
}
