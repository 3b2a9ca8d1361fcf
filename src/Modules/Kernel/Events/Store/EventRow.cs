namespace Notify.Kernel.Events.Store;

/// <summary>An event as it is in the store, in UTF-8. The memory is the reader's: it holds until the next row.</summary>
public sealed class EventRow
{
    public long Sequence { get; set; }
    public Guid Id { get; set; }
    public long Version { get; set; }

    /// <summary>Microseconds since 1970, as precise as the store is.</summary>
    public long At { get; set; }

    public ReadOnlyMemory<byte> Stream { get; set; }
    public ReadOnlyMemory<byte> Type { get; set; }
    public ReadOnlyMemory<byte>? User { get; set; }
    public ReadOnlyMemory<byte>? Correlation { get; set; }
    public ReadOnlyMemory<byte>? Causation { get; set; }

    /// <summary>Headers and data as PostgreSQL writes jsonb.</summary>
    public ReadOnlyMemory<byte>? Headers { get; set; }

    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Put aside by the event store, so that nothing reads it any more; nothing here ever does that.</summary>
    public bool Archived { get; set; }

    /// <summary>It has what no event of Notify has: another tenant, a second, binary form of its data, no stream, or an instant that no clock
    /// shows.</summary>
    public bool Foreign { get; set; }
}
