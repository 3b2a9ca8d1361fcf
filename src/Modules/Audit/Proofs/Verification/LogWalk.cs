using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Goes through the log leaf by leaf, and compares the root with each checkpoint as it passes its size.</summary>
/// <param name="checkpoints">By size.</param>
/// <param name="badCheckpoint">What is wrong with the checkpoints themselves; reported unless something else says more.</param>
public sealed class LogWalk(IReadOnlyList<Checkpoint> checkpoints, Finding? badCheckpoint)
{
    private readonly CompactRange stored = new();
    private readonly Dictionary<int, List<byte[]>> nodes = [];
    private CompactRange? computed;
    private int next;
    private long firstSequenceUnchecked;

    public Finding? FirstBad { get; private set; }

    /// <summary>Going on would not name it better.</summary>
    public bool IsDecided { get; private set; }

    public long Size => stored.Size;

    public long LastSequence { get; private set; }

    public Checkpoint? LastGood { get; private set; }

    public long NodeCount => nodes.Values.Sum(x => (long)x.Count);

    public byte[]? NodeAt(int height, long index) => nodes.TryGetValue(height, out var list) && index >= 0 && index < list.Count ? list[(int)index] : null;

    public void Found(Finding finding) => FirstBad ??= finding;

    public void Add(VerifiedChunk chunk)
    {
        stored.OnCompleted ??= (height, _, hash) =>
        {
            if (height % LogReader.Stride != 0) return;
            if (!nodes.TryGetValue(height, out var list)) nodes[height] = list = [];
            list.Add(hash.ToArray());
        };
        if (firstSequenceUnchecked == 0) firstSequenceUnchecked = chunk.FirstSequence;
        for (var i = 0; i < chunk.Count && !IsDecided; i++)
        {
            if (i == chunk.BadAt) Disagree(chunk);
            stored.Append(chunk.Hashes.AsSpan(i * Sha256.Size, Sha256.Size));
            computed?.Append(chunk.Computed.AsSpan(i * Sha256.Size, Sha256.Size));
            if (next < checkpoints.Count && checkpoints[next].Size == stored.Size) Compare(checkpoints[next++], chunk);
        }

        if (chunk.BadAt >= chunk.Count) Disagree(chunk);
        // A row of the log that does not hold together cannot be gone beyond.
        IsDecided |= chunk.Count == 0;
        LastSequence = chunk.LastSequence;
    }

    /// <summary>Which of the two was changed, the event or the log, the next checkpoint says.</summary>
    private void Disagree(VerifiedChunk chunk)
    {
        if (chunk.Bad is null || FirstBad is not null) return;
        FirstBad = chunk.Bad;
        computed = stored.Copy();
    }

    public void End()
    {
        if (FirstBad is null && checkpoints.Count > 0 && checkpoints[^1] is var last && last.Size > Size)
        {
            Found(new Finding("deleted", $"The log has {Size} entries, but {last.Size} were signed at {last.At:u}: the end of the history was removed, or the database was restored from an older copy."));
        }

        if (badCheckpoint is not null) Found(badCheckpoint);
    }

    private void Compare(Checkpoint checkpoint, VerifiedChunk chunk)
    {
        var good = stored.Root().AsSpan().SequenceEqual(checkpoint.Root);
        if (FirstBad is null && good)
        {
            (LastGood, firstSequenceUnchecked) = (checkpoint, 0);
            return;
        }

        if (FirstBad is null)
        {
            var after = LastGood is null ? "from the beginning on" : $"after entry {LastGood.Size}, signed at {LastGood.At:u}";
            FirstBad = new Finding(
                "rewritten", $"The history was rewritten {after}, events and log together: entry {checkpoint.Size} and those before it are not what was signed at {checkpoint.At:u}.",
                firstSequenceUnchecked == 0 ? chunk.FirstSequence : firstSequenceUnchecked);
        }
        else if (!good && computed!.Root().AsSpan().SequenceEqual(checkpoint.Root))
        {
            FirstBad = new Finding("log", $"The log's own table was changed: the leaf of the event {FirstBad.Sequence} is not the one that was signed; the event itself is good.", FirstBad.Sequence, FirstBad.Type, FirstBad.StreamId);
        }
        else if (!good)
        {
            FirstBad = FirstBad with { Explanation = FirstBad.Explanation + " The log's own table was changed too: it is not what was signed." };
        }

        IsDecided = true;
    }
}
