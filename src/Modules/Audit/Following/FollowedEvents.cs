using Notify.Kernel.Events.Store;

namespace Notify.Audit.Following;

/// <summary>The events of one batch, in UTF-8 as they are in the store, in memory that the next batch reuses: steps must not keep references to
/// it.</summary>
internal sealed class FollowedEvents
{
    private const int ChunkSize = 1 << 20;

    private readonly List<EventRow> rows = [];
    private readonly List<byte[]> chunks = [];
    private int count;
    private int chunk;
    private int used;

    public List<EventRow> Rows => rows[..count];

    public void Clear() => (count, chunk, used) = (0, 0, 0);

    public void Add(EventRow e)
    {
        if (count == rows.Count) rows.Add(new EventRow());
        var row = rows[count++];
        (row.Sequence, row.Id, row.Version, row.At, row.Archived) = (e.Sequence, e.Id, e.Version, e.At, e.Archived);
        (row.Stream, row.Type, row.User) = (Copy(e.Stream), Copy(e.Type), Copy(e.User));
        (row.Correlation, row.Causation) = (Copy(e.Correlation), Copy(e.Causation));
        (row.Headers, row.Data) = (Copy(e.Headers), Copy(e.Data));
    }

    private ReadOnlyMemory<byte>? Copy(ReadOnlyMemory<byte>? text) => text is { } value ? Copy(value) : default(ReadOnlyMemory<byte>?);

    private ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> text)
    {
        // Large values get memory of their own, which is not reused.
        if (text.Length > ChunkSize / 4) return text.ToArray();
        if (chunk < chunks.Count && used + text.Length > ChunkSize) (chunk, used) = (chunk + 1, 0);
        if (chunk == chunks.Count) chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkSize));
        var copy = chunks[chunk].AsMemory(used, text.Length);
        text.CopyTo(copy);
        used += text.Length;
        return copy;
    }
}
