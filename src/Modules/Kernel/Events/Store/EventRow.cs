namespace Notify.Kernel.Events.Store;

/// <summary>An event as stored, in UTF-8. The memory belongs to the reader and is valid until the next row.</summary>
public sealed class EventRow
{
    public long Sequence { get; set; }
    public Guid Id { get; set; }
    public long Version { get; set; }

    /// <summary>Microseconds since 1970, the store's precision.</summary>
    public long At { get; set; }

    public ReadOnlyMemory<byte> Stream { get; set; }
    public ReadOnlyMemory<byte> Type { get; set; }
    public ReadOnlyMemory<byte>? User { get; set; }
    public ReadOnlyMemory<byte>? Correlation { get; set; }
    public ReadOnlyMemory<byte>? Causation { get; set; }

    /// <summary>In PostgreSQL's text form of jsonb, like <see cref="Data"/>.</summary>
    public ReadOnlyMemory<byte>? Headers { get; set; }

    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Archived, so that it is no longer read.</summary>
    public bool Archived { get; set; }

    /// <summary>Whether it has what no event of Notify has: another tenant, a binary form of its data, no stream, or a time outside the years 1 to
    /// 9999.</summary>
    public bool Foreign { get; set; }
}
